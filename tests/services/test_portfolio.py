"""The portfolio on any day, against examples worked by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.services import portfolio
from billing.services.portfolio import M1
from core import calendar
from core.money import ZERO
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db

MAY_10 = date(2026, 5, 10)


@pytest.fixture(scope="module")
def order(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Order]:
    """Twelve months from 2 March: bill 1 is paid, bill 2 is due on 2 April, bill 3 on 2 May."""
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE)


@pytest.fixture
def instalment(order: Order) -> Decimal:
    bill = order.lease.bills.get(number=2)
    assert bill.due_date == date(2026, 4, 2)
    amount: Decimal = bill.rent + bill.cover
    return amount


def test_open_bills_lie_in_the_bucket_of_their_age(order: Order, instalment: Decimal) -> None:
    arrears, _ = portfolio.arrears_and_cohorts(MAY_10)
    # 38 days past due: M2; 8 days: M1; nine bills are still to come
    assert arrears.amounts == (9 * instalment, instalment, instalment, Decimal(0), Decimal(0))
    assert arrears.receivable == 11 * instalment
    assert arrears.overdue == 2 * instalment
    assert arrears.over_30_days == instalment
    assert arrears.share(arrears.over_30_days) == Decimal(1) / Decimal(11)


@pytest.mark.parametrize(
    ("on", "bucket"), [(date(2026, 5, 2), 1), (date(2026, 5, 3), 2), (date(2026, 6, 1), 2), (date(2026, 6, 2), 3)]
)
def test_a_bill_grows_older_day_by_day(order: Order, instalment: Decimal, on: date, bucket: int) -> None:
    # due on 2 April: 30 days on 2 May, 31 on 3 May, 60 on 1 June, 61 on 2 June
    arrears, _ = portfolio.arrears_and_cohorts(on)
    oldest = max(place for place, amount in enumerate(arrears.amounts) if amount)
    assert oldest == bucket


def test_a_day_that_is_over_is_told_from_its_own_facts(order: Order, instalment: Decimal) -> None:
    before = portfolio.arrears_and_cohorts(MAY_10)
    make.pay_bill(order, 2, calendar.instant(MAY_10 + timedelta(days=2), 23, 59))
    assert portfolio.arrears_and_cohorts(MAY_10) == before
    assert portfolio.arrears_and_cohorts(MAY_10 + timedelta(days=1))[0].over_30_days == instalment
    assert portfolio.arrears_and_cohorts(MAY_10 + timedelta(days=2))[0].over_30_days == 0


def test_a_month_of_start_shows_its_arrears_by_age(order: Order) -> None:
    _, (march,) = portfolio.arrears_and_cohorts(MAY_10)
    assert (march.month, march.leases, march.contract_total) == (date(2026, 3, 1), 1, order.lease.contract_total)
    # ends of March and April: nothing over 30 days; on 10 May one of twelve instalments
    assert march.shares == (ZERO, ZERO, Decimal(1) / Decimal(12))
    _, (from_first_day,) = portfolio.arrears_and_cohorts(MAY_10, worst=M1)
    assert from_first_day.shares == (ZERO, Decimal(1) / Decimal(12), Decimal(1) / Decimal(6))


def test_leases_roll_from_bucket_to_bucket(order: Order) -> None:
    now, before = portfolio.rolls(MAY_10)
    # on 31 March nothing is overdue, on 30 April the oldest open bill is 28 days late, on 10 May 38 days
    assert (before.since, before.until) == (date(2026, 3, 31), date(2026, 4, 30))
    assert (before.to_m1, before.m1_to_m2) == (Decimal(1), None)
    assert (now.since, now.until) == (date(2026, 4, 30), MAY_10)
    assert (now.to_m1, now.m1_to_m2) == (None, Decimal(1))


def test_rents_by_month_tell_what_was_due_and_what_of_it_came(order: Order, instalment: Decimal) -> None:
    march, april, may = portfolio.months(MAY_10, 3)
    assert (march.month, march.due, march.received, march.share) == (
        date(2026, 3, 1),
        instalment,
        instalment,
        Decimal(1),
    )
    assert (april.due, april.received, april.share) == (instalment, ZERO, ZERO)
    assert (may.month, may.due) == (date(2026, 5, 1), instalment)


def test_before_the_first_lease_there_is_nothing(order: Order) -> None:
    arrears, cohorts = portfolio.arrears_and_cohorts(date(2026, 2, 28))
    assert arrears.receivable == 0
    assert cohorts == []
    assert arrears.share(arrears.overdue) is None
    assert [roll.to_m1 for roll in portfolio.rolls(date(2026, 2, 28))] == [None, None]
    assert portfolio.months(date(2026, 2, 28), 12) == []


def test_an_order_that_never_started_counts_nowhere(order: Order) -> None:
    before = portfolio.arrears_and_cohorts(MAY_10)
    make.order(State.SIGNED)
    assert portfolio.arrears_and_cohorts(MAY_10) == before


def test_many_leases_are_asked_as_often_as_one(order: Order, django_assert_num_queries: Any) -> None:
    make.order(State.ACTIVE)
    with django_assert_num_queries(4):
        portfolio.arrears_and_cohorts(MAY_10)
        portfolio.rolls(MAY_10)
        portfolio.months(MAY_10, 12)


def test_leases_roll_on_and_recover_from_month_to_month(order: Order) -> None:
    """31 March: M0. 30 April: bill 2 is 28 days past due, M1. Both open bills are paid on 12 May: nothing on 31 May."""
    paid_on = calendar.instant(date(2026, 5, 12), 12)
    for number in (2, 3):
        make.pay_bill(order, number, paid_on)
    april, may = portfolio.moves(date(2026, 5, 31), 2)[-2:]
    assert (april.since, april.until, april.counts) == (date(2026, 3, 31), date(2026, 4, 30), {(0, 1): 1})
    assert (april.roll(0), april.cure(1)) == (Decimal(1), None)
    assert (may.since, may.until, may.counts) == (date(2026, 4, 30), date(2026, 5, 31), {(1, 0): 1})
    assert (may.roll(1), may.cure(1), may.roll(0)) == (ZERO, Decimal(1), None)
