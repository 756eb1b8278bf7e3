"""Labels for back-tests: from repayment within 90 days, by the provider's time, never from a score."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from billing.models import Bill
from billing.services import repayment
from core import calendar
from orders.models import Order, State
from orders.services import backtests
from tests import make, walks

pytestmark = pytest.mark.django_db

THEN = make.AT


@pytest.fixture(scope="module")
def leases(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Order]]:
    """One who pays every bill on its day, one who pays only the first."""
    with walks.kept(django_db_blocker):
        made = {name: make.order(State.ACTIVE, slug="mini-4", months=3) for name in ("good", "bad")}
        for bill in made["good"].lease.bills.exclude(state=Bill.State.PAID).order_by("number"):
            assert bill.due_date is not None
            make.pay_bill(made["good"], bill.number, calendar.instant(bill.due_date, 12))
        yield made


def test_labels_come_from_repayment_when_ninety_days_are_over(leases: dict[str, Order]) -> None:
    ids = {order.lease_id: name for name, order in leases.items()}
    start = leases["good"].lease.start
    assert start is not None
    over = start + timedelta(days=90)
    assert repayment.labels(list(ids), over - timedelta(days=1)) == {}
    found = repayment.labels(list(ids), over)
    assert {ids[pk]: bad for pk, bad in found.items()} == {"good": False, "bad": True}


def test_paying_after_thirty_days_stays_bad(leases: dict[str, Order]) -> None:
    """By the provider's time: the money came, but on day 31."""
    lease = leases["bad"].lease
    second = lease.bills.get(number=2)
    assert second.due_date is not None
    assert lease.start is not None
    make.pay_bill(leases["bad"], 2, calendar.instant(second.due_date + timedelta(days=31), 12))
    assert repayment.labels([lease.pk], lease.start + timedelta(days=90)) == {lease.pk: True}


def test_past_decisions_are_gathered_with_their_deposits_and_labels(leases: dict[str, Order]) -> None:
    found = backtests.gather(THEN + timedelta(days=200))
    assert sorted(bool(case.bad) for case in found) == [False, True]
    deposits = {order.lease.deposit.total for order in leases.values()}
    assert {amount for case in found for amount in case.deposits} == deposits
    assert backtests.unfaithful(THEN + timedelta(days=200)) == 0
