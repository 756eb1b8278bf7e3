"""Review: an order with a passing decision, or with the full deposit, is approved by the platform in seconds."""

from datetime import datetime, timedelta

from django.db import transaction

from core.services.events import PLATFORM
from credit.models import Outcome
from credit.rules import risks as rules
from notices.services import messages
from orders.models import Order, State
from orders.services import cancellations, demands, payments, risks, signing, steps

AUTOMATIC_WAIT = timedelta(hours=2)
MANUAL_WAIT = timedelta(hours=24)


def review(order_id: int, at: datetime) -> None:
    """Approve at once unless a person must look (REFER, a risk rule met) or something was demanded.

    Idempotent: only PLACED moves. LendingRateMissing while none is on file: the worker's message is offered again.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.PLACED or order.customer.user.in_peace_since is not None:
            return  # after a death it is cancelled, not refused (standstills)
        if not steps.is_trusted(order.customer):
            refuse_locked(order, PLATFORM, "blocked", at)
            return
        if risks.look(order, rules.AT_ORDER, at) == rules.REFUSE:
            refuse_locked(order, PLATFORM, "risk", at)
            return
        demands.raise_by_rule(order, at)
        if risks.is_held(order) or (order.decision and order.decision.outcome == Outcome.REFER):
            return
        if not demands.holding(order.number):
            _approve(order, PLATFORM, AUTOMATIC_WAIT, at)


def approve(order_id: int, actor: str, at: datetime) -> Order:
    """An operator's yes, also to what the risk rules found; StillDemanded while something is, LendingRateMissing.

    The customer then has 24 hours to sign and pay.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        risks.clear(order, actor, "approved", at)
        _approve(order, actor, MANUAL_WAIT, at)
    return order


def release(order_id: int, actor: str, note: str, at: datetime) -> Order:
    """A person's yes to a paid order that a risk rule holds; the days to ship begin anew. StepNotPossible."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.PAID or not risks.clear(order, actor, note, at):
            raise steps.StepNotPossible(state=order.get_state_display())
        order.waits_until = order.to_ship(at + payments.SHIPPING_WAIT)
        order.save(update_fields=["waits_until"])
        payments.tell(order, payments.paid_words(order), at)
    return order


def refuse(order_id: int, actor: str, reason: str, at: datetime) -> Order:
    """An operator's no, with its grounds; everything that was held goes back."""
    with transaction.atomic():
        order = steps.lock(order_id)
        refuse_locked(order, actor, reason, at)
    return order


def refuse_locked(order: Order, actor: str, reason: str, at: datetime) -> None:
    """`refuse` for who holds the order's lock already."""
    steps.take(order, "refuse", reason, at, at=at, actor=actor)
    demands.lapse(order.number, reason, at)
    risks.end(order, reason, at)
    messages.inform(
        order.customer.user,
        "order_refused",
        {"order": order.number},
        step=f"order:{order.pk}:refused",
        at=at,
        link=f"/orders/{order.number}/",
    )
    cancellations.close_books(order, "refused", at)


def _approve(order: Order, actor: str, wait: timedelta, at: datetime) -> None:
    steps.require_trusted(order.customer)
    demands.require_none(order.number)
    steps.take(order, "approve", at, order.within_days(at + wait), at=at, actor=actor)
    signing.draft(order, at)
