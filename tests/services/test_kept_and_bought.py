"""Kept until day rent has come to the last buyout price: the device is the customer's, and is never given up (§8)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from billing.models import Bill
from core import calendar
from orders.jobs import JOBS
from orders.models import Order, State
from orders.services import buyouts
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
DAY = timedelta(days=1)
LATE = next(job for job in JOBS if job.name == "day-rents")


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=6, at=AT)
        for bill in order.lease.bills.exclude(state="PAID").order_by("number"):
            make.pay_bill(order, bill.number, noon(bill.due_date))
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def noon(on: date | None) -> datetime:
    assert on is not None
    return calendar.instant(on, 12)


def window(order: Order) -> date:
    """The last day on which it may go back for nothing."""
    assert order.lease.last_day is not None
    return order.lease.last_day + 3 * DAY


def run(on: date) -> dict[str, int]:
    return LATE.run(on, noon(on))


def day_rent(order: Order) -> Decimal:
    rows = order.lease.bills.filter(kind=Bill.Kind.DAY_RENT).exclude(state="VOID")
    return sum((row.rent for row in rows), Decimal(0))


def pay_the_days(order: Order, on: date) -> Order:
    make.pay_bill(order, order.lease.bills.get(kind=Bill.Kind.DAY_RENT, state="OPEN").number, noon(on))
    return walks.read(order)


def priced(order: Order, price: str) -> Order:
    """The same lease, signed with another last buyout price."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_lease DISABLE TRIGGER billing_lease_frozen")
        cursor.execute(
            "UPDATE billing_lease SET terms = jsonb_set(terms, '{curve,-1}', to_jsonb(%s::text)) WHERE id = %s",
            [price, order.lease_id],
        )
        cursor.execute("ALTER TABLE billing_lease ENABLE TRIGGER billing_lease_frozen")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return walks.read(order)


def test_a_device_whose_last_price_is_nothing_is_the_customers_and_never_given_up(order: Order) -> None:
    order, free = priced(order, "0.00"), window(order)
    for n in range(-2, 1):
        assert run(free + n * DAY) == {"billed": 0, "given up": 0}  # in the window it may still go back
    assert walks.read(order).state == State.ACTIVE
    run(free + DAY)
    order = walks.read(order)
    assert (order.state, order.reason, day_rent(order)) == (State.COMPLETED, "bought", Decimal(0))
    assert walks.told(order, "title_passed") == 1


def test_day_rent_up_to_the_last_price_and_then_title_passes_with_the_money(order: Order) -> None:
    order, free = priced(order, "60.00"), window(order)
    week = (Decimal(order.lease.terms["monthly_rent"]) * 12 * 7 / 365).quantize(Decimal("0.01"))
    assert week > 60
    run(free + 8 * DAY)
    assert day_rent(order) == Decimal(60)
    on = free + 9 * DAY
    assert buyouts.quote(order, on).payoff.price == 0  # never 60.00 twice
    assert run(on) == {"billed": 0, "given up": 0}
    order = pay_the_days(order, on)
    assert (order.state, order.reason) == (State.COMPLETED, "bought")
    assert walks.told(order, "title_passed") == 1


def test_the_last_price_reached_and_unpaid_for_thirty_days_asks_for_nothing_more(order: Order) -> None:
    order, free = priced(order, "60.00"), window(order)
    run(free + 8 * DAY)
    assert run(free + 31 * DAY) == {"billed": 0, "given up": 1}
    order = walks.read(order)
    assert (order.state, walks.told(order, "default_ahead")) == (State.SETTLING, 0)
    assert not order.lease.bills.filter(kind=Bill.Kind.LOSS).exists()
    order = pay_the_days(order, free + 33 * DAY)
    assert (order.state, order.reason) == (State.COMPLETED, "bought")
