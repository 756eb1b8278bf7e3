"""Checkout: the device, every payment, and how the deposit is secured."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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

# what becomes an address of ours, nothing else
_DAY = r"\d{4}-\d\d-\d\d"
_VALUE = re.compile(rf"([1-9][0-9]{{0,17}})\.(?:([1-9][0-9]?)(\.c)?|({_DAY})\.({_DAY}))")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is ordered of a plan. `cover`: with the accident cover that it leaves open; `swap`: the number of the order
    whose device it replaces."""

    months: int
    cover: bool = False
    dates: Dates | None = None
    swap: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """A choice and its plan, as a cookie and an address keep them: 7.12, 7.12.c or 7.2026-12-05.2026-12-07."""

    plan_id: int
    choice: Chosen

    @property
    def text(self) -> str:
        if self.choice.dates:
            return f"{self.plan_id}.{self.choice.dates.first}.{self.choice.dates.last}"
        return f"{self.plan_id}.{self.choice.months}" + (".c" if self.choice.cover else "")


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
    together_href: str


def checkout_address(plan_id: int, choice: Chosen) -> str:
    return f"{reverse('storefront:checkout', args=[plan_id])}?{_query(choice)}"


def address_address(plan_id: int, choice: Chosen) -> str:
    """Where a new address is given on the way."""
    return f"{reverse('storefront:address', args=[plan_id])}?{_query(choice)}"


def read(texts: Iterable[str]) -> list[Picked]:
    """Those that we wrote."""
    return [picked for text in texts if (picked := _read(text))]


def shown(plan: LeasePlan, term: PlanTerm, cost: CostTable, quota_left: Decimal, swap: str = "") -> ShownCheckout:
    model = plan.sku.device_model
    return ShownCheckout(
        plan=plan,
        name=names.of(model),
        kind=names.drawing(model),
        merchant=names.merchant(plan.merchant),
        term=term,
        length=length(cost),
        is_short=plan.is_short,
        cost=costs.shown(cost),
        note="" if cost.cover_is_chosen else device.cover_note(plan, term),
        covers=_covers(plan, term, swap, chosen=cost.cover_is_chosen),
        cover_total=plan.cover_monthly * term.months,
        shipping_is_free=plan.ships_out == plan.ships_back == Payer.MERCHANT,
        quota_after=quota_left - cost.waived if cost.waived else None,
        needs_credit=cost.credit_deposit is not None,
        together_href="" if swap else device.address_together(Picked(plan.pk, _again(cost)).text),
    )


def _read(text: str) -> Picked | None:
    found = _VALUE.fullmatch(text)
    if not found:
        return None
    if found[2]:
        return Picked(int(found[1]), Chosen(int(found[2]), cover=bool(found[3])))
    try:
        first, last = date.fromisoformat(found[4]), date.fromisoformat(found[5])
        return Picked(int(found[1]), Chosen(0, dates=Dates(first, last)))
    except ValueError:
        return None


def length(cost: CostTable) -> str:
    if cost.first_day is None or cost.last_day is None:
        return ngettext("%(months)s month", "%(months)s months", cost.months) % {"months": cost.months}
    count = Dates(cost.first_day, cost.last_day).days
    told = ngettext("%(first)s to %(last)s, %(days)s day", "%(first)s to %(last)s, %(days)s days", count)
    return told % {"first": f"{cost.first_day:%m-%d}", "last": f"{cost.last_day:%m-%d}", "days": count}


def _again(cost: CostTable) -> Chosen:
    """What this table is of."""
    if cost.first_day and cost.last_day:
        return Chosen(0, dates=Dates(cost.first_day, cost.last_day))
    return Chosen(cost.months, cost.cover_is_chosen)


def _query(choice: Chosen) -> str:
    if choice.dates:
        return days.query(choice.dates)
    more = {"cover": "1"} if choice.cover else {}
    return urlencode({"months": str(choice.months), **more, **({"swap": choice.swap} if choice.swap else {})})


def _covers(plan: LeasePlan, term: PlanTerm, swap: str, *, chosen: bool) -> list[Choice]:
    """With and without, where the plan leaves it open; without stands first and holds until somebody says otherwise."""
    if plan.cover_choice != CoverChoice.OPTIONAL:
        return []
    price = _("%(price)s a month") % {"price": yuan(plan.cover_monthly)}
    return [
        Choice(checkout_address(plan.pk, Chosen(term.months, swap=swap)), _("Without cover"), None, not chosen),
        Choice(checkout_address(plan.pk, Chosen(term.months, cover=True, swap=swap)), price, None, chosen),
    ]
