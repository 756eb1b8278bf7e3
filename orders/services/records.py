"""What a merchant's own orders say of him: facts that are counted, never scores."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q

from orders.models import Order

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
    sent = Order.objects.filter(merchant_id=merchant_id, shipped_at__gt=at - LOOKS_BACK, shipped_at__lte=at)
    in_time = Count("id", filter=Q(shipped_at__lte=F("paid_at") + SHIPS_WITHIN))
    return ShippingRecord(**sent.aggregate(shipped=Count("id"), in_time=in_time))
