"""Thirty customers at once for the last camera of a weekend: one order; and the same with the guard off."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection

from accounts.models import Address, Customer
from catalog.rules.shorts import Dates
from core import calendar
from orders.models import Booking, Order
from orders.services import bookings, checkout
from orders.services.bookings import DaysTaken
from tests import make, walks
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 30
WEEKEND = Dates(date(2026, 3, 6), date(2026, 3, 8))
GUARD = "orders_unit_booked_once"


@pytest.fixture
def guard_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without the constraint: what every customer saw as free is free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [GUARD])
        definition = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE orders_booking DROP CONSTRAINT {GUARD}")
        yield
        cursor.execute("UPDATE orders_booking SET freed_at = now()")
        cursor.execute(f"ALTER TABLE orders_booking ADD CONSTRAINT {GUARD} {definition}")


def thirty_pick_the_same_days(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each has seen the camera as free before the first one takes it. Without a decision: no quota holds them back."""
    plan = make.plan("trip-6")
    keep = plan.merchant.units.filter(sku=plan.sku).first()
    assert keep is not None
    plan.merchant.units.filter(sku=plan.sku).exclude(pk=keep.pk).update(retired_at=make.AT)
    people = [make.verified() for _ in range(MANY)]
    racers = [(of, make.address(of)) for of in people]
    shown = checkout.quote(people[0], plan, 0, calendar.business_date(make.AT), dates=WEEKEND)
    monkeypatch.setattr(bookings, "_free", together.meeting(MANY, lambda *_: [keep.pk]))

    def place(of: Customer, address: Address) -> Any:
        key = f"key-{of.pk}"
        return checkout.place(of, plan.pk, 0, address, shown.digest, key, make.AT, dates=WEEKEND)

    return together.at_once([lambda racer=racer: place(*racer) for racer in racers])  # type: ignore[misc]


def _overlaps() -> list[str]:
    return [name for name in walks.broken() if name.startswith("6c ")]


def test_thirty_customers_at_once_leave_one_order_on_the_last_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = thirty_pick_the_same_days(monkeypatch)
    assert sum(isinstance(answer, DaysTaken) for answer in answers) == MANY - 1
    assert Order.objects.count() == Booking.objects.count() == 1
    assert _overlaps() == []


def test_without_the_constraint_the_same_customers_overlap(guard_off: None, monkeypatch: pytest.MonkeyPatch) -> None:
    thirty_pick_the_same_days(monkeypatch)
    assert Booking.objects.count() == MANY
    assert _overlaps() != []
