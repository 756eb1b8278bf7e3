"""The one table of what each actor may do with an order: label, form, service. Every face draws and runs its buttons
from here (house.md, State transitions are written once)."""

from datetime import datetime

from django.db.models import prefetch_related_objects

from orders.actions import customer, merchant, operator
from orders.actions.action import CUSTOMER, MERCHANT, OPERATOR, Action, Offered
from orders.models import Order, State

ACTIONS = [*customer.ROWS, *merchant.ROWS, *operator.ROWS]
ASKED_OFTEN = {State.ACTIVE: "faults", State.RETURNING: "parcels", State.COMPLETED: "retrievals"}  # by several rows
__all__ = ["ACTIONS", "CUSTOMER", "MERCHANT", "OPERATOR", "Action", "Offered", "find", "for_customer", "offered"]


def offered(face: str, order: Order, at: datetime) -> list[Offered]:
    """The buttons of `face` for this order now, the primary one first."""
    if order.state in ASKED_OFTEN:
        prefetch_related_objects([order], ASKED_OFTEN[State(order.state)])
    rows = [a for a in ACTIONS if a.face == face and a.open_for(order, at)]
    return [Offered(a.name, a.label, a.url(order), a.primary) for a in sorted(rows, key=lambda a: not a.primary)]


def for_customer(order: Order, at: datetime) -> list[Offered]:
    prefetch_related_objects([order], "endings", *(["extension_offers"] if order.received_at else []))
    return offered(CUSTOMER, order, at)


def find(face: str, name: str) -> Action | None:
    """The row that a page runs; None for a name that this face does not have."""
    return next((a for a in ACTIONS if a.face == face and a.name == name and a.run), None)
