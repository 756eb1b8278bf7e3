"""What ends the waits of a fault: the carrier's word of its parcels, and the clock (docs/domain/clock.md).

A merchant who is silent for three working days leaves the answer to the desk, a desk that is silent for five leaves the
customer his repair. The carrier's first scan says since when the device is away and its delivery since when it is back.
A parcel that a carrier lost is the merchant's risk on either way: he sends another unit. A device that he keeps for
fourteen days is his: the lease ends without a charge, as a return that arrived.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q

from billing.services import freeing
from catalog.services import units
from core import calendar, running
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from integrations.logistics import Condition
from orders.models import Ending, Fault, Order, Parcel, ParcelEvent, State
from orders.services import aftersales, day_rents, endings, inspections, late_parcels, settlements, shipping, steps

AGAIN = timedelta(hours=12)
MOST = 200
MOST_WAYS_BACK = 2  # waybills of one fault that no carrier took: then the merchant keeps it
TURNED = (Condition.TURNED_BACK, Condition.RETURNED)
Way = Parcel.Way
log = logging.getLogger(__name__)


def follow(order: Order, parcel: Parcel, scans: list[ParcelEvent], at: datetime) -> None:
    """The scans of a fault's parcel, oldest first; the newest counts. Order locked, repeatable."""
    assert parcel.fault_id is not None
    fault = Fault.objects.select_for_update().get(pk=parcel.fault_id)
    fault.order = order
    fault = late_parcels.take_up(fault, parcel, scans[0].at, at)
    latest = scans[-1]
    is_delivered = latest.condition == Condition.DELIVERED
    if is_delivered and parcel.delivered_at is None:
        parcel.delivered_at = _within(parcel, latest.at, at)
        parcel.save(update_fields=["delivered_at"])
    if order.state != State.ACTIVE or not fault.is_open:
        return
    if parcel.way == Way.TO_REPAIR:
        _follow_in(fault, parcel, scans[0].at, latest, at)
    elif parcel.void_at is not None:
        _follow_given_up(fault, parcel, scans, at)
    elif fault.state == Fault.State.BACK and latest.condition in TURNED:
        aftersales.stay(fault, "fault_turned_back", at)
    elif fault.state == Fault.State.BACK:
        arrived = parcel.delivered_at
        _wait(fault, arrived + aftersales.RECEIVED_AFTER if arrived else latest.at + shipping.CARRIER_WAIT)


