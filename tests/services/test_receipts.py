"""What becomes of a text message: told by either provider, believed for the message it names, once."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.models import InboxNotice, OutboxMessage
from core.services import outbox
from desk import open_work, queues
from integrations import registry
from notices.models import Message
from notices.services import messages, sending
from sandbox import keys
from sandbox.models import FaultOrder
from sandbox.post import SmsReceipt
from sandbox.services import faults, notices, receipts
from tests import make
from tests.trust import AT

pytestmark = pytest.mark.django_db
State = Message.State
LATER = AT + timedelta(minutes=1)


@pytest.fixture(params=["aliyun", "tencent"])
def vendor(request: Any, settings: Any) -> str:
    """The provider in use, and the address for its receipts in its console."""
    settings.SANDBOX_SMS_RECEIPTS = f"{settings.SITE_URL}/api/receipts/"
    chosen = settings.PROVIDERS["sms"]
    settings.PROVIDERS = {**settings.PROVIDERS, "sms": {**chosen, "default": chosen[request.param]}}
    return str(request.param)


def sent(phone: str = "13800010001", step: str = "order:1:shipped") -> Message:
    user = User.objects.filter(login=phone).first() or User.objects.create_user(phone, phone=phone)
    messages.inform(user, "order_shipped", {"order": "XO1", "waybill": "SF1"}, step=step, at=AT)
    row = Message.objects.get(step=step, channel="SMS")
    with make.moment(AT):
        sending.send(row.pk, AT)
    return Message.objects.get(pk=row.pk)


def told(at: Any = LATER) -> int:
    """Post what is due, and act on it."""
    with make.moment(at):
        count = receipts.deliver_due(at, notices.into(Client()))
        make.drain(at)
    return count


def again(row: Message) -> Message:
    return Message.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("phone", "state", "reason"),
    [
        ("13800010001", State.DELIVERED, "DELIV"),
        ("13800019901", State.FAILED, "MK:0001"),
        ("13800019909", State.SENT, ""),
    ],
)
def test_a_message_learns_what_became_of_it(vendor: str, phone: str, state: str, reason: str) -> None:
    row = sent(phone)
    assert row.state == State.SENT
    assert told() == (state != State.SENT)
    row = again(row)
    assert (row.state, row.reason[: len(reason)]) == (state, reason)
    assert (row.outcome_at is None) == (state == State.SENT)
    assert SmsReceipt.objects.filter(delivered_at=None).count() == 0
    for notice in InboxNotice.objects.all():
        assert phone.encode() not in bytes(notice.body)  # what is stored names nobody


def test_a_receipt_told_again_changes_nothing(vendor: str) -> None:
    faults.order("notice:sms", FaultOrder.Kind.DUPLICATE)
    row = sent()
    assert told() == 2
    assert InboxNotice.objects.get().outcome == "1 of 1 new"
    assert again(row).state == State.DELIVERED


def test_a_lost_answer_stays_unknown_until_a_receipt_names_our_number(vendor: str) -> None:
    """Tencent's receipts name its own number only, which we never learnt: that one stays unknown."""
    faults.order("SendSms", FaultOrder.Kind.LOSE_REPLY)
    row = sent()
    assert row.state == State.UNKNOWN
    told()
    assert again(row).state == (State.DELIVERED if vendor == "aliyun" else State.UNKNOWN)


