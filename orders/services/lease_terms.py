"""The deal of one device, as billing keeps it with the lease."""

from datetime import datetime
from decimal import Decimal

from billing.rules import late_fees
from billing.rules.terms import DamagePrice, LeaseTerms
from billing.services import leases
from catalog.models import LeasePlan
from catalog.services import offers
from core import calendar
from orders.models import Order
from orders.rules.costs import CostTable
from orders.services import lease_rules


def of(plan: LeasePlan, cost: CostTable) -> LeaseTerms:
    """What billing needs to know of the device and the deal, with the rules that stood in the cost table."""
    rules = cost.rules
    return LeaseTerms(
        lease_model=plan.lease_model,
        months=cost.months,
        monthly_rent=cost.monthly,
        cover_monthly=cost.cover_monthly,
        signed_value=plan.signed_value,
        cash_price=cost.cash_price,
        total_to_own=_total_to_own(plan, cost),
        curve=cost.curve,
        late_fee_mode=rules.late_fee_mode,
        grace_days=rules.grace_days,
        fee_rate_daily=rules.fee_rate_daily,
        fee_cap_rate=rules.fee_cap_rate,
        return_window_days=0 if plan.is_short else rules.return_window_days,
        early_return_months=0 if plan.is_short else plan.early_return_months,
        first_day=cost.first_day,
        last_day=cost.last_day,
        day_price=offers.price_of_days(plan, 1).amount if plan.is_short else None,
        damage=tuple(DamagePrice(i.code, i.name, i.name_en, i.amount) for i in offers.damage_list(plan)),
    )


def is_lawful(order: Order, at: datetime) -> bool:
    """Whether the late fee of its lease stands below the legal cap of the day. LendingRateMissing."""
    most = late_fees.most_lawful(lease_rules.cost_cap(calendar.business_date(at)))
    return leases.terms_of(order.lease).fee_rate_daily <= most


def keep_lawful(order: Order, at: datetime) -> None:
    """The late fee of what nobody signed yet lowered to the legal cap of the day; before its paper is drafted.

    LendingRateMissing, LeaseNotDraft. Locks the lease; the caller holds the order's lock.
    """
    most = late_fees.most_lawful(lease_rules.cost_cap(calendar.business_date(at)))
    order.lease = leases.lower_fee_rate(order.lease_id, most, at)


def _total_to_own(plan: LeasePlan, cost: CostTable) -> Decimal | None:
    """The plan's, less what the grade takes off the rents."""
    if plan.is_short:
        return None
    choice = offers.term(plan, cost.months)
    if choice.total_to_own is None:
        return None
    total: Decimal = choice.total_to_own - cost.months * (choice.monthly_rent - cost.monthly)
    return total
