"""What waits for a merchant: to be shipped, to come back, to be inspected; least time left first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from orders import actions, words
from orders.actions import MERCHANT, Offered
from orders.models import Order, Parcel, State

WAITING = (State.PAID, State.RETURNING, State.INSPECTING)
MOST = 50


@dataclass(frozen=True)
class Card:
    """One thing to do. `until` is the deadline that `left` counts down to."""

    order: Order
    act: str | Promise
    left: words.Left
    until: datetime | None
    missing: str | Promise
    button: Offered | None


@dataclass(frozen=True)
class Column:
    """The cards of one state, at most 50 of `count`."""

    state: str
    title: str | Promise
    none: str | Promise
    count: int
    cards: list[Card]


TITLES: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    State.PAID: (_("To ship"), _("Nothing to ship."), _("Ship")),
    State.RETURNING: (_("Coming back"), _("Nothing is on its way back."), _("Take in")),
    State.INSPECTING: (_("To inspect"), _("Nothing to inspect."), _("Inspect")),
}


def of_merchant(merchant: Merchant) -> "QuerySet[Order]":
    """The merchant's orders with what a list shows of them."""
    return Order.objects.filter(merchant=merchant).select_related("plan__sku__device_model__device_type", "address")


def count(merchant: Merchant) -> int:
    """How many cards the board has."""
    return Order.objects.filter(merchant=merchant, state__in=WAITING).count()


def board(merchant: Merchant, at: datetime) -> list[Column]:
    """The three columns."""
    return [_column(merchant, state, at) for state in WAITING]


def _column(merchant: Merchant, state: str, at: datetime) -> Column:
    rows = of_merchant(merchant).filter(state=state)
    title, none, act = TITLES[state]
    first = rows.order_by(F("waits_until").asc(nulls_last=True), "id").prefetch_related("parcels")[:MOST]
    cards = [_card(order, act, at) for order in first]
    return Column(state, title, none, len(cards) if len(cards) < MOST else rows.count(), cards)


def _card(order: Order, act: str | Promise, at: datetime) -> Card:
    until = words.deadline(order)
    offered = actions.offered(MERCHANT, order, at)
    return Card(order, act, _left(order, until, at), until, _missing(order), offered[0] if offered else None)


def _left(order: Order, until: datetime | None, at: datetime) -> words.Left:
    if order.state == State.RETURNING:
        return words.Left(str(_("On its way") if _way_back(order) else _("Not sent yet")), "neutral")
    assert until is not None  # a paid or arrived order always has its wait
    return words.left(until, at)


def _missing(order: Order) -> str | Promise:
    if order.state == State.PAID:
        return _("Missing: unit and waybill")
    if order.state == State.INSPECTING:
        return _("Missing: the result of the inspection")
    back = _way_back(order)
    return back.waybill if back else _("The customer has not entered a waybill yet")


def _way_back(order: Order) -> Parcel | None:
    return next((p for p in order.parcels.all() if p.way == Parcel.Way.BACK and p.void_at is None), None)
