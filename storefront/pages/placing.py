"""Checkout: the device, every payment, and how the deposit is secured."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import CoverChoice, LeasePlan, Payer, PlanTerm
from catalog.rules.shorts import Dates
from core.templatetags.xinzu import yuan
from orders.rules.costs import CostTable
from storefront.pages import costs, days, device, names
from storefront.pages.device import Choice


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is ordered of a plan. `cover`: with the accident cover that it leaves open."""

    months: int
    cover: bool = False
    dates: Dates | None = None


@dataclass(frozen=True, slots=True)
class ShownCheckout:
    """What `storefront/checkout.html` prints."""

    plan: LeasePlan
    name: str
    kind: str
    merchant: str
    term: PlanTerm
    length: str
    is_short: bool
    cost: costs.ShownCost
    note: str
    covers: list[Choice]
    cover_total: Decimal
    shipping_is_free: bool
    quota_after: Decimal | None
    needs_credit: bool


def checkout_address(plan_id: int, choice: Chosen) -> str:
    return f"{reverse('storefront:checkout', args=[plan_id])}?{_query(choice)}"


def address_address(plan_id: int, choice: Chosen) -> str:
    """Where a new address is given on the way."""
    return f"{reverse('storefront:address', args=[plan_id])}?{_query(choice)}"


def shown(plan: LeasePlan, term: PlanTerm, cost: CostTable, quota_left: Decimal) -> ShownCheckout:
    model = plan.sku.device_model
    return ShownCheckout(
        plan=plan,
        name=names.of(model),
        kind=names.drawing(model),
        merchant=names.merchant(plan.merchant),
        term=term,
        length=_length(cost),
        is_short=plan.is_short,
        cost=costs.shown(cost),
        note="" if cost.cover_is_chosen else device.cover_note(plan, term),
        covers=_covers(plan, term, chosen=cost.cover_is_chosen),
        cover_total=plan.cover_monthly * term.months,
        shipping_is_free=plan.ships_out == plan.ships_back == Payer.MERCHANT,
        quota_after=quota_left - cost.waived if cost.waived else None,
        needs_credit=cost.credit_deposit is not None,
    )


def _length(cost: CostTable) -> str:
    if cost.first_day is None or cost.last_day is None:
        return ngettext("%(months)s month", "%(months)s months", cost.months) % {"months": cost.months}
    count = Dates(cost.first_day, cost.last_day).days
    told = ngettext("%(first)s to %(last)s, %(days)s day", "%(first)s to %(last)s, %(days)s days", count)
    return told % {"first": f"{cost.first_day:%m-%d}", "last": f"{cost.last_day:%m-%d}", "days": count}


def _query(choice: Chosen) -> str:
    if choice.dates:
        return days.query(choice.dates)
    return urlencode({"months": str(choice.months), **({"cover": "1"} if choice.cover else {})})


def _covers(plan: LeasePlan, term: PlanTerm, chosen: bool) -> list[Choice]:
    """With and without, where the plan leaves it open; without stands first and holds until somebody says otherwise."""
    if plan.cover_choice != CoverChoice.OPTIONAL:
        return []
    price = _("%(price)s a month") % {"price": yuan(plan.cover_monthly)}
    return [
        Choice(checkout_address(plan.pk, Chosen(term.months)), _("Without cover"), None, not chosen),
        Choice(checkout_address(plan.pk, Chosen(term.months, cover=True)), price, None, chosen),
    ]
