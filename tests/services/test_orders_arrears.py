"""A bill more than seven days past due ends the decision; up to seven days it stands (domain.md §4)."""

from datetime import date, timedelta

import pytest

from core import calendar
from credit.models import Decision
from credit.services import decisions, quota
from orders.models import Order
from orders.services import arrears
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def due() -> date:
    """A running lease whose second bill nobody pays, and the day on which that is due."""
    order = make.order("ACTIVE", slug="mini-4", months=3)
    day = order.lease.bills.get(number=2).due_date
    assert day is not None
    return day


def test_the_decision_ends_on_the_eighth_day_and_not_before(due: date) -> None:
    customer = Decision.objects.get().customer
    for days, ended in ((7, 0), (8, 1), (9, 0)):
        on = due + timedelta(days=days)
        assert arrears.end_decisions(on, calendar.instant(on, 10)) == ended, days
    assert decisions.current(customer, due) is None
    assert quota.available(customer) == 0


def test_who_paid_keeps_it(due: date) -> None:
    make.pay_bill(Order.objects.get(), 2, calendar.instant(due, 12))
    on = due + timedelta(days=20)
    assert arrears.end_decisions(on, calendar.instant(on, 10)) == 0
