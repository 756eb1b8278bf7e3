"""Receipt starts the lease: start day, due dates and everything after hang on it, once (domain.md §5, §6)."""

from datetime import datetime

from django.db import transaction

from billing.services import leases
from core import calendar
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Order, Parcel, State
from orders.services import steps


def confirm(order_id: int, actor: str, at: datetime) -> Order:
    """The customer has the device; the lease runs from this business day."""
    with transaction.atomic():
        order = steps.lock(order_id)
        confirm_locked(order, actor, at)
    return order


def confirm_by_time(order_id: int, at: datetime) -> None:
    """Seven days after delivery the receipt counts as confirmed."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state == State.SHIPPED and order.waits_until is not None and order.waits_until <= at:
            confirm_locked(order, PLATFORM, at)


def confirm_locked(order: Order, actor: str, at: datetime) -> None:
    """`confirm` for who holds the order's lock already."""
    steps.take(order, "receive", at, at=at, actor=actor)
    order.parcels.filter(way=Parcel.Way.OUT, delivered_at=None).update(delivered_at=at)
    leases.begin(order.lease_id, calendar.business_date(at), at)
    messages.inform(
        order.customer.user,
        "lease_started",
        {"order": order.number},
        step=f"order:{order.pk}:started",
        at=at,
        link=f"/orders/{order.number}/",
    )
