"""A faulty device that its customer hands to a carrier after the clock closed the report (ADR 27)."""

from datetime import datetime

from django.db.models import Q

from core import calendar
from core.services.events import PLATFORM
from orders.models import Fault, Parcel, State
from orders.services import aftersales, endings


def waited_for(at: datetime) -> Q:
    """Parcels that no carrier had taken when their report was closed, and that may still come."""
    lately = Q(fault__closed_at__gt=at - aftersales.COMES_LATE, order__state=State.ACTIVE)
    return Parcel.NEVER_LEFT & lately


def take_up(fault: Fault, parcel: Parcel, scanned: datetime, at: datetime) -> Fault:
    """The report that a scanned parcel belongs to: of one that came late the order's newer report, or the closed one,
    which goes on; otherwise `fault` as it is. Order locked, repeatable.
    """
    if not Parcel.objects.filter(waited_for(at), pk=parcel.pk).exists():
        return fault
    newer = aftersales.of(fault.order)
    is_elsewhere = newer is not None and newer.state in Fault.AWAY
    last_day = fault.order.lease.last_day
    is_over = last_day is None or calendar.business_date(scanned) > last_day
    if is_elsewhere or is_over or endings.under_way(fault.order) is not None:
        return fault
    return _go_on(fault, newer, parcel, at)


def _go_on(fault: Fault, newer: Fault | None, parcel: Parcel, at: datetime) -> Fault:
    """What was accepted for the closed report is accepted for a newer one of the same device that waits for a yes."""
    going = newer or fault
    going.order = fault.order
    until = at + aftersales.ON_ITS_WAY
    if newer is None:
        fault.resume(at, until)
    else:
        if newer.state != Fault.State.ACCEPTED:
            newer.accept(fault.remedy, PLATFORM, until)
            newer.save()
        newer.send_in(at, until)
    going.save()
    parcel.count_for(going, at)
    parcel.save(update_fields=["fault", "void_at", "handed_over_at"])
    aftersales.record(going, "fault_resumed", PLATFORM, at, waybill=parcel.waybill)
    aftersales.tell(going, "fault_resumed", {"waybill": parcel.waybill}, at)
    return going
