"""One open matter of a merchant as a card: what to do with which device, by when, what is missing, for whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.rules import regions
from catalog.models import LeasePlan, Sku
from core import calendar
from core.templatetags import xinzu
from orders import actions, words
from orders.actions import MERCHANT
from orders.models import Fault, Order, Parcel, State
from orders.services import aftersales, shipping

SHIP, TAKE_IN, INSPECT, OTHER = "ship", "take-in", "inspect", "other"
URGENT = timedelta(hours=24)
COLUMN_OF = {State.PAID: SHIP, State.RETURNING: TAKE_IN, State.INSPECTING: INSPECT, State.SHIPPED: OTHER,
             State.ACTIVE: OTHER}  # fmt: skip
SEE_ORDER = _("See the order")
GO = {SHIP: _("Ship it"), INSPECT: _("Inspect it")}  # elsewhere the step's own name says it


@dataclass(frozen=True)
class Button:
    """The one button of a card."""

    label: str | Promise
    url: str


@dataclass(frozen=True)
class Card:
    """`until` is the deadline that `left` counts down to; `drawing` is the code of the device's type."""

    column: str
    title: str
    href: str
    drawing: str
    left: words.Left
    until: datetime | None
    lines: list[str]
    who: str
    button: Button
    is_urgent: bool


def of_order(order: Order, at: datetime) -> Card:
    """The card of an order that waits for its merchant; a shipped one is a parcel that nobody received."""
    column, href = COLUMN_OF[State(order.state)], reverse("portal:order", args=[order.number])
    fault = aftersales.of(order) if order.state == State.ACTIVE else None
    until = fault.waits_until if fault else words.deadline(order)
    act, lines = _mend(fault, at) if fault else _WORDS[column](order, at)
    offered = actions.offered(MERCHANT, order, at)
    to_take = bool(offered) and (column != TAKE_IN or way_back(order) is not None)
    return Card(
        column=column,
        title=f"{act} · {_named(order.plan.sku)}",
        href=href,
        drawing=order.plan.sku.device_model.device_type.code,
        left=_left(order, until, at),
        until=until,
        lines=lines,
        who=f"{order.address.consignee.masked} · {regions.city(order.address.region)} · {order.number}",
        button=Button(GO.get(column, offered[0].label), offered[0].url) if to_take else Button(SEE_ORDER, href),
        is_urgent=until is not None and until - at < URGENT,
    )


def of_offer(plan: LeasePlan) -> Card:
    """The card of an offer that nobody can order: no unit of it is free."""
    add = f"{reverse('portal:unit_add')}?sku={plan.sku_id}"
    return Card(
        column=OTHER,
        title=gettext("Restock · %(device)s") % {"device": _named(plan.sku)},
        href=add,
        drawing=plan.sku.device_model.device_type.code,
        left=words.Left(gettext("None free"), "neutral"),
        until=None,
        lines=[gettext("Offered, but nobody can order it"), gettext("Missing: a free unit")],
        who=str(plan.sku.get_condition_display()),
        button=Button(_("Add a device"), add),
        is_urgent=False,
    )


def spoken(moment: datetime, at: datetime) -> str:
    """A deadline as people say it: today 14:00, tomorrow 10:00, 25 Nov 14:55."""
    day, today = calendar.business_date(moment), calendar.business_date(at)
    near = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}.get((day - today).days)
    return f"{near or xinzu.short_day(day)} {moment.astimezone(calendar.SHANGHAI):%H:%M}"


def way_back(order: Order) -> Parcel | None:
    """The parcel on its way back; needs `parcels` prefetched where many are asked."""
    return _parcel(order, Parcel.Way.BACK)


def _named(sku: Sku) -> str:
    """A Chinese name says its brand before it; an English one carries it."""
    return f"{sku.device_model.brand}{sku}" if (get_language() or "zh").startswith("zh") else str(sku)


def _left(order: Order, until: datetime | None, at: datetime) -> words.Left:
    if until is None:
        return words.Left(gettext("Not sent yet"), "neutral")
    if order.state == State.RETURNING and until - at >= URGENT:
        return words.Left(gettext("On its way"), "neutral")
    return words.left(until, at)


def _ship(order: Order, at: datetime) -> tuple[str, list[str]]:
    until = words.deadline(order)
    assert until is not None  # a paid order always has its promise
    promised = gettext("Promised by %(by)s") % {"by": spoken(until, at)}
    return gettext("Ship"), [promised, gettext("Missing: serial number, waybill")]


def _take_in(order: Order, at: datetime) -> tuple[str, list[str]]:
    act, back = gettext("Coming back"), way_back(order)
    if back is None or order.waits_until is None:
        last = xinzu.short_day(order.lease.last_day) if order.lease.last_day else "–"
        return act, [
            gettext("The customer has no waybill yet"),
            gettext("Last day of the lease: %(day)s") % {"day": last},
        ]
    sent = gettext("%(carrier)s, sent on %(day)s") % {
        "carrier": shipping.CARRIERS.get(back.carrier, back.carrier),
        "day": xinzu.short_day(calendar.business_date(back.handed_over_at)),
    }
    return act, [sent, gettext("Not here by %(by)s: lost, at your risk") % {"by": spoken(order.waits_until, at)}]


def _inspect(order: Order, at: datetime) -> tuple[str, list[str]]:
    assert order.waits_until is not None  # an arrived order always has its wait
    result = gettext("Result by %(by)s, then it counts as in order") % {"by": spoken(order.waits_until, at)}
    serial = order.unit.serial if order.unit else "–"
    return gettext("Inspect"), [result, gettext("Compare with unit %(serial)s") % {"serial": serial}]


def _mend(fault: Fault, at: datetime) -> tuple[str, list[str]]:
    assert fault.waits_until is not None  # an open one always has its wait
    by = gettext("%(state)s, by %(by)s") % {"state": fault.get_state_display(), "by": spoken(fault.waits_until, at)}
    return gettext("A fault"), [fault.words[:60], by]


def _stuck(order: Order, at: datetime) -> tuple[str, list[str]]:
    assert order.waits_until is not None  # a shipped order always has its wait
    out = _parcel(order, Parcel.Way.OUT)
    lost = gettext("Not delivered by %(by)s: lost, at your risk") % {"by": spoken(order.waits_until, at)}
    return gettext("Ask the carrier"), [f"{out.carrier.upper()} {out.waybill}" if out else "–", lost]


def _parcel(order: Order, way: str) -> Parcel | None:
    return next((p for p in order.parcels.all() if p.way == way and p.void_at is None), None)


_WORDS = {SHIP: _ship, TAKE_IN: _take_in, INSPECT: _inspect, OTHER: _stuck}
