"""A carrier's scans: kept as told, each once and in any order; what they mean for the order is decided here alone."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from core.models import InboxNotice
from core.services import inbox
from core.services.events import PLATFORM
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.logistics import Condition, Tracking
from orders.models import Fault, Order, Parcel, ParcelEvent, State
from orders.services import fault_waits, late_parcels, retrievals, returns, shipping, steps, turned_back

SILENT = timedelta(hours=24)  # nothing heard for so long: ask
ASK_EVERY = timedelta(hours=12)
FOR_A_PARCEL = (State.SHIPPED, State.RETURNING)
MOST = 50
BACK = (Condition.TURNED_BACK, Condition.RETURNED)


def subscribe(parcel_id: int, at: datetime) -> None:
    """Ask the carrier to tell of a parcel. ProviderUnavailable: the outbox asks again; a refusal leaves the poller."""
    parcel = Parcel.objects.select_related("order__address").get(pk=parcel_id)
    if parcel.subscribed_at is not None or parcel.void_at is not None:
        return
    try:
        registry.logistics().subscribe(parcel.carrier, parcel.waybill, _phone(parcel, at))
    except ProviderRefused:
        return
    Parcel.objects.filter(pk=parcel_id).update(subscribed_at=at)


def apply_push(notice_id: int, at: datetime) -> None:
    """What a stored push says. Safe to run again."""
    notice = InboxNotice.objects.select_for_update().get(pk=notice_id)
    if notice.applied_at is not None:
        return
    told = registry.logistics(notice.provider).parse_push(bytes(notice.body), notice.headers, at).tracking
    parcel = Parcel.objects.filter(carrier=told.carrier, waybill=told.waybill).first()
    if parcel is None:
        inbox.close(notice, "no parcel of ours", at)
        return
    inbox.close(notice, f"{record(parcel.pk, told, at)} new", at)


def to_ask(at: datetime) -> list[int]:
    """Parcels under way of which nothing was heard for a day and which were not asked about lately."""
    silent = Q(heard_at=None, handed_over_at__lte=at - SILENT) | Q(heard_at__lte=at - SILENT)
    asked = Q(asked_at=None) | Q(asked_at__lte=at - ASK_EVERY)
    rows = Parcel.objects.filter(silent, asked, delivered_at=None)
    of_fault = Q(fault__state__in=Fault.AWAY, order__state=State.ACTIVE)
    standing = Q(order__state__in=FOR_A_PARCEL, fault=None) | Q(retrieval__state="OPEN") | of_fault
    under_way = rows.filter(Q(void_at=None) & standing | late_parcels.waited_for(at))
    return list(under_way.order_by("asked_at", "pk").values_list("pk", flat=True)[:MOST])


def ask(parcel_id: int, at: datetime) -> None:
    """Ask about a silent parcel; that it was asked counts whatever comes back.

    ProviderUnavailable: since when nobody answers is kept, and the parcel's clocks stand still. A refusal is an answer.
    """
    Parcel.objects.filter(pk=parcel_id).update(asked_at=at)
    parcel = Parcel.objects.select_related("order__address").get(pk=parcel_id)
    try:
        told = registry.logistics().query(parcel.carrier, parcel.waybill, _phone(parcel, at))
    except ProviderUnavailable:
        Parcel.objects.filter(pk=parcel_id, unasked_since=None).update(unasked_since=at)
        raise
    except ProviderRefused:
        _answered(parcel_id)
        raise
    _answered(parcel_id)
    record(parcel_id, told, at)


def put_off(order_id: int, at: datetime) -> bool:
    """The end of a wait for a parcel whose carrier cannot be asked comes later; whether it does. Locks order."""
    with transaction.atomic():
        order = steps.lock(order_id)
        under_way = order.parcels.filter(delivered_at=None, void_at=None, fault=None)
        if order.state not in FOR_A_PARCEL or not any(shipping.stands_still(parcel, at) for parcel in under_way):
            return False
        if order.waits_until is None or order.waits_until > at:
            return False
        order.waits_until = at + ASK_EVERY
        order.save(update_fields=["waits_until"])
    return True


def record(parcel_id: int, told: Tracking, at: datetime) -> int:
    """Keep the scans that are new, then let the order follow; how many were new. Locks the order first."""
    with transaction.atomic():
        order = steps.lock(Parcel.objects.values_list("order_id", flat=True).get(pk=parcel_id))
        parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
        before = parcel.scans.count()
        rows = [
            ParcelEvent(parcel=parcel, at=scan.at, condition=scan.condition, place=scan.place, text=scan.text,
                        told_at=at)
            for scan in told.scans if scan.at <= at + timedelta(hours=1)
        ]  # fmt: skip
        ParcelEvent.objects.bulk_create(rows, ignore_conflicts=True)
        scans = list(parcel.scans.all())
        if len(scans) > before:
            parcel.scanned_at, parcel.heard_at, parcel.unasked_since = scans[0].at, scans[-1].at, None
            parcel.save(update_fields=["scanned_at", "heard_at", "unasked_since"])
            returns.came_after_all(order, parcel, at)
            if parcel.fault_id is not None:
                fault_waits.follow(order, parcel, scans, at)
            elif parcel.void_at is None:
                _follow(order, parcel, scans, at)
    return len(scans) - before


def _answered(parcel_id: int) -> None:
    Parcel.objects.filter(pk=parcel_id).exclude(unasked_since=None).update(unasked_since=None)


def _follow(order: Order, parcel: Parcel, scans: list[ParcelEvent], at: datetime) -> None:
    """The newest scan counts; a scan out of order moves nothing back."""
    latest = scans[-1]
    if parcel.way == Parcel.Way.OUT and order.state == State.SHIPPED:
        if latest.condition in BACK:
            turned_back.turn_back_locked(order, parcel, PLATFORM, at)
        elif latest.condition == Condition.DELIVERED:
            shipping.deliver_locked(order, parcel, PLATFORM, _within(parcel, latest.at, at), at)
        elif parcel.delivered_at is None:
            _wait(order, latest.at + shipping.CARRIER_WAIT)
    elif parcel.way == Parcel.Way.BACK and order.state == State.RETURNING:
        returns.left(order, _within(parcel, scans[0].at, at), at)
        _wait(order, scans[0].at + shipping.CARRIER_WAIT)
    elif parcel.way == Parcel.Way.BACK and order.state == State.COMPLETED:
        delivered = latest.at if latest.condition == Condition.DELIVERED else None
        retrievals.follow(order, parcel, _within(parcel, scans[0].at, at), delivered)


def _wait(order: Order, until: datetime) -> None:
    if order.waits_until is not None and until > order.waits_until:
        order.waits_until = until
        order.save(update_fields=["waits_until"])


def _within(parcel: Parcel, scanned: datetime, at: datetime) -> datetime:
    """A carrier's clock may be wrong: never before the parcel was handed over, never in the future."""
    return min(max(scanned, parcel.handed_over_at), at)


def _phone(parcel: Parcel, at: datetime) -> str:
    """Some carriers tell only who knows the phone of one end."""
    phone = parcel.order.address.phone
    return str(phone.open(by=PLATFORM, purpose="tracking of a parcel", at=at)) if phone else ""
