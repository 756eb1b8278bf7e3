"""A merchant's few figures: computed from orders and payments when looked at, each in one query."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Merchant
from billing.models import Allocation, Bill
from catalog.models import DeviceUnit, LeasePlan
from core import calendar
from core.fields import exact_sum
from orders.models import Order, State
from orders.services import merits

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Punctuality:
    """Of the orders to be shipped within a span: how many there were, how many left in time."""

    promised: int
    kept: int

    @property
    def share(self) -> Decimal | None:
        """None where nothing was promised."""
        return Decimal(self.kept) / self.promised if self.promised else None


@dataclass(frozen=True)
class Shop:
    """What a merchant has and did, all of it counted."""

    offers: int
    units: int
    completed: int


def leased(merchant: Merchant) -> int:
    """Devices with customers whose lease runs."""
    return Order.objects.filter(merchant=merchant, state=State.ACTIVE).count()


def punctuality(merchant: Merchant, at: datetime) -> Punctuality:
    """Orders whose promised shipping time lay in the last 30 days; one cancelled before that promised nothing."""
    shipped = merits.shipping(merchant, MONTH, at)
    return Punctuality(shipped.made, shipped.kept)


def rents_this_week(merchant: Merchant, at: datetime) -> Decimal:
    """Rents that customers paid since Monday; those of cancelled orders are given back and do not count."""
    today = calendar.business_date(at)
    monday = calendar.instant(today - timedelta(days=today.weekday()))
    laid = Allocation.objects.filter(bill__lease__merchant=merchant, part=Allocation.Part.RENT)
    stands = laid.filter(payment__paid_at__gte=monday).exclude(bill__state=Bill.State.VOID)
    amount: Decimal = stands.aggregate(sum=exact_sum("amount"))["sum"]
    return amount


def shop(merchant: Merchant) -> Shop:
    """Published offers, units in use, leases that came to their end."""
    return Shop(
        offers=LeasePlan.objects.filter(merchant=merchant, state=LeasePlan.State.PUBLISHED).count(),
        units=DeviceUnit.objects.filter(merchant=merchant, retired_at=None).count(),
        completed=Order.objects.filter(merchant=merchant, state=State.COMPLETED).count(),
    )
