"""The one table of what each actor may do with an order: label, form, service. Every face draws and runs its buttons
from here (house.md, State transitions are written once)."""

from datetime import datetime

from django.db.models import prefetch_related_objects

from orders.actions import customer, merchant, operator
from orders.actions.action import CUSTOMER, MERCHANT, OPERATOR, Action, Offered
from orders.actions.taking import field_of, take
from orders.models import Order, State

ACTIONS = [*customer.ROWS, *merchant.ROWS, *operator.ROWS]
ASKED_OFTEN = {State.ACTIVE: "faults", State.RETURNING: "parcels", State.COMPLETED: "retrievals"}  # by several rows
__all__ = [
    "ACTIONS", "CUSTOMER", "MERCHANT", "OPERATOR", "Action", "Offered", "field_of", "find", "for_customer",
    "offered", "open_now", "take",
]  # fmt: skip


def offered(face: str, order: Order, at: datetime) -> list[Offered]:
    """The buttons of `face` for this order now, the primary one first."""
    return [Offered(a.name, a.label, a.url(order), a.primary) for a in open_now(face, order, at)]


def for_customer(order: Order, at: datetime) -> list[Offered]:
    return offered(CUSTOMER, order, at)


def open_now(face: str, order: Order, at: datetime) -> list[Action]:
    """The rows of `face` that fit this order now, the primary one first."""
    prefetch_related_objects([order], *_asked_by_several(face, order))
    rows = [a for a in ACTIONS if a.face == face and a.open_for(order, at)]
    return sorted(rows, key=lambda a: not a.primary)


def find(face: str, name: str) -> Action | None:
    """The row that a page runs; None for a name that this face does not have."""
    return next((a for a in ACTIONS if a.face == face and a.name == name and a.run), None)


def _asked_by_several(face: str, order: Order) -> list[str]:
    often = [ASKED_OFTEN[State(order.state)]] if order.state in ASKED_OFTEN else []
    if face != CUSTOMER:
        return often
    return [*often, "endings", *(["extension_offers"] if order.received_at else [])]
