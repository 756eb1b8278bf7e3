"""Offers as cards: rent, and at once what it costs to return, to own and to buy."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise

from catalog.models import LeaseModel, LeasePlan, PlanTerm
from core.templatetags.xinzu import percent
from orders.services import checkout
from storefront.pages import names

LIKED_MONTHS = 12


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
    yearly: str | None


def cards(plans: Iterable[LeasePlan], on: date) -> list[Card]:
    """One card per plan at its usual term. Figures are those of a visitor; the device page knows the customer."""
    return [_card(plan, on) for plan in plans]


def usual_term(plan: LeasePlan, months: int | None = None) -> PlanTerm:
    """The term asked for, else twelve months, else the longest."""
    terms = list(plan.terms.all())
    wanted = (months, LIKED_MONTHS)
    return next((term for want in wanted for term in terms if term.months == want), terms[-1])


def address(plan_id: int, months: int) -> str:
    return f"{reverse('storefront:device', args=[plan_id])}?months={months}"


def _card(plan: LeasePlan, on: date) -> Card:
    term = usual_term(plan)
    cost = checkout.quote(None, plan, term.months, on)
    device = plan.sku.device_model
    returns = plan.lease_model != LeaseModel.RENT_TO_OWN
    return Card(
        href=address(plan.pk, term.months),
        drawing=device.device_type.code,
        name=names.of(device),
        specification=plan.sku.label,
        condition=plan.sku.get_condition_display(),
        lease_model=plan.get_lease_model_display(),
        rent=term.monthly_rent,
        months=term.months,
        total_to_return=cost.total_to_return if returns else None,
        total_to_own=cost.total_to_own,
        cash_price=cost.cash_price,
        deposit=cost.credit_deposit or cost.deposit,
        waived=cost.waived,
        yearly=None if cost.cost_simple_yearly is None else percent(cost.cost_simple_yearly),
    )
