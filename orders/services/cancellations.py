"""Ending an order before shipping: everything held or paid goes back, each once (domain.md §5)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.services import deposits, leases, refunds, standing
from catalog.services import units
from contracts.services import agreements
from core import calendar
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from credit.services import quota
from notices.services import messages
from orders.models import Order, State
from orders.services import bookings, demands, reservations, risks, steps, swaps

MERCHANTS_FAULT = {"not_shipped", "lost_outbound"}  # stands in the merchant's record (domain.md §5)
UNABLE = "standstill"  # the customer died or lost legal capacity (ADR 38)
CUSTOMER_WAITS = timedelta(hours=48)  # a paid order: from then on the customer may cancel by himself


class ShippingNotLateYet(DomainError):
    code = "shipping_not_late_yet"
    message = _("The merchant has until %(until)s to ship. After that you may cancel here, with everything back.")


def cancel(order_id: int, actor: str, reason: str, at: datetime) -> Order:
    """Cancel an order that is not shipped; refunds and releases are committed as intents.

    A customer may cancel a paid order once 48 hours passed without shipping (ShippingNotLateYet before); a short rental
    until it is shipped.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state == State.PAID and actor.startswith("customer:"):
            _require_late(order, at)
        _cancel(order, "cancel", reason, actor, at)
    return order


def rescue(order: Order, on: date, at: datetime) -> str:
    """For a short rental whose unit did not come back: "moved" to another one, "waiting" for it, or "cancelled".

    On the day before the first one no device can arrive any more.
    """
    if bookings.rescue(order.pk, at):
        return "moved"
    assert order.first_day is not None
    if on < order.first_day - timedelta(days=1):
        return "waiting"
    cancel(order.pk, PLATFORM, "unit_late", at)
    return "cancelled"


def cancel_locked(order: Order, actor: str, reason: str, at: datetime) -> None:
    """`cancel` for who holds the order's lock already."""
    _cancel(order, "cancel", reason, actor, at)


def expire(order_id: int, reason: str, at: datetime) -> None:
    """The platform ends a wait that ran out. Nothing happens when the order moved on meanwhile."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.waits_until is not None and order.waits_until <= at and order.closed_at is None:
            edge = "lose_outbound" if order.state == State.SHIPPED else "cancel"
            _cancel(order, edge, reason, PLATFORM, at)


def give_back(order: Order, reason: str, at: datetime) -> None:
    """Release and refund all that a closed order holds. Idempotent: run again when late money arrived."""
    swaps.moved(order)
    if order.agreement_id:
        agreements.void(order.agreement_id)
    deposits.release(order.lease_id, reason, on=calendar.business_date(at), at=at)
    leases.void(order.lease_id, at)
    standing.abandon(order.lease_id, at)
    refunds.give_back(order.lease_id, reason, at)
    refunds.give_back_deposit(order.lease_id, reason, at)


def close_books(order: Order, reason: str, at: datetime, *, reserved: bool = True) -> None:
    """Give back money, device reservation and quota of an order that will not be leased; once, when it closes.

    Stock and quota are the last rows before commit (docs/architecture.md, lock order).
    """
    give_back(order, reason, at)
    reservations.drop(order, at, reserved=reserved)
    quota.release(order.number, reason, at)


def may_cancel_from(order: Order) -> datetime | None:
    """When the customer may cancel a paid order; None for an order that is not waiting for shipping.

    A short rental leaves shortly before its first day, so until then it may be cancelled at once.
    """
    if order.state != State.PAID or order.paid_at is None:
        return None
    return order.paid_at if order.is_short else order.paid_at + CUSTOMER_WAITS


def _require_late(order: Order, at: datetime) -> None:
    until = may_cancel_from(order)
    if until is not None and at < until:
        raise ShippingNotLateYet(until=f"{until.astimezone(calendar.SHANGHAI):%Y-%m-%d %H:%M}")


def _cancel(order: Order, edge: str, reason: str, actor: str, at: datetime) -> None:
    lost = order.state == State.SHIPPED
    if edge == "cancel":
        steps.take(order, edge, reason, at, at=at, actor=actor, facts={"reason": reason})
    else:
        steps.take(order, edge, at, at=at, actor=actor, facts={"reason": reason})
    demands.lapse(order.number, reason, at)
    risks.end(order, reason, at)
    if lost and order.unit_id is not None:
        units.retire(order.unit_id, reason, at)
    if actor.startswith("merchant:") or (actor == PLATFORM and reason in MERCHANTS_FAULT):
        events.record("marked", order.merchant, at=at, facts={"order": order.number, "reason": reason})
    messages.inform(
        order.customer.user,
        "order_cancelled",
        {"order": order.number, "reason": reason},
        step=f"order:{order.pk}:cancelled",
        at=at,
        link=f"/orders/{order.number}/",
    )
    close_books(order, reason, at, reserved=not lost)
