"""Settlement: when nothing is owed any more the deposit and the quota come back and the order is completed."""

from datetime import datetime

from django.db import transaction

from billing.services import deposits, leases, standing
from core import calendar
from core.services.events import PLATFORM
from credit.services import quota
from notices.services import messages
from orders.models import Order, State
from orders.services import steps


def settle(order_id: int, at: datetime) -> bool:
    """Complete a SETTLING order if all is paid; whether it is completed now."""
    with transaction.atomic():
        return settle_locked(steps.lock(order_id), at)


def settle_locked(order: Order, at: datetime) -> bool:
    """As `settle`, for an order that the caller holds locked. Every release is committed as an intent."""
    if order.state != State.SETTLING:
        return bool(order.state == State.COMPLETED)
    on = calendar.business_date(at)
    if standing.dues(order.lease_id, on):
        return False
    leases.close(order.lease_id, on, at)
    deposits.release(order.lease_id, "settled", on=on, at=at)
    steps.take(order, "complete", "returned", at, at=at, actor=PLATFORM)
    messages.inform(
        order.customer.user,
        "order_completed",
        {"order": order.number},
        step=f"order:{order.pk}:completed",
        at=at,
        link=f"/orders/{order.number}/",
    )
    quota.release(order.number, "settled", at)
    return True
