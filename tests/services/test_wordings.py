"""The words that operators set: dated, kept, spoken by what is made after; and the calendar of reminders."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing import jobs
from core.calendar import instant
from notices.models import Message, ReminderStep, Wording
from notices.services import inbox, messages, rendering, sending, wordings
from tests import things
from tests.services.test_messages import use
from tests.trust import AT, PHONE

pytestmark = pytest.mark.django_db
NEW = "尾款提醒：¥${amount}，${due}，租约 ${lease}"
LATER = AT + timedelta(hours=1)
PARAMS = {"amount": "1541.83", "due": "2026-12-05", "lease": "L1", "number": "2", "last_free_day": "2026-12-08"}


@pytest.fixture
def user() -> User:
    return User.objects.create_user("reader", phone=PHONE)


def test_a_message_speaks_the_words_that_were_in_force_when_it_was_made(user: User) -> None:
    messages.inform(user, "bill_due_soon", PARAMS, step="a", at=AT)
    wordings.set_words("bill_due_soon", "IN_APP", "zh-hans", NEW, "", "operator:1", LATER)
    messages.inform(user, "bill_due_soon", PARAMS, step="b", at=LATER)
    newer, older = rendering.bodies(inbox.of(user))
    assert newer == "尾款提醒：¥1,541.83，12月5日，租约 L1"
    assert older == "租约 L1 第 2 期租金 ¥1,541.83，应付日 12月5日。"


def test_all_of_an_inbox_is_read_in_one_query_more(user: User) -> None:
    for number in range(5):
        messages.inform(user, "bill_due_soon", PARAMS, step=str(number), at=AT)
    rows = list(inbox.of(user))
    with CaptureQueriesContext(connection) as seen:
        assert len(rendering.bodies(rows)) == 5
    assert len(seen) == 1


def test_an_sms_goes_under_the_name_that_was_approved_for_the_text(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = use(monkeypatch)
    wordings.set_words("bill_due_soon", "SMS", "zh-hans", NEW, "SMS_77", "operator:1", AT)
    for step, template in (("a", "bill_due_soon"), ("b", "bill_due"), ("c", "order_shipped")):
        messages.inform(user, template, PARAMS, step=step, at=LATER)
    for row in Message.objects.filter(channel="SMS").order_by("id"):
        sending.send(row.pk, LATER)
    assert [sent[1] for sent in carrier.sent] == ["SMS_77", "bill_due", "order_shipped"]


@pytest.mark.parametrize("text", ["Pay!", "${amount} ${waybill}", "¥${amount} {{ x }}", "¥${amount} 通知你的家人"])
def test_unfit_words_never_come_into_force(text: str) -> None:
    with pytest.raises(wordings.NotSayable):
        wordings.set_words("bill_due", "IN_APP", "zh-hans", text, "", "operator:1", AT)
    with pytest.raises(wordings.UnknownEvent):
        wordings.set_words("bill_dew", "IN_APP", "zh-hans", NEW, "", "operator:1", AT)
    assert not Wording.objects.filter(set_by="operator:1").exists()


def test_words_that_were_spoken_are_kept() -> None:
    for change in ("UPDATE notices_wording SET text = 'x'", "DELETE FROM notices_wording"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_every_event_has_its_places_and_its_seeded_words_are_fit() -> None:
    assert {event: wordings.places(event) for event in wordings.known()}["bill_due"] == {
        "lease", "number", "amount", "last_free_day",
    }  # fmt: skip
    for row in Wording.objects.all():
        wordings.check(row.event, row.channel, row.text)


def test_reminders_follow_the_calendar_and_its_reach() -> None:
    lease = things.lease(start=date(2026, 2, 28))
    reader = lease.customer.user
    reader.phone = PHONE
    reader.save()
    due = things.bill(lease, 2).due_date
    assert due is not None
    ReminderStep.objects.exclude(days__in=(-3, 3)).update(is_on=False)
    ReminderStep.objects.filter(days=3).update(days=5, reach="IN_APP")
    days = [due + timedelta(days=day) for day in range(-8, 9)]
    told = [(day - due).days for day in days if jobs.remind(day, instant(day, 10))["reminded"]]
    assert told == [-3, 5]
    sent = Message.objects.filter(template__startswith="bill_").order_by("id")
    reached = [(row.step.partition(":T")[2], row.channel) for row in sent]
    assert reached == [("-3", "IN_APP"), ("-3", "SMS"), ("+5", "IN_APP")]
    ReminderStep.objects.filter(days=5).update(reach="SMS")
    assert jobs.remind(days[13], instant(days[13], 10)) == {"reminded": 1}
    assert Message.objects.filter(step__endswith="T+5", channel="IN_APP").count() == 1
