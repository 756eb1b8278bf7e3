"""The merchant sends a unit; the carrier's word; the wait for the customer's receipt."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import DeviceUnit
from contracts.services import agreements
from core.errors import DomainError
from core.services import events, outbox
from notices.services import messages
from orders.models import Fault, Order, Parcel
from orders.services import bookings, demands, receipts, reservations, risks, steps

CARRIER_SILENT = timedelta(days=10)  # no word of the carrier for so long: somebody asks (domain.md §5)
CARRIER_WAIT = timedelta(days=15)
LONGEST_OUTAGE = timedelta(days=15)  # of a carrier that cannot be asked; then the clock goes on: no wait is for ever
RECEIPT_WAIT = timedelta(days=7)
CARRIERS = {"sf": _("SF Express"), "jd": _("JD Logistics"), "ems": _("EMS"), "zto": _("ZTO Express")}


class UnitNotFound(DomainError):
    code = "unit_not_found"
    message = _("No free unit of this specification has the number %(code)s.")


class UnitOut(DomainError):
    code = "unit_out"
    message = _("The unit %(code)s is with another customer.")


class WaybillInvalid(DomainError):
    code = "waybill_invalid"
    message = _("This is not a waybill number of a carrier that we know.")


class WaybillUsed(DomainError):
    code = "waybill_used"
    message = _("This waybill number belongs to another parcel.")


def ship(order_id: int, actor: str, code: str, carrier: str, waybill: str, at: datetime) -> Order:
    """Bind one unit (its serial number or IMEI) and hand the parcel over. Signed and paid only (L3), and not while a
    demanded visit is open (StillDemanded)."""
    waybill = check_waybill(carrier, waybill)
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "ship")
        steps.require_trusted(order.customer)
        demands.require_none(order.number)
        risks.require_clear(order)
        unit = free_unit(order, code.strip())
        reservations.bind(order, unit, at)
        if order.agreement_id is None or not agreements.is_signed(order.agreement_id):
            raise steps.StepNotPossible(state=order.get_state_display())
        steps.take(
            order,
            "ship",
            unit,
            at,
            at + CARRIER_WAIT,
            at=at,
            actor=actor,
            facts={"unit": unit.serial, "waybill": waybill},
        )
        hand_parcel(order, Parcel.Way.OUT, carrier, waybill, at)
        messages.inform(
            order.customer.user,
            "order_shipped",
            {"order": order.number, "waybill": waybill},
            step=f"order:{order.pk}:shipped",
            at=at,
            link=f"/orders/{order.number}/",
        )
        reservations.take(order)
    return order


def record_delivery(order_id: int, actor: str, at: datetime) -> Order:
    """The carrier delivered: the customer has seven days, then the receipt counts as confirmed; of a short rental it
    is the receipt (domain.md §5)."""
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "receive")
        deliver_locked(order, order.parcels.get(way=Parcel.Way.OUT, void_at=None), actor, at, at)
    return order


def deliver_locked(order: Order, parcel: Parcel, actor: str, delivered_at: datetime, at: datetime) -> None:
    """`record_delivery` for who holds the lock; the seven days count from the delivery, not from hearing of it."""
    if parcel.delivered_at is None:
        parcel.delivered_at = delivered_at
        parcel.save(update_fields=["delivered_at"])
        order.waits_until = delivered_at + RECEIPT_WAIT
        order.save(update_fields=["waits_until"])
        events.record("delivered", order, at=at, actor=actor, facts={"waybill": parcel.waybill})
        if order.is_short:
            receipts.confirm_locked(order, actor, at)


def hand_parcel(order: Order, way: str, carrier: str, waybill: str, at: datetime, fault: Fault | None = None) -> Parcel:
    """The parcel of a checked waybill, of the order or of a `fault` of its device; WaybillUsed when another order took
    the number meanwhile (UNIQUE). One that the clock gave up becomes the parcel of the order's next report."""
    given_up = Parcel.objects.filter(Parcel.NEVER_LEFT, order=order, carrier=carrier, waybill=waybill).first()
    if given_up is not None and fault is not None and way == Parcel.Way.TO_REPAIR:
        given_up.count_for(fault, at)
        given_up.save(update_fields=["fault", "void_at", "handed_over_at"])
        outbox.put("parcel.handed_over", parcel_id=given_up.pk)
        return given_up
    try:
        with transaction.atomic():
            made = Parcel.objects.create(
                order=order, fault=fault, way=way, carrier=carrier, waybill=waybill, handed_over_at=at
            )
    except IntegrityError as error:
        raise WaybillUsed from error
    outbox.put("parcel.handed_over", parcel_id=made.pk)
    return made


def stands_still(parcel: Parcel, at: datetime) -> bool:
    """Whether its carrier cannot be asked now: then no deadline ends by its silence. For fifteen days at the most."""
    return parcel.unasked_since is not None and at < parcel.unasked_since + LONGEST_OUTAGE


def check_waybill(carrier: str, waybill: str, mended: int | None = None) -> str:
    """The cleaned number; WaybillInvalid, or WaybillUsed when it stands on another parcel. `mended`: of the order whose
    device goes to a repair with it, one that the clock gave up may stand."""
    cleaned = waybill.strip().upper()
    if carrier not in CARRIERS or not (8 <= len(cleaned) <= 30) or not (cleaned.isascii() and cleaned.isalnum()):
        raise WaybillInvalid
    taken = Parcel.objects.filter(carrier=carrier, waybill=cleaned)
    if mended is not None:
        taken = taken.exclude(pk__in=Parcel.objects.filter(Parcel.NEVER_LEFT, order=mended))
    if taken.exists():
        raise WaybillUsed
    return cleaned


def free_unit(order: Order, code: str) -> DeviceUnit:
    """The merchant's unit of the order's model with this serial number or IMEI, locked. UnitNotFound, UnitOut."""
    units = DeviceUnit.objects.select_for_update().filter(
        merchant_id=order.merchant_id, sku_id=order.plan.sku_id, retired_at=None
    )
    unit = units.filter(serial=code).first() or (units.filter(imei=code).first() if code else None)
    if unit is None:
        raise UnitNotFound(code=code)
    if bookings.is_out(unit.pk):
        raise UnitOut(code=code)
    return unit
