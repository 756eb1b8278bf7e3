"""Ten business days: each run on its day, all skipped and made up for, run twice, run again later (domain.md §6, §9).

What is owed, who has a case and what was told are the same, to the fen; nothing is written for a day that was run.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from arrears.models import CaseNote, CollectionCase
from billing.models import Allocation, Bill
from billing.services import overdue, statements
from core import calendar, jobs
from core.models import JobRun
from notices.models import Message
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    made = make.order(State.ACTIVE)
    bill = made.lease.bills.get(number=2)
    assert bill.due_date is not None
    jobs.run_day(_first(made) - timedelta(days=1), calendar.instant(_first(made) - timedelta(days=1), 10))
    return made


def _first(order: Order) -> date:
    due = order.lease.bills.get(number=2).due_date
    assert due is not None
    return due - timedelta(days=3)


def each_day(first: date) -> None:
    for number in range(10):
        day = first + timedelta(days=number)
        jobs.catch_up(day, calendar.instant(day, 10))


def all_skipped(first: date) -> None:
    jobs.catch_up(first + timedelta(days=9), calendar.instant(first + timedelta(days=9), 10))


def each_twice(first: date) -> None:
    for number in range(10):
        day = first + timedelta(days=number)
        jobs.catch_up(day, calendar.instant(day, 10))
        jobs.run_day(day, calendar.instant(day, 11))


def told(order: Order, on: date) -> dict[str, Any]:
    views = statements.statement(Order.objects.get(pk=order.pk).lease, on)
    steps = Message.objects.filter(user=order.customer.user, step__startswith="bill:", channel="IN_APP")
    return {
        "owed": [(view.bill.number, view.owed_now, view.fee_now) for view in views],
        "states": list(Bill.objects.filter(lease=order.lease_id).order_by("number").values_list("state", "fee")),
        "laid": Allocation.objects.filter(bill__lease=order.lease_id).count(),
        "overdue": overdue.of([order.lease_id], on),
        "cases": list(CollectionCase.objects.filter(lease=order.lease_id).values_list("state", "outcome")),
        "notes": CaseNote.objects.filter(case__lease=order.lease_id).count(),
        "reminded": sorted(steps.values_list("step", flat=True)),
    }


def after(order: Order, run: Callable[[date], None]) -> dict[str, Any]:
    """What stands after the ten days; all of it is undone again."""
    first = _first(order)
    with transaction.atomic():
        run(first)
        found = told(order, first + timedelta(days=9))
        assert walks.broken() == {}
        transaction.set_rollback(True)
    return found


def test_skipped_or_repeated_days_change_nothing_and_a_day_run_again_writes_nothing(order: Order) -> None:
    straight = after(order, each_day)
    assert straight["cases"] == [("OPEN", "")]
    assert straight["reminded"]
    assert after(order, each_twice) == straight
    skipped = after(order, all_skipped)
    # what was to be said on a day that was skipped is not said ten days later; all else is the same
    assert set(skipped.pop("reminded")) <= set(straight.pop("reminded"))
    assert skipped == straight


def test_a_day_run_again_long_after_writes_nothing(order: Order) -> None:
    first = _first(order)
    each_day(first)
    runs = JobRun.objects.count()
    with walks.nothing_changes():
        jobs.run_day(first, calendar.instant(first + timedelta(days=40), 10))
        jobs.run_day(first + timedelta(days=9), calendar.instant(first + timedelta(days=40), 10))
    assert JobRun.objects.count() == runs
