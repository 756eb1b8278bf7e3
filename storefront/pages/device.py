"""One device of one merchant: choices, cost table, buyout prices, ways to end, who rents it out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.models import CoverChoice, LeasePlan, PlanTerm
from catalog.rules import pricing
from catalog.services import offers, versions
from core.templatetags.xinzu import yuan
from orders.rules.costs import CostTable
from orders.services import records
from orders.services.records import ShippingRecord
from storefront.pages import costs, curves, names
from storefront.pages.offers import address

WORD_FOR_SHARE = 10  # parcels from which a share says something


@dataclass(frozen=True, slots=True)
class Choice:
    """One cell of a picker."""

    href: str
    label: str
    rent: Decimal | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Example:
    """What buying in the middle of the term comes to, against buying at its end."""

    month: int
    price: Decimal
    rents: Decimal
    total: Decimal
    total_at_end: Decimal


@dataclass(frozen=True, slots=True)
class ShownMerchant:
    """Who rents it out, with what can be counted about the parcels."""

    name: str
    initial: str
    record: ShippingRecord
    has_record: bool


@dataclass(frozen=True, slots=True)
class ShownDevice:
    """What `storefront/device.html` prints."""

    plan: LeasePlan
    merchant: ShownMerchant
    name: str
    kind: str
    term: PlanTerm
    cost: costs.ShownCost
    tags: list[str | Promise]
    specifications: list[Choice]
    terms: list[Choice]
    curve: curves.Curve | None
    example: Example | None
    prices: list[tuple[int, Decimal]]
    facts: list[tuple[str, str]]
    early_return: Decimal
    checkout_href: str
    together_href: str
    note: str


def shown(plan: LeasePlan, term: PlanTerm, cost: CostTable, at: datetime) -> ShownDevice:
    device = plan.sku.device_model
    example = _example(cost)
    return ShownDevice(
        plan=plan,
        merchant=merchant(plan, at),
        name=names.of(device),
        kind=names.drawing(device),
        term=term,
        cost=costs.shown(cost),
        tags=tags(plan),
        specifications=_specifications(plan, term),
        terms=_terms(plan, term, cost),
        curve=curves.draw(cost.curve, example.month, _("Buyout price after each month")) if example else None,
        example=example,
        prices=list(enumerate(cost.curve, start=1)),
        facts=facts(plan),
        early_return=cost.monthly * plan.early_return_months,
        checkout_href=f"{reverse('storefront:checkout', args=[plan.pk])}?months={term.months}",
        together_href=address_together(f"{plan.pk}.{term.months}"),
        note=cover_note(plan, term),
    )


def address_together(picked: str) -> str:
    """Puts what is picked on the list of what is ordered together."""
    return f"{reverse('storefront:basket')}?{urlencode({'add': picked})}"


def cover_note(plan: LeasePlan, term: PlanTerm) -> str:
    """Cover that one may take is not in the table; compulsory cover is."""
    if plan.cover_choice != CoverChoice.OPTIONAL:
        return ""
    price, total = yuan(plan.cover_monthly), yuan(plan.cover_monthly * term.months)
    return _("Without accident cover (optional, %(price)s a month, %(total)s in all); it is never ticked for you.") % {
        "price": price,
        "total": total,
    }


def _example(cost: CostTable) -> Example | None:
    if not cost.curve:
        return None
    month = max(1, cost.months // 2)
    price, rents = cost.curve[month - 1], cost.monthly * month
    return Example(month, price, rents, price + rents, cost.curve[-1] + cost.monthly * cost.months)


def merchant(plan: LeasePlan, at: datetime) -> ShownMerchant:
    hour = at.replace(minute=0, second=0, microsecond=0)
    name, record = names.merchant(plan.merchant), _record(plan.merchant_id, hour)
    return ShownMerchant(name, name[:1], record, record.shipped >= WORD_FOR_SHARE)


@versions.remembered
def _record(merchant_id: int, hour: datetime) -> ShippingRecord:
    """Parcels up to the last full hour, so that they are counted once in it."""
    return records.shipping(merchant_id, hour)


def tags(plan: LeasePlan) -> list[str | Promise]:
    managed = _("Managed device") if plan.managed else _("No remote lock")
    return [plan.sku.get_condition_display(), plan.get_lease_model_display(), managed]


def _specifications(plan: LeasePlan, term: PlanTerm) -> list[Choice]:
    """Every specification of this model from the same merchant; the condition is said where they differ in it."""
    found = offers.of_model(plan)
    differ = len({other.sku.condition for other in found}) > 1
    return [
        Choice(
            address(other.pk, term.months),
            f"{other.sku.label} · {other.sku.get_condition_display()}" if differ else other.sku.label,
            offers.usual_term(other, term.months).monthly_rent,
            other.pk == plan.pk,
        )
        for other in found
    ]


def _terms(plan: LeasePlan, chosen: PlanTerm, cost: CostTable) -> list[Choice]:
    """What grade and income leave to choose from, and the one that is looked at."""
    return [
        Choice(
            address(plan.pk, term.months),
            ngettext("%(months)s mo.", "%(months)s mo.", term.months) % {"months": term.months},
            pricing.lowered(term.monthly_rent, cost.rent_off_percent),
            term.months == chosen.months,
        )
        for term in plan.terms.all()
        if term.months in (*cost.allowed, chosen.months)
    ]


def facts(plan: LeasePlan) -> list[tuple[str, str]]:
    """The attributes that the device type lists, in the reader's language."""
    device = plan.sku.device_model
    english = get_language() == "en"
    stated = device.attributes or {}
    listed = [part for part in device.device_type.attributes if part.get("key") in stated]
    return [(part["name_en" if english else "name"], _value(stated[part["key"]], english)) for part in listed]


def _value(value: object, english: bool) -> str:
    """An attribute is a text, or one text per language."""
    if isinstance(value, dict):
        return str(value.get("en" if english else "zh", ""))
    return str(value)
