"""The device came back: the merchant has three working days to look at it (domain.md §5)."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from catalog.services import units
from core import calendar
from core.services import workdays
from core.services.events import PLATFORM
from orders.models import Ending, Inspection, Order, Parcel, State
from orders.services import settlements, steps

WORKING_DAYS = 3


def arrive(order_id: int, actor: str, at: datetime) -> Order:
    """The merchant has the parcel; the inspection clock starts."""
    with transaction.atomic():
        order = steps.lock(order_id)
        until = calendar.instant(workdays.after(calendar.business_date(at), WORKING_DAYS), 23, 59)
        steps.take(order, "arrive", until, at=at, actor=actor)
        order.parcels.filter(way=Parcel.Way.BACK, delivered_at=None).update(delivered_at=at)
    return order


def pass_device(
    order_id: int, inspector: User, *, serial_matches: bool, wiped: bool, note: str, at: datetime
) -> Inspection:
    """The device is in order: settle. (Damage and disputes: domain.md §8, a later issue.)"""
    with transaction.atomic():
        order = steps.lock(order_id)
        return _record(
            order,
            Inspection(
                order=order,
                result=Inspection.Result.PASSED,
                serial_matches=serial_matches,
                wiped=wiped,
                note=note,
                inspector=inspector,
                made_at=at,
            ),
            f"merchant:{inspector.pk}",
            at,
        )


def pass_by_time(order_id: int, at: datetime) -> None:
    """Not inspected in time: passed without damage."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state == State.INSPECTING and order.waits_until is not None and order.waits_until <= at:
            _record(order, Inspection(order=order, result=Inspection.Result.NOT_MADE, made_at=at), PLATFORM, at)


def lose_inbound(order_id: int, at: datetime) -> None:
    """Handed to the carrier and not arrived for 15 days: the merchant's risk, the customer is settled."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state == State.RETURNING and order.waits_until is not None and order.waits_until <= at:
            steps.take(order, "lose_inbound", at=at, actor=PLATFORM)
            if order.unit_id is not None:
                units.retire(order.unit_id, "lost_inbound", at)
            _finish(order, at)


def _record(order: Order, inspection: Inspection, actor: str, at: datetime) -> Inspection:
    steps.take(order, "assess", at=at, actor=actor, facts={"result": inspection.result})
    inspection.save()
    _finish(order, at, shelve=True)
    return inspection


def _finish(order: Order, at: datetime, *, shelve: bool = False) -> None:
    for ending in order.endings.select_for_update().filter(state=Ending.State.OPEN):
        ending.finish(at)
        ending.save()
    settlements.settle_locked(order, at, shelve=shelve)
