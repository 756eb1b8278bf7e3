"""Where a lease stands when it would be ended today (domain.md §8), from real bills and payments."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.models import Lease
from billing.rules.payoff import Position
from billing.services import payoffs, statements
from core.calendar import instant
from core.money import ZERO
from tests import things

pytestmark = pytest.mark.django_db
START = date(2026, 2, 28)
DUE = date(2026, 3, 28)  # of bill 2


@pytest.fixture
def lease() -> Lease:
    made = things.lease(at=instant(START, 10), start=START)
    things.paid(things.bill(made), at=instant(START, 11))
    return made


def position(lease: Lease, on: date) -> Position:
    return payoffs.position(statements.statement(lease, on), on)


def test_nothing_owed_in_the_first_period(lease: Lease) -> None:
    assert position(lease, DUE - timedelta(days=1)) == Position(1, ZERO, ZERO, ZERO, ZERO)


def test_from_its_due_day_on_the_next_rent_counts_as_owed(lease: Lease) -> None:
    assert position(lease, DUE) == Position(2, Decimal("551.83"), ZERO, ZERO, ZERO)


def test_the_late_fee_of_the_day_stands_apart(lease: Lease) -> None:
    # 541.83 × 0.0003 × 2 days after grace = 0.33
    assert position(lease, DUE + timedelta(days=6)) == Position(2, Decimal("551.83"), Decimal("0.33"), ZERO, ZERO)


def test_a_bill_paid_ahead_is_prepaid_until_its_day(lease: Lease) -> None:
    things.paid(things.bill(lease, 2), at=instant(START, 12))
    assert position(lease, DUE - timedelta(days=1)) == Position(1, ZERO, ZERO, Decimal("551.83"), ZERO)
    assert position(lease, DUE) == Position(2, ZERO, ZERO, ZERO, ZERO)