def end_due(at: datetime) -> int:
    """Waits that ran out, and faults of orders that went another way; how many ended. Each re-checks locked."""
    due = Fault.objects.filter(Q(waits_until__lte=at) | Q(waits_until__isnull=False) & ~Q(order__state=State.ACTIVE))
    ended = 0
    for order_id in list(due.order_by("waits_until").values_list("order_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, order_id):
                ended += end_wait(order_id, at)
        except (DomainError, DatabaseError):
            log.exception("the fault of order %s did not end; the others go on", order_id)
    return ended


def end_wait(order_id: int, at: datetime) -> bool:
    """Whatever the fault waits for did not happen in time."""
    with transaction.atomic():
        order = steps.lock(order_id)
        fault = aftersales.of(order)
        if fault is None or fault.waits_until is None:
            return False
        if fault.waits_until > at and order.state == State.ACTIVE:
            return False
        fault.order = order
        if order.state != State.ACTIVE:
            aftersales.close(fault, "fault_closed", PLATFORM, at)
        elif any(shipping.stands_still(parcel, at) for parcel in fault.parcels.filter(delivered_at=None, void_at=None)):
            _wait(fault, at + AGAIN)  # its carrier cannot be asked: silence says nothing
            return False
        else:
            ENDS[fault.state](fault, at)
    return True


def _follow_in(fault: Fault, parcel: Parcel, first: datetime, latest: ParcelEvent, at: datetime) -> None:
    if fault.state == Fault.State.SENT:
        fault.sent_at = _within(parcel, first, at)
        fault.save(update_fields=["sent_at"])
        if latest.condition == Condition.RETURNED:  # the customer has it again, unmended
            aftersales.give_up(fault, "fault_turned_back", latest.at, at)
        elif parcel.delivered_at is not None:
            aftersales.arrive_locked(fault, PLATFORM, parcel.delivered_at, at)
        else:
            _wait(fault, latest.at + shipping.CARRIER_WAIT)
    elif fault.state == Fault.State.ARRIVED and fault.lost_at is not None and parcel.delivered_at is not None:
        fault.lost_at = None  # it came after all: the merchant has it, and still owes another one
        fault.save(update_fields=["lost_at"])


def _follow_given_up(fault: Fault, parcel: Parcel, scans: list[ParcelEvent], at: datetime) -> None:
    """Of the last parcel back only, and while nothing else was sent: one that turned round is with the merchant."""
    newest = fault.parcels.filter(way=Way.FROM_REPAIR).order_by("-pk")[0]
    if newest.pk != parcel.pk or fault.state != Fault.State.ARRIVED or any(s.condition in TURNED for s in scans):
        return
    if parcel.delivered_at is not None or fault.lost_at is None:
        _came_after_all(fault, parcel, scans[-1].at, at)


def _came_after_all(fault: Fault, parcel: Parcel, heard: datetime, at: datetime) -> None:
    parcel.void_at = None
    parcel.save(update_fields=["void_at"])
    came = parcel.delivered_at
    until = came + aftersales.RECEIVED_AFTER if came else heard + shipping.CARRIER_WAIT
    fault.send_back(fault.new_unit, max(at, until))
    fault.save()
    aftersales.record(fault, "fault_sent_back", PLATFORM, at, waybill=parcel.waybill)


def _end_sent(fault: Fault, at: datetime) -> None:
    """A waybill that no carrier scanned does not count; what one scanned and did not bring in 15 days is lost."""
    parcel = _standing(fault, Way.TO_REPAIR)
    if parcel is not None and parcel.scanned_at is not None:
        _lose(fault, parcel, at)
        return
    if parcel is not None:
        _void(parcel, at)
    aftersales.close(fault, "fault_never_sent", PLATFORM, at)
    aftersales.tell(fault, "fault_never_sent", {}, at)


def _end_back(fault: Fault, at: datetime) -> None:
    """Delivered and not confirmed counts as received that day; lost, or never handed over, it is the merchant's."""
    parcel = _standing(fault, Way.FROM_REPAIR)
    if parcel is None or parcel.delivered_at is not None:
        aftersales.finish(fault, PLATFORM, at)
    elif parcel.scanned_at is not None:
        _lose(fault, parcel, at)
    else:
        _void(parcel, at)
        if fault.parcels.filter(way=Way.FROM_REPAIR, scanned_at=None).count() >= MOST_WAYS_BACK:
            _keep_for_good(fault, at)
        else:
            _mark(fault, at)
            aftersales.stay(fault, "fault_not_taken", at)


def _lose(fault: Fault, parcel: Parcel, at: datetime) -> None:
    """A parcel that is lost on either way: the merchant has fourteen days to send another unit."""
    _void(parcel, at)
    fault.lose(at, at + aftersales.AT_MERCHANT)
    fault.save()
    aftersales.record(fault, "fault_lost", PLATFORM, at, waybill=parcel.waybill)
    aftersales.tell(fault, "fault_lost", {"waybill": parcel.waybill}, at)


def _keep_for_good(fault: Fault, at: datetime) -> None:
    """The merchant kept it beyond his days: the lease ends without a charge, and what is held is settled."""
    order = fault.order
    _mark(fault, at)
    if fault.lost_at is not None:
        assert order.unit_id is not None
        units.retire(order.unit_id, "lost_inbound", at)
    endings.lock_books(order)
    steps.take(order, "begin_return", at=at, actor=PLATFORM)
    Ending.objects.create(order=order, kind=Ending.Kind.RETURN, basis=Ending.Basis.TERM, opened_at=at)
    assert fault.sent_at is not None
    sent = calendar.business_date(fault.sent_at)
    freeing.fall_away(freeing.later(order.lease, sent), at)
    days = max(0, (day_rents.after_the_rents(order.lease) - sent).days)
    aftersales.credit(fault, days, at)
    aftersales.close(fault, "fault_closed", PLATFORM, at)
    endings.use_credit(order, at)
    if fault.lost_at is None:
        steps.take(order, "arrive", inspections.clock(at), at=at, actor=PLATFORM)
        return
    steps.take(order, "lose_inbound", at=at, actor=PLATFORM)  # there is nothing to look at
    inspections.end_open(order, at)
    settlements.settle_locked(order, at)


def _pass_on(fault: Fault, at: datetime) -> None:
    fault.pass_on(aftersales.working_days(at, aftersales.DESK_WORKING_DAYS))
    fault.save()
    aftersales.record(fault, "fault_at_desk", PLATFORM, at)


def _mark(fault: Fault, at: datetime) -> None:
    order = fault.order
    events.record("marked", order.merchant, at=at, facts={"order": order.number, "reason": "not_repaired"})


def _wait(fault: Fault, until: datetime) -> None:
    fault.waits_until = until
    fault.save(update_fields=["waits_until"])


def _void(parcel: Parcel, at: datetime) -> None:
    parcel.void_at = at
    parcel.save(update_fields=["void_at"])


def _standing(fault: Fault, way: Parcel.Way) -> Parcel | None:
    return fault.parcels.filter(way=way, void_at=None).first()


def _within(parcel: Parcel, scanned: datetime, at: datetime) -> datetime:
    """A carrier's clock may be wrong: never before the parcel was handed over, never in the future."""
    return min(max(scanned, parcel.handed_over_at), at)


ENDS: dict[str, Callable[[Fault, datetime], None]] = {
    Fault.State.REPORTED: _pass_on,
    Fault.State.AT_DESK: lambda fault, at: aftersales.accept_locked(fault, Fault.Remedy.REPAIR, PLATFORM, at),
    Fault.State.ACCEPTED: lambda fault, at: aftersales.close(fault, "fault_closed", PLATFORM, at),
    Fault.State.SENT: _end_sent,
    Fault.State.ARRIVED: _keep_for_good,
    Fault.State.BACK: _end_back,
}
