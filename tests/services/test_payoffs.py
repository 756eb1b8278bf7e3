"""Where a lease stands when it would be ended today (domain.md §8), from real bills and payments."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

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


def test_a_later_day_is_told_as_one_plans_for_it(lease: Lease) -> None:
    """Bills before that day are paid on their days, what is late today with the fee of today; the balance serves first.

    Six days after bill 2's due day the fee is 0.33; bill 3 is due on the very day asked for and stays in its sum.
    """
    today, third = DUE + timedelta(days=6), date(2026, 4, 28)
    views = statements.statement(lease, today)
    now = payoffs.position(views, today)
    rent = Decimal("551.83")
    assert payoffs.ahead(views, now, third) == payoffs.Ahead(
        Position(3, rent, ZERO, ZERO, ZERO), 1, rent + Decimal("0.33")
    )
    with_money = replace(now, credit=Decimal("600.00"))
    after = payoffs.ahead(views, with_money, third + timedelta(days=1))
    assert (after.bills, after.paid, after.position.credit) == (2, 2 * rent + Decimal("0.33"), ZERO)
    assert payoffs.ahead(views, with_money, third).position.credit == Decimal("47.84")


def test_looking_a_day_ahead_asks_the_database_nothing(lease: Lease, django_assert_num_queries: Any) -> None:
    views = statements.statement(lease, START)
    now = payoffs.position(views, START)
    with django_assert_num_queries(0):
        seen = [payoffs.ahead(views, now, START + timedelta(days=days)) for days in range(1, 90)]
    # once a bill's day has come and nothing is left unpaid, that day looks as `position` has it
    assert all(each.position.period == 1 + (each.bills + (each.position.owed > 0)) for each in seen)
    assert seen[-1].paid == 2 * Decimal("551.83")
