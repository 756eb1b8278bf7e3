"""Messages: once for a step, at decent hours, one way out, never sent twice."""

import ast
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist

from accounts.models import User
from core import clock
from core.models import OutboxMessage
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.sms import SmsAccepted
from notices.models import Message, ReminderStep
from notices.rules import conduct
from notices.rules.sms_texts import TEXTS
from notices.services import inbox, messages, rendering, sending
from notices.tasks import send as send_task
from sandbox.models import FaultOrder, SmsMessage
from sandbox.services import faults
from tests.trust import AT, PHONE

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # 08:00
State = Message.State


def local(hour: int, minute: int = 0) -> datetime:
    """An instant of 23 November in Shanghai, which is UTC+8."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def user() -> User:
    return User.objects.create_user("reader", phone=PHONE)


class Carrier:
    """Counts what it is asked to send."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure, self.sent = failure, list[tuple[str, str, dict[str, str], str]]()

    def send(self, phone: str, template: str, params: Mapping[str, str], out_id: str) -> SmsAccepted:
        self.sent.append((phone, template, dict(params), out_id))
        if self.failure:
            raise self.failure
        return SmsAccepted("biz-1")


def use(monkeypatch: pytest.MonkeyPatch, failure: Exception | None = None) -> Carrier:
    carrier = Carrier(failure)
    monkeypatch.setattr(registry, "sms", lambda: carrier)
    return carrier


def shipped(user: User, at: datetime = AT, *, urgent: bool = False, step: str = "order:1:shipped") -> list[str]:
    params = {"order": "XO1", "waybill": "SF1"}
    return messages.inform(user, "order_shipped", params, step=step, at=at, urgent=urgent, link="/orders/XO1/")


def sms_of(user: User) -> Message:
    return Message.objects.get(user=user, channel="SMS")


@pytest.mark.parametrize(
    ("at", "urgent", "reminder", "due"),
    [
        (local(8), False, False, local(8)),
        (local(21, 59), False, False, local(21, 59)),
        (local(22), False, False, local(8) + timedelta(days=1)),
        (local(7, 59), False, False, local(8)),
        (local(0, 5), False, True, local(10)),
        (local(9), False, True, local(10)),
        (local(10), False, True, local(10)),
        (local(22), False, True, local(10) + timedelta(days=1)),
        (local(3), True, False, local(3)),
    ],
)
def test_nobody_is_reached_at_night(at: datetime, urgent: bool, reminder: bool, due: datetime) -> None:
    assert conduct.earliest(at, urgent=urgent, reminder=reminder) == due


def test_a_message_stands_in_the_inbox_at_once_and_goes_out_by_sms(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch)
    shipped(user)
    assert [message.state for message in inbox.of(user)] == [State.SENT]
    queued = OutboxMessage.objects.get(topic="message.queued")
    with clock.standing_at(AT):  # by day: at night it would wait
        send_task(queued.pk, queued.payload)
    row = sms_of(user)
    assert (row.state, row.provider_number) == (State.SENT, "biz-1")
    assert carrier.sent == [(PHONE, "order_shipped", {"order": "XO1", "waybill": "SF1"}, f"message-{row.pk}")]


def test_over_the_wire_the_sandbox_receives_it(user: User) -> None:
    shipped(user)
    sending.send(sms_of(user).pk, AT)
    arrived = SmsMessage.objects.get()
    assert (arrived.phone, arrived.params["waybill"]) == (PHONE, "SF1")
    assert sms_of(user).provider_number == arrived.biz_id


def test_a_step_is_told_once(user: User) -> None:
    assert len(shipped(user)) == 2
    assert shipped(user, AT + timedelta(days=1)) == []
    assert Message.objects.count() == 2
    assert OutboxMessage.objects.count() == 1


def test_at_night_the_sms_waits_for_the_morning(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch)
    shipped(user, NIGHT)
    assert OutboxMessage.objects.count() == 0
    assert sending.send_due(MORNING - timedelta(seconds=1)) == 0
    assert sending.send_due(MORNING) == 1
    assert len(carrier.sent) == 1
    assert sending.send_due(MORNING) == 0


