"""Every wait ends by itself (domain.md §5): one row of the table per state, nothing stays for ever."""

import logging
from datetime import datetime

from django.db import DatabaseError

from core import running
from core.errors import DomainError
from orders.models import Order, Parcel, State
from orders.services import (
    buyouts,
    cancellations,
    claims,
    demands,
    early_returns,
    extensions,
    fault_waits,
    inspections,
    receipts,
    renewals,
    retrievals,
    returns,
    review_requests,
    risks,
    second_persons,
    swaps,
    tracking,
    turned_back,
    write_offs,
)

MOST = 500
log = logging.getLogger(__name__)


def end_due(at: datetime) -> int:
    """End the waits that ran out by `at`; how many were looked at. Safe to run twice at once: each re-checks locked."""
    buyouts.lapse_due(at)
    renewals.turn_due(at)
    swaps.turn_due(at)
    extensions.lapse_due(at)
    retrievals.end_due(at)
    review_requests.end_due(at)
    second_persons.lapse_due(at)
    fault_waits.end_due(at)
    due = Order.objects.filter(waits_until__lte=at).order_by("waits_until")[:MOST]
    for order in due:
        try:
            with running.apart(Order, order.pk):
                end(order, at)
        except (DomainError, DatabaseError):
            log.exception("the wait of order %s did not end; the others go on", order.number)
    return len(due)


def end(order: Order, at: datetime) -> None:
    """End one order's wait, by the state that it is in. A carrier that cannot be asked ends none (tracking.put_off)."""
    if order.state in tracking.FOR_A_PARCEL and tracking.put_off(order.pk, at):
        return
    if order.state == State.PLACED:
        cancellations.expire(order.pk, "not_reviewed", at)
    elif order.state in (State.APPROVED, State.SIGNED):
        cancellations.expire(order.pk, "not_paid", at)
    elif order.state == State.PAID:
        cancellations.expire(order.pk, _kept_by(order), at)
    elif order.state == State.SHIPPED and order.parcels.filter(way=Parcel.Way.OUT, delivered_at=None).exists():
        cancellations.expire(order.pk, "lost_outbound", at)
    elif order.state == State.SHIPPED:
        receipts.confirm_by_time(order.pk, at)
    elif order.state == State.RETURNING:
        _end_return(order, at)
    elif order.state == State.INSPECTING:
        (claims if inspections.claimed(order) else inspections).end_wait(order.pk, at)
    elif order.state == State.SETTLING:
        write_offs.end_wait(order.pk, at)


def _kept_by(order: Order) -> str:
    """Why a paid order was not shipped in time: the merchant is blamed only if nobody else kept it."""
    if order.customer.user.in_peace_since is not None:
        return cancellations.UNABLE
    if demands.holding(order.number):
        return "not_visited"
    return "not_reviewed" if risks.is_held(order) else "not_shipped"


def _end_return(order: Order, at: datetime) -> None:
    """A device that may be kept is kept; one that never left goes on being rented; one that the carrier has is lost."""
    if turned_back.may_keep(order):
        turned_back.keep_by_time(order.pk, at)
        return
    back = order.parcels.filter(way=Parcel.Way.BACK, void_at=None).first()
    if back is not None and back.scanned_at is None:
        returns.not_scanned(order.pk, at)
    elif back is None and order.received_at is not None:
        early_returns.lapse(order.pk, at)
    else:
        inspections.lose_inbound(order.pk, at)
