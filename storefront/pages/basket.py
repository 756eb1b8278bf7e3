"""Devices that are ordered together: each with its table, and one table of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from billing.rules.securing import Kind
from catalog.models import CoverChoice, LeasePlan, Payer
from catalog.rules import shorts
from catalog.services import offers
from orders.rules.costs import CostTable, Step, Together
from orders.services.checkout import MOST_OPEN_ORDERS
from orders.services.cost_tables import Line, Wanted
from storefront.pages import costs, days, device, names, placing
from storefront.pages import offers as shelves
from storefront.pages.placing import Chosen, Picked

MOST_LINES = MOST_OPEN_ORDERS


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One device of the list."""

    plan: LeasePlan
    name: str
    kind: str
    merchant: str
    length: str
    cost: costs.ShownCost
    note: str
    shipping_is_free: bool
    href: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class ShownBasket:
    """What `storefront/basket.html` prints; sums are over all lines."""

    lines: list[ShownLine]
    deposit: Decimal
    waived: Decimal
    quota_after: Decimal | None
    to_freeze: Decimal
    to_pay_as_deposit: Decimal
    first_payment: Decimal
    payable_now: Decimal
    monthly: list[Step]
    total_to_return: Decimal
    total_to_own: Decimal | None
    needs_credit: bool
    is_full: bool
    digest: str
    here: str
    address_href: str


def address(picked: Sequence[Picked]) -> str:
    return _address("storefront:basket", picked)


def lines(picked: Sequence[Picked], on: date) -> list[tuple[Picked, Line]]:
    """Those that are offered on day `on`, as they are offered."""
    found = [line for each in picked[:MOST_LINES] if (line := _line(each, on))]
    return [(Picked(plan.pk, Chosen(w.months, w.cover, w.days)), (plan, w)) for plan, w in found]


def shown(found: Sequence[tuple[Picked, Line]], together: Together, quota_left: Decimal) -> ShownBasket:
    picked = [each for each, _line in found]
    return ShownBasket(
        lines=[
            _shown_line(picked, n, plan, cost)
            for n, ((_picked, (plan, _wanted)), cost) in enumerate(zip(found, together.tables, strict=True))
        ],
        deposit=together.deposit,
        waived=together.waived,
        quota_after=quota_left - together.waived if together.waived else None,
        to_freeze=together.to_hold(Kind.FREEZE),
        to_pay_as_deposit=together.to_hold(Kind.PAID),
        first_payment=together.to_pay,
        payable_now=together.payable_now,
        monthly=together.monthly,
        total_to_return=together.total_to_return,
        total_to_own=together.total_to_own,
        needs_credit=any(cost.credit_deposit is not None for cost in together.tables),
        is_full=len(picked) >= MOST_LINES,
        digest=together.digest,
        here=address(picked),
        address_href=_address("storefront:basket_address", picked),
    )


def _shown_line(picked: Sequence[Picked], number: int, plan: LeasePlan, cost: CostTable) -> ShownLine:
    model, choice = plan.sku.device_model, picked[number].choice
    term = offers.term(plan, choice.months, choice.dates)
    return ShownLine(
        plan=plan,
        name=names.of(model),
        kind=names.drawing(model),
        merchant=names.merchant(plan.merchant),
        length=placing.length(cost),
        cost=costs.shown(cost),
        note="" if cost.cover_is_chosen else device.cover_note(plan, term),
        shipping_is_free=plan.ships_out == plan.ships_back == Payer.MERCHANT,
        href=days.address(plan.pk, choice.dates) if choice.dates else shelves.address(plan.pk, choice.months),
        remove_href=address([*picked[:number], *picked[number + 1 :]]),
    )


def _line(picked: Picked, on: date) -> Line | None:
    choice = picked.choice
    try:
        plan = offers.get(picked.plan_id)
        offers.term(plan, choice.months, choice.dates)
    except (offers.OfferGone, offers.TermUnknown):
        return None
    if plan.is_short is not (choice.dates is not None):
        return None
    if choice.dates and shorts.wrong(choice.dates, plan.limits, on):
        return None
    cover = choice.cover and plan.cover_choice == CoverChoice.OPTIONAL
    return plan, Wanted(plan.pk, choice.months, cover, choice.dates)


def _address(route: str, picked: Sequence[Picked]) -> str:
    """Of nothing it says so: without a word about lines the page shows what was looked at last."""
    return f"{reverse(route)}?{urlencode([('line', each.text) for each in picked] or [('line', '')])}"
