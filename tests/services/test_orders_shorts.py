"""Short rentals through the real services: days are kept, bound, freed; a weekend from the pick to the settlement."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.services import leases
from catalog.rules.shorts import Dates, Wrong
from catalog.services import offers, stock, units
from contracts.rules.terms import AgreementTerms
from core import calendar
from orders import jobs
from orders.models import Booking, Order, State
from orders.services import (
    bookings,
    cancellations,
    checkout,
    cost_tables,
    inspections,
    merits,
    records,
    returns,
    shipping,
    terms,
    waits,
)  # fmt: skip
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT  # Monday 2 March 2026; the camera needs two days to be prepared
WEEKEND = Dates(date(2026, 3, 6), date(2026, 3, 8))
SLUG = "trip-6"
HOUR = timedelta(hours=1)


def weekend(state: str = State.PLACED, dates: Dates = WEEKEND) -> Order:
    return make.order(state, slug=SLUG, dates=dates, at=AT)


def only(count: int) -> None:
    """The merchant has no more than so many of the camera."""
    plan = make.plan(SLUG)
    for unit in plan.merchant.units.filter(sku=plan.sku).order_by("-pk")[: plan.merchant.units.count() - count]:
        units.retire(unit.pk, "test", AT)
        stock.reserve(plan.merchant_id, plan.sku_id)
        stock.take(plan.merchant_id, plan.sku_id)


def test_a_weekend_camera_from_the_pick_to_the_settlement() -> None:
    """Three days at 398: one bill, the picked days, delivery is the receipt, no window, everything back."""
    order = weekend(State.PAID)
    lease, agreed = order.lease, terms.of(order, AT)
    assert (order.months, order.length[:5], lease.bills.count()) == (0, "03-06", 1)
    deal = leases.terms_of(lease)
    assert (deal.return_window_days, deal.day_price, deal.rent_of_days(2)) == (0, Decimal(158), Decimal(316))
    assert lease.contract_total == agreed.total_to_return == Decimal(398)
    assert (agreed.first_day, agreed.last_day, agreed.total_to_own) == (WEEKEND.first, WEEKEND.last, None)
    assert AgreementTerms.from_json(agreed.to_json()) == agreed
    unit = order.booking.unit
    shipping.ship(order.pk, "merchant:1", unit.serial, "sf", make.waybill(), AT + HOUR)
    thursday = calendar.instant(date(2026, 3, 5), 15)
    order = shipping.record_delivery(order.pk, "platform", thursday)
    assert (order.state, order.lease.start, order.lease.last_day) == (State.ACTIVE, WEEKEND.first, WEEKEND.last)
    sunday = calendar.instant(WEEKEND.last, 12)
    returns.open_return(order.pk, f"customer:{order.customer_id}", sunday)
    returns.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), sunday)
    back = calendar.instant(date(2026, 3, 9), 10)
    inspections.arrive(order.pk, "merchant:1", back)
    inspections.pass_device(order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=back + HOUR)
    make.drain(back + HOUR)
    assert Order.objects.get(pk=order.pk).state == State.COMPLETED
    assert Booking.objects.get().freed_at == back + HOUR
    assert walks.broken() == {}


def test_two_rentals_of_one_unit_keep_the_gap_between_them() -> None:
    """6 to 8 March keeps the unit until the 10th: the 11th is free, the 10th is not."""
    only(1)
    weekend()
    with pytest.raises(bookings.DaysTaken):
        weekend(dates=Dates(date(2026, 3, 10), date(2026, 3, 12)))
    assert Order.objects.count() == 1
    next_one = weekend(dates=Dates(date(2026, 3, 11), date(2026, 3, 12)))
    assert next_one.booking.unit == Order.objects.first().booking.unit  # type: ignore[union-attr]
    assert walks.broken() == {}


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_days_of_an_order_that_ends_are_free_again(end: str) -> None:
    only(1)
    order = weekend(State.APPROVED)
    if end == "cancelled":
        cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", AT + HOUR)
    else:
        waits.end_due(AT + timedelta(days=2))
    assert Order.objects.get(pk=order.pk).state == State.CANCELLED
    assert weekend().booking.freed_at is None
    assert walks.broken() == {}


def test_a_paid_order_that_has_not_left_by_its_first_day_is_cancelled() -> None:
    order = weekend(State.PAID)
    assert order.waits_until == calendar.instant(date(2026, 3, 7), 0)


def test_another_free_unit_may_leave_and_a_booked_one_may_not() -> None:
    only(2)
    first, second = weekend(State.PAID), weekend(State.PAID)
    with pytest.raises(bookings.UnitBooked):
        shipping.ship(first.pk, "merchant:1", second.booking.unit.serial, "sf", make.waybill(), AT + HOUR)
    cancellations.cancel(second.pk, "merchant:1", "broken", AT + HOUR)
    shipping.ship(first.pk, "merchant:1", second.booking.unit.serial, "sf", make.waybill(), AT + HOUR)
    assert Booking.objects.get(order=first).unit == second.booking.unit
    assert walks.broken() == {}


def _late() -> tuple[Order, Order]:
    """A camera that should be back on the 8th and is not, and the next order for it from the 11th on."""
    late, following = weekend(State.PAID), weekend(State.PAID, Dates(date(2026, 3, 11), date(2026, 3, 12)))
    assert late.booking.unit == following.booking.unit
    shipping.ship(late.pk, "merchant:1", late.booking.unit.serial, "sf", make.waybill(), AT + HOUR)
    shipping.record_delivery(late.pk, "platform", AT + timedelta(days=2))
    return late, following


def _day_end(day: int) -> None:
    on = date(2026, 3, day)
    jobs._rescue_bookings(on, calendar.instant(on, 23))


def test_a_late_device_frees_the_next_booking_to_another_unit() -> None:
    only(2)
    _late_one, following = _late()
    _day_end(8)
    assert Booking.objects.get(order=following).unit == following.booking.unit  # three days are left
    _day_end(9)
    assert Booking.objects.get(order=following).unit != following.booking.unit
    assert Order.objects.get(pk=following.pk).state == State.PAID
    assert walks.broken() == {}


def test_without_another_unit_the_next_customer_is_told_and_refunded() -> None:
    only(1)
    _late_one, following = _late()
    _day_end(9)
    assert Order.objects.get(pk=following.pk).state == State.PAID
    _day_end(10)
    following = Order.objects.get(pk=following.pk)
    assert (following.state, following.reason) == (State.CANCELLED, "unit_late")
    assert following.customer.user.messages.filter(template="order_cancelled").exists()
    assert walks.broken() == {}


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [("2026-02-27", "2026-03-01", "too_soon"), ("2026-03-06", "2026-03-06", "too_short"),
     ("2026-03-06", "2026-04-05", "too_long"), ("9999-12-30", "9999-12-31", "too_far")],
)  # fmt: skip
def test_days_that_the_plan_does_not_allow_place_nothing(first: str, last: str, why: str) -> None:
    with pytest.raises(offers.DaysNotOffered) as refused:
        weekend(dates=Dates(date.fromisoformat(first), date.fromisoformat(last)))
    assert refused.value.params["why"] is offers.WRONG_DAYS[Wrong(why)]
    assert not Order.objects.exists()


def test_a_plan_by_the_day_takes_no_months_and_one_by_the_month_no_days() -> None:
    of, at = make.customer(), AT
    address = make.address(of)
    for slug, months, dates in ((SLUG, 0, None), ("mini-4", 3, WEEKEND)):
        with pytest.raises(cost_tables.PlanUnavailable):
            checkout.place(of, make.plan(slug).pk, months, address, "x", f"key-{slug}", at, dates=dates)


def test_the_calendar_reads_all_units_and_their_bookings_in_one_query() -> None:
    weekend()
    plan = make.plan(SLUG)
    with CaptureQueriesContext(connection) as seen:
        found = bookings.busy(plan.merchant_id, plan.sku_id)
    assert len(seen) == 1
    assert sorted(found.values()) == [[]] * 5 + [[(date(2026, 3, 6), date(2026, 3, 11))]]


def test_a_rental_booked_months_ahead_waits_for_its_first_day_not_for_a_fortnight() -> None:
    """Paid in March for July: nobody calls that late. At the end of its first day unshipped it ends, all goes back."""
    july = Dates(date(2026, 7, 3), date(2026, 7, 5))
    order = weekend(State.PAID, july)
    over = calendar.instant(date(2026, 7, 4), 0)
    assert order.waits_until == over
    waits.end_due(over - HOUR)
    assert walks.read(order).state == State.PAID
    assert (walks.told(order, "order_paid_days"), walks.told(order, "order_paid")) == (1, 0)
    waits.end_due(over)
    assert (walks.read(order).state, walks.read(order).reason) == (State.CANCELLED, "not_shipped")


def test_a_rental_by_the_day_may_be_cancelled_until_it_is_shipped_and_says_nothing_of_48_hours() -> None:
    order = weekend(State.PAID)
    assert order.paid_at is not None
    on = order.paid_at + HOUR
    assert merits.shipping(order.merchant, timedelta(days=365), on + timedelta(days=3)).made == 0
    assert records.shipping(order.merchant_id, on + timedelta(days=3)).shipped == 0
    cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", on)
    assert walks.read(order).state == State.CANCELLED
