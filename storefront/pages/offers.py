"""Offers as cards: rent, and at once what it costs to return, to own and to buy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.models import Customer
from catalog.models import LeaseModel, LeasePlan, PlanTerm
from catalog.services import offers, search, versions
from core.templatetags.xinzu import percent
from orders.rules.costs import CostTable
from orders.services import checkout
from storefront.pages import names


@dataclass(frozen=True, slots=True)
class Card:
    """What `components/offer_card.html` prints."""

    href: str
    drawing: str
    name: str
    specification: str
    condition: str | Promise
    lease_model: str | Promise
    rent: Decimal
    months: int
    total_to_return: Decimal | None
    total_to_own: Decimal | None
    cash_price: Decimal
    deposit: Decimal
    waived: Decimal
    needs_credit: bool
    yearly: str | None
    is_free: bool
    days: int = 0


def cards(customer: Customer | None, plans: Iterable[LeasePlan], on: date, months: int | None = None) -> list[Card]:
    """One card per plan at the months asked for or its usual term, with what this customer would be waived."""
    shown = [(plan, offers.usual_term(plan, months)) for plan in plans]
    costs = checkout.quotes(customer, [(plan, term.months) for plan, term in shown], on)
    return [_card(plan, term, cost) for (plan, term), cost in zip(shown, costs, strict=True)]


def grid(customer: Customer | None, plan_ids: Sequence[int], on: date, months: int | None = None) -> SafeString:
    """The cards of these plans, printed; for strangers once for each version of the catalogue."""
    if customer is not None:
        return _grid(customer, search.by_ids(plan_ids), on, months)
    return _strangers_grid(tuple(plan_ids), on, months, get_language())


@versions.remembered
def _strangers_grid(plan_ids: tuple[int, ...], on: date, months: int | None, language: str) -> SafeString:
    return _grid(None, search.by_ids(plan_ids), on, months)


def _grid(customer: Customer | None, plans: Iterable[LeasePlan], on: date, months: int | None) -> SafeString:
    return render_to_string("storefront/offer_grid.html", {"offers": cards(customer, plans, on, months)})


@lru_cache(maxsize=4096)
def address(plan_id: int, months: int) -> str:
    """Of its page at these months; a short plan has 0 and asks for days there."""
    return reverse("storefront:device", args=[plan_id]) + (f"?months={months}" if months else "")


def _card(plan: LeasePlan, term: PlanTerm, cost: CostTable) -> Card:
    device = plan.sku.device_model
    return Card(
        href=address(plan.pk, term.months),
        drawing=names.drawing(device),
        name=names.of(device),
        specification=plan.sku.label,
        condition=plan.sku.get_condition_display(),
        lease_model=plan.get_lease_model_display(),
        rent=cost.monthly + cost.cover_monthly,
        months=cost.months,
        total_to_return=cost.total_to_return if plan.lease_model != LeaseModel.RENT_TO_OWN else None,
        total_to_own=cost.total_to_own,
        cash_price=cost.cash_price,
        deposit=cost.deposit,
        waived=cost.waived,
        needs_credit=cost.credit_deposit is not None,
        yearly=None if cost.cost_simple_yearly is None else percent(cost.cost_simple_yearly),
        is_free=getattr(plan, "available", True),
        days=plan.least_days if plan.is_short else 0,
    )
