"""Another device for the one on lease: what may be had, what ending the old lease costs with each, what stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import LeasePlan
from core import calendar
from core.errors import DomainError
from core.money import ZERO
from core.templatetags.xinzu import day, yuan
from orders import actions
from orders.models import Ending, Order, State
from orders.rules.costs import CostTable
from orders.services import checkout, swaps
from storefront.pages import names, placing, ways_out
from storefront.pages.endings import Way
from storefront.pages.placing import Chosen

Text = str | Promise
MOST = 24


@dataclass(frozen=True, slots=True)
class Group:
    """One device and the terms that it may be had for."""

    name: str
    text: str
    kind: str
    ways: list[Way]


@dataclass(frozen=True, slots=True)
class ShownSwap:
    """What `storefront/swap.html` prints: the devices or why there are none, or the order that is under way."""

    order: Order
    name: str
    kind: str
    refused: str
    groups: list[Group]
    under_way: "Linked | None"
    call_off: actions.Offered | None


@dataclass(frozen=True, slots=True)
class Linked:
    """The other order of a swap, as its own order speaks of it."""

    text: Text
    more: Text
    number: str
    href: str


def shown(order: Order, at: datetime) -> ShownSwap:
    linked = new_one(order)
    groups, refused = ([], "") if linked else _choices(order, calendar.business_date(at))
    offered = {one.name: one for one in actions.for_customer(order, at)} if linked else {}
    device = order.plan.sku.device_model
    return ShownSwap(
        order, names.of(device), names.drawing(device), refused, groups, linked, offered.get("do-not-swap")
    )


def new_one(order: Order) -> Linked | None:
    """On the old lease's pages: the order of the device that comes for it."""
    ending = next((one for one in order.endings.all() if _counts(one)), None)
    if ending is None or ending.successor is None:
        return None
    if order.state == State.ACTIVE:
        text = _("Another device is on its way to you for this one.")
        more: Text = _("This lease runs on until you have received it. If that order ends, nothing changes here.")
    else:
        text = _("You have the new device. Its rent runs, and this one's has ended.")
        more = format_html(_("Hand this one over by {day}; after that each day costs."), day=day(sent_by(order)))
    return Linked(text, more, ending.successor.number, reverse("storefront:order", args=[ending.successor.number]))


def sent_by(order: Order) -> date | None:
    """The last day on which the old device is handed over free of day rent."""
    ending = next((one for one in order.endings.all() if _counts(one)), None)
    return calendar.business_date(ending.valid_until) - timedelta(days=1) if ending and ending.valid_until else None


def old_one(order: Order) -> Linked | None:
    """On the new order's page: the lease that it is to end."""
    ending: Ending | None = getattr(order, "replaces", None)
    if ending is None:
        return None
    number, is_open = ending.order.number, ending.state == Ending.State.OPEN and ending.valid_until is None
    text = _("It replaces the device of lease %(number)s.") % {"number": number}
    more = _("That lease runs on until you have received this one.") if is_open else ""
    return Linked(text, more, number, reverse("storefront:lease", args=[number]))


def way(order: Order, hrefs: dict[str, str]) -> Way | None:
    """Among the ways to end a lease."""
    if "swap" not in hrefs:
        return None
    text = _("Another device of this merchant; this one runs on until you have it")
    note = _("free for a term as long as the rest of this one")
    return Way("phone", _("Swap it"), text, ZERO, ZERO, note, hrefs["swap"])


def figures(order: Order, months: int, on: date) -> ways_out.Figures:
    """What becomes of the old lease with a new one of `months`, in amounts and dates."""
    quote = swaps.quote(order, on, months)
    said = _("Ending this lease before its term")
    note = _("the new term is not shorter than the rest") if not quote.payoff.price else _("as an early return")
    after: list[Text] = [
        _("It runs on, rent and all, until you have received the new device. If that order ends, nothing changes."),
        *ways_out.fallen(order, quote, _("Once it is received")),
        ngettext(
            "You then have %(days)d day to hand the old device over; after that each day costs.",
            "You then have %(days)d days to hand the old device over; after that each day costs.",
            swaps.SEND_WITHIN,
        ) % {"days": swaps.SEND_WITHIN},
        _kept(order),
    ]  # fmt: skip
    lines = [ways_out.Line(said, note, quote.payoff.price), *ways_out.owed(quote)]
    return ways_out.figures(quote, lines, _("If the new one came today"), after)


def _counts(ending: Ending) -> bool:
    return ending.kind == Ending.Kind.SWAP and ending.state in (Ending.State.OPEN, Ending.State.DONE)


def _kept(order: Order) -> str:
    deposit = order.lease.deposit
    if not deposit.to_hold:
        return _("What is waived for the old device counts for the new one; your quota moves by the difference only.")
    said = _("The old deposit of %(amount)s stays until the old device is settled; the new one is made before.")
    return said % {"amount": yuan(deposit.to_hold)}


def _choices(order: Order, on: date) -> tuple[list[Group], str]:
    try:
        swaps.require(order, on)
    except DomainError as error:
        return [], str(error)
    plans = swaps.others(order)[:MOST]
    wanted = [(plan, term.months) for plan in plans for term in plan.terms.all()]
    tables = checkout.quotes(order.customer, wanted, on, replaced=order)
    found = [(plan, cost) for (plan, _months), cost in zip(wanted, tables, strict=True) if not cost.forbidden]
    if not found:
        return [], _("This merchant has no other device to rent by the month just now.")
    return _groups(order, found, on), ""


def _groups(order: Order, found: Sequence[tuple[LeasePlan, CostTable]], on: date) -> list[Group]:
    by_plan: dict[int, tuple[LeasePlan, list[Way]]] = {}
    ended = swaps.quotes(order, on, (cost.months for _plan, cost in found))
    for plan, cost in found:
        price = ended[cost.months].payoff.price
        by_plan.setdefault(plan.pk, (plan, []))[1].append(_way(order, plan, cost, price))
    return [
        Group(names.of(plan.sku.device_model), plan.sku.label, names.drawing(plan.sku.device_model), ways)
        for plan, ways in by_plan.values()
    ]


def _way(order: Order, plan: LeasePlan, cost: CostTable, price: Decimal) -> Way:
    title = _("%(length)s, %(rent)s a month") % {
        "length": placing.length(cost), "rent": yuan(cost.monthly + cost.cover_monthly),
    }  # fmt: skip
    text = _("Deposit %(deposit)s, waived %(waived)s") % {"deposit": yuan(cost.deposit), "waived": yuan(cost.waived)}
    href = placing.checkout_address(plan.pk, Chosen(cost.months, swap=order.number))
    return Way("phone", title, text, price, ZERO, _("for ending this lease"), href)
