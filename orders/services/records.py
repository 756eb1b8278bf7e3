"""What orders say of merchants, and of how they were decided: facts that are counted, never scores."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q

from credit.models import Demand
from orders.models import Order, State

DECIDED_WITHIN = timedelta(days=90)
LOOKS_BACK = timedelta(days=365)
SHIPS_WITHIN = timedelta(hours=48)  # domain.md §5


@dataclass(frozen=True, slots=True)
class ShippingRecord:
    """Parcels sent in the last year, and how many of them left within 48 hours of the payment."""

    shipped: int
    in_time: int

    @property
    def share_in_time(self) -> Decimal | None:
        return Decimal(self.in_time) / self.shipped if self.shipped else None


def shipping(merchant_id: int, at: datetime) -> ShippingRecord:
    """Of orders by the month: a rental by the day leaves for its first day, not for its payment."""
    months = Order.objects.filter(merchant_id=merchant_id, first_day=None)
    sent = months.filter(shipped_at__gt=at - LOOKS_BACK, shipped_at__lte=at)
    in_time = Count("id", filter=Q(shipped_at__lte=F("paid_at") + SHIPS_WITHIN))
    return ShippingRecord(**sent.aggregate(shipped=Count("id"), in_time=in_time))


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """Orders decided in the last 90 days, and how many of them without a demanded visit (L6)."""

    decided: int
    without: int

    @property
    def share_without(self) -> Decimal | None:
        return Decimal(self.without) / self.decided if self.decided else None


def visits(at: datetime) -> VisitRecord:
    """Decided: approved, or refused."""
    visited = Demand.objects.filter(order_number=OuterRef("number"), kind=Demand.Kind.VISIT)
    recent = Order.objects.filter(placed_at__gt=at - DECIDED_WITHIN, placed_at__lte=at)
    decided = recent.filter(Q(approved_at__lte=at) | Q(state=State.REFUSED))
    counted = decided.annotate(visited=Exists(visited)).aggregate(
        decided=Count("id"), without=Count("id", filter=Q(visited=False))
    )
    return VisitRecord(**counted)
