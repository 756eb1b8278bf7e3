"""Receipt starts the lease: start day, due dates and everything after hang on it, once (domain.md §5, §6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from billing.services import leases
from core import calendar
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Order, Parcel, State
from orders.services import steps, swaps


def confirm(order_id: int, actor: str, at: datetime, seen: Sequence[str] = ()) -> Order:
    """The customer has the device; the lease runs from this business day. `seen`: what he looked at and found right."""
    with transaction.atomic():
        order = steps.lock(order_id)
        confirm_locked(order, actor, at, {"seen": list(seen)} if seen else None)
    return order


def confirm_by_time(order_id: int, at: datetime) -> None:
    """Seven days after delivery the receipt counts as confirmed."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state == State.SHIPPED and order.waits_until is not None and order.waits_until <= at:
            confirm_locked(order, PLATFORM, at)


def confirm_locked(order: Order, actor: str, at: datetime, facts: dict[str, Any] | None = None) -> None:
    """`confirm` for who holds the order's lock already."""
    steps.take(order, "receive", at, at=at, actor=actor, facts=facts)
    order.parcels.filter(way=Parcel.Way.OUT, delivered_at=None).update(delivered_at=at)
    leases.begin(order.lease_id, calendar.business_date(at), at)
    swaps.moved(order)
    messages.inform(
        order.customer.user,
        "lease_started",
        {"order": order.number},
        step=f"order:{order.pk}:started",
        at=at,
        link=f"/orders/{order.number}/",
    )
