"""Where a customer stands: quota and next bill."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse

from accounts.models import Customer
from billing.models import Lease
from billing.services import statements
from credit.models import Hold, QuotaAccount
from orders.models import Order
from storefront.pages import names as device_names

FULL = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """A held part of the quota bar, in thousandths."""

    x: int
    width: int
    end: int


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One hold, named by its device."""

    name: str
    amount: Decimal
    order_number: str
    back_on: date | None


@dataclass(frozen=True, slots=True)
class ShownQuota:
    limit: Decimal
    held: Decimal
    free: Decimal
    parts: tuple[Part, ...]
    holds: tuple[HeldLine, ...]


@dataclass(frozen=True, slots=True)
class NextBill:
    name: str
    number: int
    due_date: date
    days_left: int
    amount: Decimal
    href: str


def quota_of(customer: Customer) -> ShownQuota | None:
    account = QuotaAccount.objects.filter(customer=customer).first()
    if account is None:
        return None
    held = list(account.holds.filter(state=Hold.State.HELD).select_related("former").order_by("id"))
    free = max(account.limit - account.held, Decimal("0.00"))
    scale = max(account.limit, account.held)
    return ShownQuota(account.limit, account.held, free, _parts(held, scale), _lines(held))


def next_bill(customer: Customer, on: date) -> NextBill | None:
    """The earliest unpaid bill that has a day, over all running leases; none is asked for after a death."""
    leases = list(Lease.objects.filter(customer=customer, state=Lease.State.LIVE, customer__user__in_peace_since=None))
    owed = [
        view
        for views in statements.statements(leases, on).values()
        for view in views
        if view.owed_now and view.bill.due_date
    ]
    first = min(owed, key=lambda view: (view.bill.due_date or on, view.bill.pk), default=None)
    if first is None or first.bill.due_date is None:
        return None
    number = first.bill.lease.number
    return NextBill(
        name=names_of([number]).get(number, number),
        number=first.bill.number,
        due_date=first.bill.due_date,
        days_left=(first.bill.due_date - on).days,
        amount=first.owed_now,
        href=reverse("storefront:bill", args=[number, first.bill.number]),
    )


def names_of(numbers: list[str]) -> dict[str, str]:
    """Order number → the device's name (a lease carries the number of its order)."""
    orders = Order.objects.filter(number__in=numbers).select_related("plan__sku__device_model")
    return {order.number: device_names.of(order.plan.sku.device_model) for order in orders}


def _parts(held: list[Hold], scale: Decimal) -> tuple[Part, ...]:
    parts: list[Part] = []
    x = 0
    for hold in held:
        width = int(hold.takes * FULL / scale) if scale else 0
        parts.append(Part(x, max(width - 5, 1), x + max(width - 5, 1)))
        x += width
    return tuple(parts)


def _lines(held: list[Hold]) -> tuple[HeldLine, ...]:
    numbers = [hold.order_number for hold in held]
    names = names_of(numbers)
    ends = dict(Lease.objects.filter(number__in=numbers).values_list("number", "last_day"))
    return tuple(
        HeldLine(
            names.get(hold.order_number, hold.order_number), hold.takes, hold.order_number, ends.get(hold.order_number)
        )
        for hold in held
    )
