"""One device of one merchant: choices, cost table, buyout prices, ways to end."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.models import LeasePlan, PlanTerm
from catalog.services import offers
from orders.rules.costs import CostTable
from storefront.pages import costs, curves, names
from storefront.pages.offers import address

COOLING_OFF_DAYS = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """One cell of a picker."""

    href: str
    label: str
    rent: Decimal | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownDevice:
    """What `storefront/device.html` prints."""

    plan: LeasePlan
    merchant: str
    name: str
    kind: str
    term: PlanTerm
    cost: costs.ShownCost
    tags: list[str | Promise]
    specifications: list[Choice]
    terms: list[Choice]
    curve: curves.Curve | None
    prices: list[tuple[int, Decimal]]
    facts: list[tuple[str, str]]
    early_return: Decimal
    checkout_href: str
    note: str


def shown(plan: LeasePlan, term: PlanTerm, cost: CostTable) -> ShownDevice:
    device = plan.sku.device_model
    return ShownDevice(
        plan=plan,
        merchant=names.merchant(plan.merchant),
        name=names.of(device),
        kind=device.device_type.code,
        term=term,
        cost=costs.shown(cost),
        tags=_tags(plan),
        specifications=_specifications(plan, term),
        terms=_terms(plan, term),
        curve=curves.draw(cost.curve, _middle(cost), _("Buyout price after each month")),
        prices=list(enumerate(cost.curve, start=1)),
        facts=_facts(plan),
        early_return=term.monthly_rent * plan.early_return_months,
        checkout_href=f"{reverse('storefront:checkout', args=[plan.pk])}?months={term.months}",
        note=_cover_note(plan, term),
    )


def _middle(cost: CostTable) -> int:
    return max(1, cost.months // 2)


def _tags(plan: LeasePlan) -> list[str | Promise]:
    managed = _("Managed device") if plan.managed else _("No remote lock")
    return [plan.sku.get_condition_display(), plan.get_lease_model_display(), managed]


def _specifications(plan: LeasePlan, term: PlanTerm) -> list[Choice]:
    """Other specifications of this model from the same merchant."""
    same = offers.published(merchant_id=plan.merchant_id).filter(sku__device_model=plan.sku.device_model)
    named = [(other, f"{other.sku.label} · {other.sku.get_condition_display()}") for other in same]
    return [Choice(address(other.pk, term.months), name, None, other.pk == plan.pk) for other, name in named]


def _terms(plan: LeasePlan, chosen: PlanTerm) -> list[Choice]:
    return [
        Choice(
            address(plan.pk, term.months),
            _("%(months)s mo.") % {"months": term.months},
            term.monthly_rent,
            term.months == chosen.months,
        )
        for term in plan.terms.all()
    ]


def _facts(plan: LeasePlan) -> list[tuple[str, str]]:
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


def _cover_note(plan: LeasePlan, term: PlanTerm) -> str:
    if plan.cover_choice != "OPTIONAL":
        return ""
    return _("Accident cover is optional and not included above.")
