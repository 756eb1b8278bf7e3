"""What a lease owes on a day (domain.md §6, §9), reminders, and the history for credit (§4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import jobs
from billing.models import Lease
from billing.services import history, leases, statements
from billing.services.statements import Condition
from core.calendar import instant
from core.money import ZERO
from notices.models import Message
from tests import things

pytestmark = pytest.mark.django_db
START = date(2026, 2, 28)
DUE = date(2026, 3, 28)  # of bill 2


@pytest.fixture
def lease() -> Lease:
    made = things.lease(at=instant(START, 10), start=START)
    things.paid(things.bill(made), at=instant(START, 11))
    return made


@pytest.mark.parametrize(
    ("days", "condition", "fee"),
    [
        (-8, Condition.LATER, "0"),
        (-7, Condition.DUE_SOON, "0"),
        (-1, Condition.DUE_SOON, "0"),
        (0, Condition.DUE, "0"),
        (1, Condition.GRACE, "0"),
        (3, Condition.GRACE, "0"),
        (4, Condition.LATE, "0"),  # paying today costs nothing yet: no day after grace has passed
        (5, Condition.LATE, "0.16"),
        (6, Condition.LATE, "0.33"),
        (4000, Condition.LATE, "108.36"),
    ],
)
def test_how_a_bill_stands_by_day(lease: Lease, days: int, condition: Condition, fee: str) -> None:
    view = statements.statement(lease, DUE + timedelta(days=days))[1]
    assert (view.condition, view.fee_now) == (condition, Decimal(fee))
    assert view.owed_now == Decimal("551.83") + Decimal(fee)
    assert view.last_free_day == DUE + timedelta(days=3)


def test_a_paid_bill_owes_nothing_and_a_bill_without_date_is_later(lease: Lease) -> None:
    first = statements.statement(lease, date(2030, 1, 1))[0]
    assert (first.condition, first.owed_now, first.is_overdue) == (Condition.PAID, ZERO, False)
    unstarted = statements.statement(things.lease(), things.ON)[1]
    assert (unstarted.condition, unstarted.last_free_day) == (Condition.LATER, None)


def test_a_void_bill_owes_nothing() -> None:
    lease = things.lease()
    leases.void(lease.pk, things.AT)
    assert {view.condition for view in statements.statement(lease, date(2030, 1, 1))} == {Condition.VOID}
    assert {view.owed_now for view in statements.statement(lease, date(2030, 1, 1))} == {ZERO}


def test_looking_writes_nothing_and_any_past_day_can_be_asked_again(lease: Lease) -> None:
    views = statements.statement(lease, DUE + timedelta(days=6))
    with CaptureQueriesContext(connection) as seen:
        assert statements.statement(lease, DUE + timedelta(days=6)) == views
    assert len(seen) == 3
    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)


def test_statements_of_many_leases_take_three_queries(lease: Lease) -> None:
    others = [things.lease(start=START) for _ in range(3)]
    with CaptureQueriesContext(connection) as seen:
        views = statements.statements([lease, *others], DUE)
    assert len(seen) == 3
    assert views[lease.pk] == statements.statement(lease, DUE)


def test_reminders_go_out_once_for_each_step(lease: Lease) -> None:
    told = {
        day: jobs.remind(DUE + timedelta(days=day), instant(DUE + timedelta(days=day), 10)) for day in range(-10, 10)
    }
    assert [day for day, counts in told.items() if counts["reminded"]] == [-7, -3, -1, 0, 1, 3, 7]
    jobs.remind(DUE, instant(DUE, 11))
    steps = Message.objects.filter(channel="IN_APP").order_by("id").values_list("step", flat=True)
    bill = things.bill(lease, 2).pk
    assert list(steps) == [f"bill:{bill}:T{day:+d}" for day in (-7, -3, -1, 0, 1, 3, 7)]
    last = Message.objects.filter(channel="IN_APP").order_by("id").last()
    assert last is not None
    assert (last.template, last.params["amount"]) == ("bill_overdue", "552.32")  # + 3 days × 541.83 × 0.0003 = 0.49


def test_a_paid_bill_is_not_reminded_of_and_a_day_gone_by_is_not_made_up_for(lease: Lease) -> None:
    assert jobs.remind(DUE, instant(DUE + timedelta(days=1), 10)) == {"reminded": 0}
    things.paid(things.bill(lease, 2), at=instant(DUE, 9))
    assert jobs.remind(DUE, instant(DUE, 10)) == {"reminded": 0}


def test_a_history_counts_what_was_kept_and_what_was_late(lease: Lease) -> None:
    things.paid(things.bill(lease, 2), at=instant(DUE + timedelta(days=10), 9))
    third = things.bill(lease, 3)
    assert third.due_date == date(2026, 4, 28)
    found = history.of(lease.customer, instant(date(2026, 5, 8), 9))
    assert found == history.History(
        live_leases=1, completed_leases=0, kept_leases=0, bills_paid=2, bills_late=2, days_overdue=10
    )


def test_a_long_lease_paid_in_time_is_kept() -> None:
    from dataclasses import replace

    terms = replace(things.TERMS, months=6)
    lease = things.lease(terms=terms, at=instant(START, 10), start=START)
    for bill in lease.bills.order_by("number"):
        assert bill.due_date is not None
        things.paid(bill, at=instant(bill.due_date + timedelta(days=3), 23, 59))
    end = date(2026, 8, 28)
    leases.close(lease.pk, end, instant(end, 9))
    found = history.of(lease.customer, instant(end, 12))
    assert (found.completed_leases, found.kept_leases, found.bills_late, found.days_overdue) == (1, 1, 0, 0)


def test_a_newcomer_has_an_empty_history() -> None:
    assert history.of(things.customer(), things.AT) == history.History(0, 0, 0, 0, 0, 0)
