"""The life of one unit as a timeline: when it came, who had it, when it left."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import DeviceUnit
from core import calendar
from core.services import events
from orders.models import Inspection, Order
from orders.words import ACTORS, Entry

MOST = 50
KINDS = {"unit_added": _("Put on the shelf"), "retired": _("Retired: it will not be rented again")}
SHIPPED, RECEIVED = _("Shipped"), _("Lease started")
BACK = {
    Inspection.Result.PASSED: (_("Back on the shelf: inspected"), "merchant"),
    Inspection.Result.NOT_MADE: (_("Back on the shelf: not inspected in time"), "platform"),
}
Moment = tuple[datetime, str | Promise, str, str]  # at, title, actor, text


def orders_of(unit: DeviceUnit) -> list[Order]:
    """Who had it, the newest first, at most 50."""
    rows = Order.objects.filter(unit=unit).select_related("lease", "address", "inspection")
    return list(rows.order_by("-shipped_at", "-pk")[:MOST])


def timeline(unit: DeviceUnit, orders: list[Order]) -> list[Entry]:
    """Oldest first; the last entry is how it stands."""
    told: list[Moment] = [
        (row.at, KINDS[row.kind], row.actor.partition(":")[0], "") for row in events.of(unit) if row.kind in KINDS
    ]
    for order in orders:
        told += _of_order(order)
    told.sort(key=lambda moment: moment[0])
    return [_entry(moment, is_last=moment is told[-1]) for moment in told]


def _of_order(order: Order) -> list[Moment]:
    told: list[Moment] = []
    if order.shipped_at:
        told.append((order.shipped_at, SHIPPED, "merchant", order.number))
    if order.received_at:
        told.append((order.received_at, RECEIVED, "customer", order.number))
    inspection: Inspection | None = getattr(order, "inspection", None)
    if inspection:
        title, actor = BACK[Inspection.Result(inspection.result)]
        told.append((inspection.made_at, title, actor, order.number))
    return told


def _entry(moment: Moment, *, is_last: bool) -> Entry:
    at, title, actor, text = moment
    local = at.astimezone(calendar.SHANGHAI)
    condition = "now" if is_last else "done"
    return Entry(title, calendar.business_date(at), f"{local:%H:%M}", ACTORS.get(actor, actor), text, condition)
