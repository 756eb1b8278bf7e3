"""What orders say of merchants, and of how they were decided: facts that are counted, never scores."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When

from credit.models import Demand
from orders.models import Order, State

DECIDED_WITHIN = timedelta(days=90)
LOOKS_BACK = timedelta(days=365)
NONE, UP_TO_HALF, MORE, ALL = SHARES = ("NONE", "UP_TO_HALF", "MORE", "ALL")  # of the deposit, waived
REACHED = ("placed", "approved", "signed", "paid", "received")
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


@dataclass(frozen=True, slots=True)
class Passed:
    """The orders of the last 90 days with this share of the deposit waived, and how many of them came how far (L6)."""

    share: str
    placed: int = 0
    approved: int = 0
    signed: int = 0
    paid: int = 0
    received: int = 0

    def of_placed(self, reached: int) -> Decimal | None:
        return Decimal(reached) / self.placed if self.placed else None


def funnel(at: datetime) -> list[Passed]:
    """A row for each of SHARES, the smallest waiver first; in one query."""
    waived, total = F("lease__deposit__waived"), F("lease__deposit__total")
    share = Case(
        When(lease__deposit__waived=0, then=Value(NONE)),
        When(lease__deposit__waived=total, then=Value(ALL)),
        When(lease__deposit__total__gte=waived * 2, then=Value(UP_TO_HALF)),
        default=Value(MORE),
    )
    reached = {name: Count("id", filter=Q(**{f"{name}_at__lte": at})) for name in REACHED}
    recent = Order.objects.filter(placed_at__gt=at - DECIDED_WITHIN, placed_at__lte=at)
    rows = {row["share"]: Passed(**row) for row in recent.annotate(share=share).values("share").annotate(**reached)}
    return [rows.get(each, Passed(each)) for each in SHARES]
