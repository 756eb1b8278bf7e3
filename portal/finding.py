"""What a merchant types to find an order or a unit: a number, a waybill, a serial number, a device's name."""

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant
from catalog.models import DeviceUnit
from catalog.services import units
from orders.models import Order, Parcel, State
from orders.models.orders import IN_CUSTODY
from portal import todo

LONGEST = 60
FREE, OUT, RETIRED = "free", "out", "retired"
PLACES: dict[str, str | Promise] = {
    FREE: pgettext_lazy("unit", "On the shelf"),
    OUT: _("With customers"),
    RETIRED: _("Retired"),
}


def typed(text: str) -> str:
    """One line, not too long, without what no number or name has."""
    return text.replace("\0", "").strip()[:LONGEST]


def orders(merchant: Merchant, state: str, text: str) -> "QuerySet[Order]":
    """Orders in a state; whose number, waybill, unit or device is `text`. Anything else than a state means all."""
    rows = todo.of_merchant(merchant)
    if state in State.values:
        rows = rows.filter(state=state)
    return rows.filter(_says(text)) if text else rows


def unit_rows(merchant: Merchant, place: str, text: str) -> "QuerySet[DeviceUnit]":
    """Units at a place, each with the number of the order that has it."""
    with_customer = Order.objects.filter(unit=OuterRef("pk"), state__in=IN_CUSTODY).values("number")[:1]
    rows = DeviceUnit.objects.filter(merchant=merchant).select_related("sku__device_model")
    rows = rows.annotate(order_number=Subquery(with_customer))
    if text:
        code = units.normalise(text)
        rows = rows.filter(Q(serial__icontains=code) | Q(imei=code) | _named(text, "sku__device_model"))
    if place == RETIRED:
        return rows.exclude(retired_at=None)
    if place == OUT:
        return rows.exclude(order_number=None)
    return rows.filter(retired_at=None, order_number=None) if place == FREE else rows


def free_units(order: Order) -> "QuerySet[DeviceUnit]":
    """What may be shipped for this order, the longest on the shelf first."""
    rows = unit_rows(order.merchant, FREE, "").filter(sku_id=order.plan.sku_id)
    if not order.is_short:
        return rows.order_by("pk")
    return rows.order_by(Case(When(pk=order.booking.unit_id, then=0), default=1), "pk")  # the booked one leads


def other_specification(order: Order, code: str) -> DeviceUnit | None:
    """The merchant's unit of that number when it is another device than the one ordered."""
    code = units.normalise(code)
    rows = DeviceUnit.objects.filter(Q(serial=code) | Q(imei=code), merchant=order.merchant) if code else None
    elsewhere = rows.exclude(sku_id=order.plan.sku_id) if rows is not None else DeviceUnit.objects.none()
    return elsewhere.select_related("sku__device_model").first()


def _says(text: str) -> Q:
    code = units.normalise(text)
    parcels = Parcel.objects.filter(waybill=code).values("order")
    by_number = Q(number__icontains=code) | Q(unit__serial=code) | Q(pk__in=parcels)
    return by_number | (Q(unit__imei=code) & ~Q(unit__imei="")) | _named(text, "plan__sku__device_model")


def _named(text: str, path: str) -> Q:
    return Q(**{f"{path}__name__icontains": text}) | Q(**{f"{path}__name_en__icontains": text})