def test_a_receipt_may_overtake_the_answer(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker still waits for the answer when the receipt is acted on."""
    real = registry.sms()

    class Slow:
        def send(self, *letter: Any) -> Any:
            accepted = real.send(*letter)
            Message.objects.update(provider_number=accepted.provider_id)  # as Aliyun's out_id would find it
            told()
            return accepted

    monkeypatch.setattr(registry, "sms", lambda name="default": Slow() if name == "default" else real)
    assert sent().state == State.DELIVERED


def overtaken(monkeypatch: pytest.MonkeyPatch) -> Message:
    """A message whose receipt is acted on while its number is known to nobody."""
    real = registry.sms()

    class Slow:
        def send(self, *letter: Any) -> Any:
            accepted = real.send(*letter)
            told()
            return accepted

    monkeypatch.setattr(registry, "sms", lambda name="default": Slow() if name == "default" else real)
    return sent()


def swept(at: Any) -> None:
    """As the clock and the workers do."""
    outbox.sweep(at)
    make.drain(at)


@pytest.mark.parametrize("vendor", ["tencent"], indirect=True)
def test_a_receipt_that_names_a_number_we_do_not_know_yet_waits_for_it(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = overtaken(monkeypatch)
    notice = InboxNotice.objects.get()
    assert (row.state, notice.applied_at, notice.outcome) == (State.SENT, None, "0 of 1 new")
    at = LATER + timedelta(minutes=3)
    swept(at)
    row = again(row)
    notice.refresh_from_db()
    assert (row.state, notice.applied_at, notice.outcome) == (State.DELIVERED, at, "1 of 1 new")
    assert row.outcome_at is not None
    assert row.outcome_at < at  # the carrier's time, not ours
    swept(at + timedelta(minutes=9))
    assert (again(row).state, InboxNotice.objects.get().outcome) == (State.DELIVERED, "1 of 1 new")


@pytest.mark.parametrize("vendor", ["tencent"], indirect=True)
def test_it_waits_for_minutes_and_then_is_about_no_message_of_ours(vendor: str) -> None:
    faults.order("SendSms", FaultOrder.Kind.LOSE_REPLY)
    row = sent()
    told()
    at, looks = LATER, 0
    while InboxNotice.objects.filter(applied_at=None).exists():
        at, looks = at + timedelta(minutes=3), looks + 1
        swept(at)
    assert (again(row).state, InboxNotice.objects.get().outcome) == (State.UNKNOWN, "0 of 1 new")
    assert 5 < looks < 10
    assert not OutboxMessage.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("vendor", ["tencent"], indirect=True)
def test_one_that_names_our_number_and_another_phone_waits_for_nothing(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = overtaken(monkeypatch)
    other = User.objects.create_user("13900000000", phone="13900000000")
    Message.objects.filter(pk=row.pk).update(provider_number="")
    Message.objects.create(
        user=other, channel="SMS", template="code", step="x", created_at=AT, not_before=AT, phone="13900000000",
        provider_number=row.provider_number,
    )  # fmt: skip
    swept(LATER + timedelta(minutes=3))
    assert InboxNotice.objects.get().outcome == "0 of 1 new"
    assert InboxNotice.objects.get().applied_at is not None


def test_a_strangers_word_is_worth_nothing(vendor: str) -> None:
    faults.order("notice:sms", FaultOrder.Kind.FORGED)
    row = sent()
    assert told() == 0
    assert (again(row).state, InboxNotice.objects.count()) == (State.SENT, 0)


def test_who_is_not_reached_stands_at_the_desk_until_something_arrives(vendor: str) -> None:
    customer = make.customer()
    phone, [number] = "13800019903", [customer.number]
    customer.user.phone = phone
    customer.user.save()
    messages.inform(customer.user, "order_shipped", {"order": "XO1", "waybill": "SF1"}, step="a", at=AT)
    deliver("a")
    [row] = open_work.unreached(LATER)
    shown = queues._unreached_row(row, LATER)
    assert (shown.title, shown.text) == (number, "短信 · UNDELIV 用户关机或不在服务区")
    assert not open_work.unreached(LATER + timedelta(days=15))
    customer.user.phone = "13800010001"
    customer.user.save()
    messages.inform(customer.user, "order_shipped", {"order": "XO1", "waybill": "SF1"}, step="b", at=LATER)
    deliver("b", LATER)
    assert not open_work.unreached(LATER + timedelta(hours=1))


def deliver(step: str, at: Any = AT) -> None:
    with make.moment(at):
        sending.send(Message.objects.get(step=step, channel="SMS").pk, at)
    told(at + timedelta(minutes=1))


@pytest.mark.parametrize("change", [{"phone_number": "13900000000"}, {"biz_id": "1"}, {"out_id": "message-0"}])
def test_a_receipt_that_names_another_phone_or_number_is_about_no_message_of_ours(
    settings: Any, change: dict[str, str]
) -> None:
    settings.SANDBOX_SMS_RECEIPTS = f"{settings.SITE_URL}/api/receipts/"
    row = sent()
    said = {**SmsReceipt.objects.get().told["receipts"][0], **change}
    assert post([said]).status_code == 200
    make.drain(LATER)
    assert (again(row).state, InboxNotice.objects.get().outcome) == (State.SENT, "0 of 1 new")


def test_the_door_takes_receipts_only(settings: Any) -> None:
    assert post("x", raw=True).status_code == 400
    assert post("x" * 70_000, raw=True).status_code == 413
    assert Client().post("/api/receipts/aliyun/wrong/", "[]", content_type="application/json").status_code == 404
    assert Client().get(f"/api/receipts/aliyun/{secret()}/").status_code == 405
    assert post([], vendor="nobody").status_code == 404
    assert not InboxNotice.objects.exists()


def secret() -> str:
    return keys.sms_receipt_secret()


def post(said: Any, *, vendor: str = "aliyun", raw: bool = False) -> Any:
    body = said if raw else json.dumps(said)
    with make.moment(LATER):
        return Client().post(f"/api/receipts/{vendor}/{secret()}/", body, content_type="application/json")
