"""The deal of one device, as billing keeps it with the lease."""

from datetime import date
from decimal import Decimal

from billing.rules import late_fees
from billing.rules.terms import RETURN_WINDOW_DAYS, DamagePrice, LeaseTerms
from catalog.models import LeasePlan
from catalog.services import offers, prices
from orders.rules.costs import CostTable

FEE_RATE_DAILY = Decimal("0.0003")  # domain.md §6


def of(plan: LeasePlan, cost: CostTable, on: date) -> LeaseTerms:
    """What billing needs to know of the device and the deal; the late fee stays below the legal cost cap of the day."""
    cap_yearly = prices.cost_cap(on)
    return LeaseTerms(
        lease_model=plan.lease_model,
        months=cost.months,
        monthly_rent=cost.monthly,
        cover_monthly=cost.cover_monthly,
        signed_value=plan.signed_value,
        cash_price=cost.cash_price,
        total_to_own=_total_to_own(plan, cost),
        curve=cost.curve,
        early_return_months=0 if plan.is_short else plan.early_return_months,
        return_window_days=0 if plan.is_short else RETURN_WINDOW_DAYS,
        first_day=cost.first_day,
        last_day=cost.last_day,
        day_price=offers.price_of_days(plan, 1).amount if plan.is_short else None,
        damage=tuple(DamagePrice(i.code, i.name, i.name_en, i.amount) for i in offers.damage_list(plan)),
        fee_rate_daily=late_fees.clamped_rate(FEE_RATE_DAILY, cap_yearly) if cap_yearly else FEE_RATE_DAILY,
    )


def _total_to_own(plan: LeasePlan, cost: CostTable) -> Decimal | None:
    """The plan's, less what the grade takes off the rents."""
    if plan.is_short:
        return None
    choice = offers.term(plan, cost.months)
    if choice.total_to_own is None:
        return None
    total: Decimal = choice.total_to_own - cost.months * (choice.monthly_rent - cost.monthly)
    return total
