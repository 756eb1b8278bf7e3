"""The orders of one checkout, each with where it stands."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.models import Bill, Deposit
from core import calendar, money
from orders.models import Checkout, Order, State
from storefront.pages import leases
from storefront.pages.orders import TO_BE_PAID, waits_for_machine


@dataclass(frozen=True, slots=True)
class ShownPlaced:
    """What `storefront/placed.html` prints; the sums are of the orders that are still to be paid."""

    checkout: Checkout
    rows: list[leases.OrderRow]
    waiting: int
    to_pay: Decimal
    to_hold: Decimal
    waits_for_machine: bool


def shown(checkout: Checkout, at: datetime) -> ShownPlaced:
    orders = list(
        Order.objects.filter(checkout=checkout)
        .select_related("plan__sku__device_model__device_type", "lease__deposit", "agreement", "decision")
        .order_by("id")
    )
    open_ones = [order for order in orders if order.state in TO_BE_PAID]
    unsecured = [order.lease.deposit for order in open_ones if order.lease.deposit.state != Deposit.State.SECURED]
    return ShownPlaced(
        checkout=checkout,
        rows=[leases.row(order, [], calendar.business_date(at)) for order in orders],
        waiting=len(open_ones),
        to_pay=_first_bills(open_ones),
        to_hold=money.total(deposit.to_hold for deposit in unsecured),
        waits_for_machine=any(waits_for_machine(order) for order in open_ones if order.state != State.SIGNED),
    )


def _first_bills(orders: list[Order]) -> Decimal:
    """What is still owed on them, one query."""
    first = Bill.objects.filter(lease__in=[order.lease_id for order in orders], number=1)
    return money.total(bill.amount - bill.paid for bill in first)