def test_a_worker_that_is_late_does_not_send_at_night_either(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queued at noon, the worker was down until 23:00: the guard stands where the SMS leaves."""
    carrier = use(monkeypatch)
    shipped(user)
    sending.send(sms_of(user).pk, NIGHT)
    assert carrier.sent == []
    assert (sms_of(user).state, sms_of(user).not_before) == (State.QUEUED, MORNING)


def test_what_the_person_asks_for_this_minute_goes_at_night_too(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch)
    row = messages.code(PHONE, "123456", purpose="sign:abcdef", language="zh-hans", step="code:1", at=NIGHT)
    assert row is not None
    sending.send(row.pk, NIGHT)
    assert carrier.sent == [(PHONE, "code", {"code": "123456"}, f"message-{row.pk}")]
    assert Message.objects.get(pk=row.pk).secret is None


def test_a_reminder_waits_for_ten(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch)
    monkeypatch.setattr(rendering, "check", lambda template: None)
    messages.inform(user, "bill_due", {}, step="bill:1:T-3", at=local(0, 5))
    assert sending.send_due(local(9, 59)) == 0
    assert sending.send_due(local(10)) == 1
    assert len(carrier.sent) == 1


@pytest.mark.parametrize(
    "template",
    ["bill_overdue", "day_rent_began", "default_ahead", "demand_letter", "extension_broken", "termination_planned",
     "lease_unpaid", "renewal_overdue", "damage_second_notice", "deposit_deduction_planned", "loss_reported"],
)  # fmt: skip
def test_whatever_asks_for_money_or_warns_waits_for_ten(
    user: User, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By day's first light news may come, a demand may not; also when a worker takes it up at eight itself."""
    carrier = use(monkeypatch)
    monkeypatch.setattr(rendering, "check", lambda template: None)
    messages.inform(user, template, {}, step="asked", at=local(8))
    row = sms_of(user)
    assert row.not_before == local(10)
    Message.objects.filter(pk=row.pk).update(not_before=local(8))
    sending.send(row.pk, local(8))
    assert (carrier.sent, sms_of(user).not_before) == ([], local(10))


GOOD_NEWS = {  # they name a sum that is given, or that moved already
    "fault_done", "found_late", "found_returned", "deposit_deducted", "balance_used", "refund_failed", "refund_by_hand",
    "dispute_opened", "broken_reported",
}  # fmt: skip


def test_a_text_that_names_a_sum_or_says_pay_is_one_that_asks() -> None:
    """Of a new text one asks here: does it ask for money, or warn? Then it belongs to `messages.ASKING` or WARNING."""
    says = re.compile(r"\$\{amount\}|\bpay (?!by|when)|\bowed\b|overdue", re.I)
    asks = {name.removesuffix("_en") for name, text in TEXTS.items() if says.search(text)}
    assert {name for name in asks if not messages.is_reminder(name)} == GOOD_NEWS


def test_a_time_out_is_unknown_and_never_sent_again(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch, ProviderUnavailable("timeout"))
    shipped(user)
    for _ in range(3):
        sending.send(sms_of(user).pk, AT)
        sending.send_due(AT + timedelta(hours=1))
    assert len(carrier.sent) == 1
    assert sms_of(user).state == State.UNKNOWN


def test_a_round_ends_at_the_first_silence_of_the_provider(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others stay queued for the next round, instead of being lost one time-out after the other."""
    carrier = use(monkeypatch, ProviderUnavailable("timeout"))
    for number in range(3):
        shipped(user, NIGHT, step=f"order:{number}:shipped")
    assert sending.send_due(MORNING) == 1
    carrier.failure = None
    assert sending.send_due(MORNING) == 2
    assert len(carrier.sent) == 3


def test_a_lost_reply_of_the_provider_sends_one_sms(user: User) -> None:
    faults.order("SendSms", FaultOrder.Kind.LOSE_REPLY)
    shipped(user)
    sending.send(sms_of(user).pk, AT)
    sending.send_due(AT + timedelta(hours=1))
    assert SmsMessage.objects.count() == 1
    assert sms_of(user).state == State.UNKNOWN


def test_a_refusal_is_final(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch, ProviderRefused("isv.MOBILE_NUMBER_ILLEGAL"))
    row = messages.code(PHONE, "123456", purpose="sign_in", language="zh-hans", step="code:1", at=AT)
    assert row is not None
    sending.send(row.pk, AT)
    sending.send(row.pk, AT)
    assert len(carrier.sent) == 1
    assert (Message.objects.get(pk=row.pk).state, Message.objects.get(pk=row.pk).secret) == (State.FAILED, None)


def test_a_sender_that_died_on_the_way_leaves_an_unknown_outcome(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It committed SENDING and was killed: perhaps the SMS went, so nobody sends it again."""
    carrier = use(monkeypatch, KeyboardInterrupt())  # type: ignore[arg-type]
    shipped(user)
    with pytest.raises(KeyboardInterrupt):
        sending.send(sms_of(user).pk, AT)
    assert sms_of(user).state == State.SENDING
    sending.send_due(AT + timedelta(minutes=9))
    assert sms_of(user).state == State.SENDING
    sending.send_due(AT + timedelta(minutes=11))
    assert sms_of(user).state == State.UNKNOWN
    assert len(carrier.sent) == 1


def test_a_person_without_a_phone_is_told_in_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    user = User.objects.create_user("no phone")
    assert shipped(user) == ["IN_APP"]


def test_the_words_come_in_the_readers_language_and_are_not_escaped_twice(user: User) -> None:
    user.language = "en"
    user.save()
    messages.inform(user, "order_shipped", {"order": "<b>", "waybill": "S&F"}, step="x", at=AT, sms=False)
    text = rendering.body(inbox.of(user).get())
    assert "order <b> is on its way, waybill S&F" in text


def test_amounts_are_printed_as_money(user: User) -> None:
    user.language = "en"
    user.save()
    messages.inform(user, "credit_granted", {"grade": "A", "quota": "6000.00"}, step="x", at=AT, sms=False)
    assert "¥6,000.00" in rendering.body(inbox.of(user).get())


def test_a_message_without_words_is_refused_when_it_is_made(user: User) -> None:
    with pytest.raises(TemplateDoesNotExist):
        messages.inform(user, "nobody_wrote_this", {}, step="x", at=AT)
    assert Message.objects.count() == 0


def test_reading_is_noted_once(user: User) -> None:
    shipped(user)
    row = inbox.of(user).get()
    assert inbox.unread(user) == 1
    inbox.read(row, AT)
    inbox.read(row, AT + timedelta(days=1))
    assert (inbox.of(user).get().read_at, inbox.unread(user)) == (AT, 0)


def test_every_message_that_the_house_sends_has_its_words() -> None:
    """Template names are literals at the calls; each has its file, and each file is somebody's."""
    written = {path.stem for path in (settings.BASE_DIR / "templates" / "messages").glob("*.txt")}
    named = set()
    for source in _sources():
        text = source.read_text()
        if "messages.inform" in text or "tell(" in text:
            literals = {
                node.value
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            named |= literals & written
            for call in re.findall(r"messages\.inform\(\s*[^,]+,\s*\"(\w+)\"", text):
                assert call in written, f"{source.name}: {call}"
    named |= {ReminderStep(days=day).event for day in (-1, 0, 1)}
    assert written - named <= {"code"}


WAY_OUT = r"registry\.sms\(\)|registry\.mail\(|send_mail\(|EmailMessage\(|\)\.send\("


def test_one_function_alone_lets_an_sms_out() -> None:
    """The conduct guard stands there; a second way out would walk past it."""
    ways = [source.name for source in _sources() if re.search(WAY_OUT, source.read_text())]
    assert ways == ["sending.py"]


def _sources() -> list[Path]:
    rooms = (
        "accounts",
        "arrears",
        "visits",
        "notices",
        "catalog",
        "credit",
        "contracts",
        "billing",
        "orders",
        "storefront",
        "portal",
    )
    doors = ("desk", "api", "rental", "core")
    return [path for room in rooms + doors for path in (settings.BASE_DIR / room).rglob("*.py")]


def test_every_text_for_phones_stands_in_both_languages_with_the_same_places() -> None:
    chinese = {name for name in TEXTS if not name.endswith("_en")}
    assert {f"{name}_en" for name in chinese} == TEXTS.keys() - chinese
    for name in chinese:
        assert _places(TEXTS[name]) == _places(TEXTS[f"{name}_en"]), name


def test_every_message_that_goes_to_phones_has_its_text() -> None:
    """Those of identity, credit and refunds with their reasons stand in the app only."""
    in_app_only = {"identity_verified", "identity_refused", "credit_granted", "credit_refused", "credit_no_score"}
    in_app_only |= {"refund_intended", "reduced"}
    words = {path.stem for path in (settings.BASE_DIR / "templates" / "messages").glob("*.txt")}
    assert words - in_app_only == {name for name in TEXTS if not name.endswith("_en")}


def _places(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", text))
