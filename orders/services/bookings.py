"""Units kept for picked days: one query for the calendar, an EXCLUDE constraint for the truth (ADR 21).

A rental is placed on one certain unit. Before it is sent it may move to another one of the same specification.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import DeviceUnit
from catalog.rules import shorts
from catalog.rules.shorts import Dates
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from orders.models import Booking, Ending, Order, State
from orders.models.orders import BEFORE_SHIPPING, IN_CUSTODY
from orders.services import steps

Busy = list[tuple[date, date]]


class DaysTaken(DomainError):
    code = "days_taken"
    message = _("These days were just taken. Please pick other ones; nothing was ordered.")


class UnitBooked(DomainError):
    code = "unit_booked"
    message = _("The unit %(code)s is booked by another customer for these days.")


def busy(merchant_id: int, sku_id: int) -> dict[int, Busy]:
    """What every unit that short rentals may have is kept for, by its id; one query.

    A unit on a long lease is not among them: nobody knows when it comes back.
    """
    found: dict[int, Busy] = {}
    rows = _units(merchant_id, sku_id).values_list("pk", "standing__period")  # type: ignore[misc]  # annotated
    for unit, period in rows:
        found.setdefault(unit, [])
        if period is not None:
            found[unit].append((period.lower, period.upper))
    return found


def line_up(orders: Sequence[Order]) -> None:
    """Locks every unit that one of these orders may get, lowest id first: for some that are placed together."""
    shelves = Q()
    for order in orders:
        shelves |= Q(merchant_id=order.merchant_id, sku_id=order.plan.sku_id)
    list(DeviceUnit.objects.select_for_update().filter(shelves, retired_at=None).order_by("pk").values_list("pk"))


def keep(order: Order, at: datetime) -> Booking:
    """A free unit for the order's days, in the transaction that places it. DaysTaken.

    Each try locks its unit first, so that rivals wait in line; what stands is decided by the constraint.
    """
    dates, gap = _dates(order), order.plan.gap_days
    for unit_id in _free(order, dates):
        try:
            with transaction.atomic():
                DeviceUnit.objects.select_for_update().get(pk=unit_id)
                booking = Booking.objects.create(order=order, unit_id=unit_id, period=shorts.blocked(dates, gap))
        except IntegrityError:
            continue
        events.record("booked", booking, at=at, facts={"order": order.number, "unit": unit_id})
        return booking
    raise DaysTaken


def free(order: Order, at: datetime) -> None:
    """The unit's days are open again; nothing happens for an order that keeps none."""
    if order.is_short:
        Booking.objects.filter(order=order, freed_at=None).update(freed_at=at)


def bind(order: Order, unit: DeviceUnit, at: datetime) -> None:
    """The unit that leaves, locked, is the booked one, or the booking moves to it. UnitBooked."""
    if not order.is_short:
        if Booking.objects.filter(unit=unit, freed_at=None).exists():
            raise UnitBooked(code=unit.serial)
        return
    booking = Booking.objects.select_for_update().get(order=order)
    if booking.unit_id != unit.pk and not _move(booking, unit.pk, at):
        raise UnitBooked(code=unit.serial)


def rescue(order_id: int, at: datetime) -> bool:
    """Day-end, for an order that waits for a unit which is not on the shelf: another one; whether it has one now."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state not in BEFORE_SHIPPING:
            return True
        booking = Booking.objects.select_for_update().get(order=order)
        home = _units(order.merchant_id, order.plan.sku_id).exclude(Q(_out())).values_list("pk", flat=True)
        there = set(home)
        free = [unit_id for unit_id in _free(order, _dates(order)) if unit_id in there]
        return booking.unit_id in there or any(_move(booking, unit_id, at) for unit_id in free)


def endangered(on: date) -> list[Order]:
    """Orders that must leave by now and whose unit is with somebody else, or gone."""
    soon = Order.objects.filter(state__in=BEFORE_SHIPPING, first_day__lte=on + shorts.MOST_GAP_DAYS * shorts.DAY)
    unit = DeviceUnit.objects.filter(pk=OuterRef("booking__unit"))
    late = soon.filter(Exists(unit.filter(Q(retired_at__isnull=False) | Q(_out())))).select_related("plan")
    return [one for one in late.order_by("pk") if one.first_day and one.plan.limits.earliest(on) >= one.first_day]


def is_out(unit_id: int) -> bool:
    """Whether the unit cannot leave: it is with somebody, on its way, or given up."""
    return Order.objects.filter(_with_somebody(), unit=unit_id).exists()


def units_out() -> "QuerySet[Order, int | None]":
    """The units that cannot leave, as a subquery."""
    return Order.objects.filter(_with_somebody(), unit__isnull=False).values_list("unit", flat=True)


def _move(booking: Booking, unit_id: int, at: datetime) -> bool:
    was = booking.unit_id
    try:
        with transaction.atomic():
            DeviceUnit.objects.select_for_update().get(pk=unit_id)
            Booking.objects.filter(pk=booking.pk).update(unit=unit_id)
    except IntegrityError:
        return False
    events.record("moved", booking, at=at, actor=PLATFORM, facts={"from": was, "to": unit_id})
    return True


def _free(order: Order, dates: Dates) -> Sequence[int]:
    units = busy(order.merchant_id, order.plan.sku_id)
    return [unit for unit, kept in units.items() if shorts.is_free(kept, dates, order.plan.gap_days)]


def _units(merchant_id: int, sku_id: int) -> "QuerySet[DeviceUnit]":
    standing = FilteredRelation("bookings", condition=Q(bookings__freed_at=None))
    long = Order.objects.filter(unit=OuterRef("pk"), state__in=IN_CUSTODY, first_day=None)
    rows = DeviceUnit.objects.filter(~Exists(long), merchant_id=merchant_id, sku_id=sku_id, retired_at=None)
    return rows.annotate(standing=standing).order_by("pk", "standing__period")


def _out() -> Exists:
    """Whether a unit is with a customer, on its way, or given up and not settled yet."""
    return Exists(Order.objects.filter(_with_somebody(), unit=OuterRef("pk")))


def _with_somebody() -> Q:
    gone = Q(endings__kind__in=[Ending.Kind.LOSS, Ending.Kind.DEFAULT], endings__state=Ending.State.DONE)
    return Q(state__in=IN_CUSTODY) | Q(state=State.SETTLING) & gone


def _dates(order: Order) -> Dates:
    assert order.first_day is not None
    assert order.last_day is not None
    return Dates(order.first_day, order.last_day)
