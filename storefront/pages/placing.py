"""Checkout: the device, every payment, and how the deposit is secured."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.models import LeasePlan, Payer, PlanTerm
from orders.rules.costs import CostTable
from storefront.pages import costs, device, names


@dataclass(frozen=True, slots=True)
class ShownCheckout:
    """What `storefront/checkout.html` prints."""

    plan: LeasePlan
    name: str
    kind: str
    merchant: str
    term: PlanTerm
    cost: costs.ShownCost
    note: str
    shipping_is_free: bool
    quota_after: Decimal | None
    needs_credit: bool


def shown(plan: LeasePlan, term: PlanTerm, cost: CostTable, quota_left: Decimal) -> ShownCheckout:
    model = plan.sku.device_model
    return ShownCheckout(
        plan=plan,
        name=names.of(model),
        kind=names.drawing(model),
        merchant=names.merchant(plan.merchant),
        term=term,
        cost=costs.shown(cost),
        note=device.cover_note(plan, term),
        shipping_is_free=plan.ships_out == plan.ships_back == Payer.MERCHANT,
        quota_after=quota_left - cost.waived if cost.waived else None,
        needs_credit=cost.credit_deposit is not None,
    )
