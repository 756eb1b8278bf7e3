"""A request for relief by the clock: two working days are promised and kept, and nobody stops collection for ever."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from arrears.models import CaseNote, CollectionCase, HardshipRequest
from arrears.rules import hardship as rules
from arrears.services import cases, hardship
from billing.services import leases
from core import calendar
from core.models import Holiday
from notices.models import Message
from notices.services import calls
from tests import things

pytestmark = pytest.mark.django_db
START = date(2026, 3, 2)
MONDAY = date(2026, 4, 6)  # the case's first day
DAY = timedelta(days=1)
ME = "operator:1"


def noon(on: date) -> datetime:
    return calendar.instant(on, 12)


@pytest.fixture
def case() -> CollectionCase:
    made = things.lease(signed=True)
    things.paid(things.bill(made))
    leases.begin(made.pk, START, things.AT)
    user = made.customer.user
    user.phone = things.PHONE
    user.save()
    cases.open_due(MONDAY, noon(MONDAY))
    return CollectionCase.objects.get(lease=made)


def ask(case: CollectionCase, on: date = MONDAY, *, has_changed: bool = False) -> HardshipRequest:
    who = f"customer:{case.customer_id}"
    return hardship.ask(case.lease_id, "in hospital", None, who, noon(on), has_changed=has_changed)


def told(template: str) -> int:
    return Message.objects.filter(template=template, channel="IN_APP").count()


def days(first: date, last: date) -> list[dict[str, int]]:
    """Each day's work from one to another, and once more."""
    span = [first + n * DAY for n in range((last - first).days + 1)]
    return [hardship.keep_promises(on, noon(on)) for on in span for _twice in range(2)]


def test_two_working_days_are_promised_by_the_holidays(case: CollectionCase) -> None:
    assert ask(case).answer_by == MONDAY + 2 * DAY
    hardship.withdraw(HardshipRequest.objects.get().pk, "customer:1", noon(MONDAY))
    Holiday.objects.create(day=MONDAY + DAY, working=False, name="holiday")
    assert ask(case).answer_by == MONDAY + 3 * DAY


def test_unanswered_it_is_left_to_a_supervisor_once_and_still_nobody_calls(case: CollectionCase) -> None:
    asked = ask(case)
    worked = days(MONDAY, MONDAY + 3 * DAY)
    assert [each["requests left to a supervisor"] for each in worked] == [0] * 6 + [1, 0]
    asked = HardshipRequest.objects.get(pk=asked.pk)
    assert (asked.state, asked.escalated_at) == ("OPEN", noon(MONDAY + 3 * DAY))
    assert told("hardship_late") == 1
    with pytest.raises(cases.HardshipFirst):
        cases.dial(case.pk, ME, noon(MONDAY + 3 * DAY))
    hardship.answer(asked.pk, "half in May", ME, noon(MONDAY + 3 * DAY))
    assert cases.dial(case.pk, ME, noon(MONDAY + 3 * DAY)).phone == things.PHONE


def test_three_working_days_later_the_clock_grants_fourteen_days_and_then_it_may_be_asked(case: CollectionCase) -> None:
    """Promised for Wednesday the 8th, a supervisor's until Monday the 13th: on the 14th a pause until the 28th."""
    ask(case)
    last = MONDAY + 8 * DAY
    assert [each["pauses granted"] for each in days(MONDAY, last)] == [0] * 16 + [1, 0]
    asked = HardshipRequest.objects.get()
    assert (asked.state, asked.pause_until) == ("GRANTED", date(2026, 4, 28))
    assert told("hardship_paused") == 1
    assert case.notes.filter(kind=CaseNote.Kind.HARDSHIP).count() == 3  # asked, left to a supervisor, granted
    with pytest.raises(cases.PauseGranted):
        cases.dial(case.pk, ME, noon(date(2026, 4, 28)))
    with pytest.raises(IntegrityError, match="waits for an answer"), transaction.atomic():
        user = case.customer.user
        calls.dial(user, caller=ME, subject=case.subject, purpose="x", at=noon(date(2026, 4, 28)))
    assert cases.dial(case.pk, ME, noon(date(2026, 4, 29))).phone == things.PHONE


def test_a_pause_is_never_longer_for_the_database_either(case: CollectionCase) -> None:
    ask(case)
    days(MONDAY, MONDAY + 8 * DAY)
    with pytest.raises(IntegrityError, match="pause_is_bounded"), transaction.atomic():
        HardshipRequest.objects.update(pause_until=date(2026, 4, 29))


def test_of_a_lease_that_ended_meanwhile_nothing_is_told(case: CollectionCase) -> None:
    ask(case)
    case.lease.bills.filter(state="OPEN").update(state="VOID")
    type(case.lease)._default_manager.filter(pk=case.lease_id).update(state="CLOSED")
    days(MONDAY, MONDAY + 3 * DAY)
    assert HardshipRequest.objects.get().state == "LAPSED"
    assert told("hardship_late") == 0


def test_who_asks_again_and_again_stops_collection_for_days_and_not_for_ever(case: CollectionCase) -> None:
    """Every day of a quarter he asks, and every evening he is answered: two requests come through, and then one more
    when thirty days are over, with something new once in between."""
    asked = 0
    for n in range(90):
        on = MONDAY + n * DAY
        for has_changed in (False, True):
            try:
                made = ask(case, on, has_changed=has_changed)
            except (hardship.AskedLately, hardship.AskedTooOften):
                continue
            asked += 1
            hardship.answer(made.pk, "no", ME, noon(on))
    assert asked == rules.MOST_A_YEAR
    with pytest.raises(hardship.AskedTooOften, match="2027-04-06"):
        ask(case, MONDAY + 120 * DAY, has_changed=True)
    ask(case, MONDAY + 365 * DAY)


def test_the_refusal_names_the_day_and_a_change_lifts_it_once(case: CollectionCase) -> None:
    hardship.answer(ask(case).pk, "no", ME, noon(MONDAY))
    with pytest.raises(hardship.AskedLately, match="2026-05-06"):
        ask(case, MONDAY + DAY)
    changed = ask(case, MONDAY + DAY, has_changed=True)
    assert changed.has_changed
    hardship.answer(changed.pk, "no", ME, noon(MONDAY + DAY))
    with pytest.raises(hardship.AskedLately):
        ask(case, MONDAY + 2 * DAY, has_changed=True)
