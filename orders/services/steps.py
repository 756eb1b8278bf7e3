"""How every step of an order is taken: locked, checked, recorded (house.md, State transitions are written once)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer
from core.errors import DomainError
from core.services import events
from credit.services import stops
from orders.models import Order


class StepNotPossible(DomainError):
    code = "step_not_possible"
    message = _("This is no longer possible: the order is “%(state)s” now.")


class CustomerBlocked(DomainError):
    code = "customer_blocked"
    message = _("We cannot rent to this account. Please contact us.")


def require_trusted(customer: Customer) -> None:
    """CustomerBlocked: a hard stop refuses whatever is paid, before checkout and after it (domain.md §4)."""
    if not is_trusted(customer):
        raise CustomerBlocked


def is_trusted(customer: Customer) -> bool:
    """Whether neither a block nor a hard stop holds, nor a death or a loss of capacity is on record."""
    return not customer.blocked_reason and customer.user.in_peace_since is None and not stops.of(customer)


def lock(order_id: int) -> Order:
    """The order, locked first of all rows (docs/architecture.md, lock order)."""
    return Order.objects.select_for_update().get(pk=order_id)


def require(order: Order, edge: str) -> None:
    """StepNotPossible unless `edge` leads out of the present state."""
    if not can_proceed(getattr(order, edge)):
        raise StepNotPossible(state=order.get_state_display())


def take(order: Order, edge: str, *args: Any, at: datetime, actor: str, facts: dict[str, Any] | None = None) -> None:
    """Call the edge on a locked order, save it and append the transition to its log."""
    require(order, edge)
    source = order.state
    getattr(order, edge)(*args)
    order.save()
    events.record(
        "transition", order, at=at, actor=actor, source=source, target=order.state, facts={"step": edge} | (facts or {})
    )
