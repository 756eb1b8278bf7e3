"""What waits for a merchant: to be shipped, taken in, inspected, and other open matters; least time left first."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from catalog.models import LeasePlan, StockLevel
from core import calendar
from orders.models import Fault, Order, Parcel, State
from orders.services import demands, risks, shipping
from portal import cards
from portal.cards import INSPECT, OTHER, SHIP, TAKE_IN, Card

MOST = 100
Text = str | Promise
TITLES: dict[str, tuple[Text, Text, Text]] = {
    SHIP: (_("To ship"), _("Ship"), _("Nothing to ship.")),
    TAKE_IN: (_("To take in"), _("Take in"), _("Nothing is on its way back.")),
    INSPECT: (_("To inspect"), _("Inspect"), _("Nothing to inspect.")),
    OTHER: (_("Parcels and stock"), _("Other"), _("No parcel is stuck, no offer without a unit.")),
}


@dataclass(frozen=True)
class Column:
    """One kind of matter: how many there are, and how it is called at its head, on its chip and when empty."""

    key: str
    title: Text
    chip: Text
    none: Text
    count: int


@dataclass(frozen=True)
class Board:
    """At most 100 orders, the most urgent ones; `columns` count everything."""

    columns: list[Column]
    urgent: list[Card]
    later: list[Card]

    @property
    def waiting(self) -> int:
        return sum(column.count for column in self.columns)

    @property
    def late(self) -> int:
        return sum(card.left.is_over for card in self.urgent)

    @property
    def can_print(self) -> bool:
        return any(column.key == SHIP and column.count for column in self.columns)

    def due_on(self, day: date) -> int:
        """How many deadlines lie in this business day."""
        known = (card.until for card in (*self.urgent, *self.later))
        return sum(calendar.business_date(until) == day for until in known if until)

    def only(self, key: str) -> "Board":
        """The cards of one column."""
        urgent, later = ([card for card in cards if card.column == key] for cards in (self.urgent, self.later))
        return replace(self, urgent=urgent, later=later)


def of_merchant(merchant: Merchant) -> "QuerySet[Order]":
    """The merchant's orders with what a list shows of them."""
    return Order.objects.filter(merchant=merchant).select_related("plan__sku__device_model__device_type", "address")


def counts(merchant: Merchant, at: datetime) -> dict[str, int]:
    """How many matters each column has, in two queries."""
    rows = Order.objects.filter(_waiting(at), merchant=merchant).values("state").annotate(count=Count("pk"))
    counted = dict.fromkeys(TITLES, 0)
    for row in rows:
        counted[cards.COLUMN_OF[State(row["state"])]] += row["count"]
    counted[OTHER] += _without_unit(merchant).count()
    return counted


def board(merchant: Merchant, counted: dict[str, int], at: datetime) -> Board:
    """All columns, their cards by the time that is left."""
    rows = of_merchant(merchant).filter(_waiting(at)).select_related("unit", "lease", "claim", "account_lock")
    by_wait = rows.order_by(F("waits_until").asc(nulls_last=True), "id").prefetch_related(
        "parcels", "risk_hits", "faults"
    )
    first = list(by_wait[:MOST])
    demands.note_held(first)
    open_now = [cards.of_order(order, at) for order in first]
    open_now += [cards.of_offer(plan) for plan in _without_unit(merchant)[:MOST]]
    by_time = sorted(open_now, key=lambda card: card.until or datetime.max.replace(tzinfo=UTC))
    return Board(
        [Column(key, *TITLES[key], counted[key]) for key in TITLES],
        [card for card in by_time if card.is_urgent],
        [card for card in by_time if not card.is_urgent],
    )


def _waiting(at: datetime) -> Q:
    """Orders that wait for the merchant, and parcels without a word for so long that somebody should ask."""
    stuck = Parcel.objects.filter(way=Parcel.Way.OUT, delivered_at=None, void_at=None)
    silent = Q(state=State.SHIPPED, shipped_at__lte=at - shipping.CARRIER_SILENT, pk__in=stuck.values("order"))
    held = Q(number__in=demands.held()) | Q(risks.waiting())  # the platform may still wait for a visit, or look
    ready = Q(state=State.PAID) & ~held
    open_ones = Fault.objects.filter(state__in=Fault.WITH_MERCHANT)
    faults = Q(state=State.ACTIVE, pk__in=open_ones.values("order"))
    return ready | Q(state__in=(State.RETURNING, State.INSPECTING)) | silent | faults


def _without_unit(merchant: Merchant) -> "QuerySet[LeasePlan]":
    """Published offers by the month of which no unit is free."""
    level = StockLevel.objects.filter(merchant=OuterRef("merchant"), sku=OuterRef("sku"))
    free = Subquery(level.values(free=F("on_hand") - F("reserved"))[:1])
    offered = LeasePlan.objects.filter(merchant=merchant, state=LeasePlan.State.PUBLISHED, most_days=None)
    empty = offered.annotate(free=Coalesce(free, 0)).filter(free__lte=0)
    return empty.select_related("sku__device_model__device_type").order_by("pk")
