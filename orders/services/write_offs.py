"""Thirty days unpaid: what the deposit covers is kept by the agreement, the rest is written off (domain.md §5, §7)."""

from datetime import datetime, timedelta

from django.db import transaction

from billing.models import Payment
from billing.services import deposits, holding, refunds, write_offs
from billing.services.payments import AttemptOpen
from catalog.services import units
from core import calendar
from core.services.events import PLATFORM
from orders.models import Order, State
from orders.services import deposit_deductions, inspections, settlements, steps

LOOKED_AT_AGAIN = timedelta(hours=6)


def end_wait(order_id: int, at: datetime) -> None:
    """What a SETTLING order is after its thirty days. A payment or a capture under way is waited for, by the clock."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.SETTLING or order.waits_until is None or order.waits_until > at:
            return
        if settlements.settle_locked(order, at):
            return
        if not (_is_under_way(order) or _take_deposit(order, at)):
            _write_off(order, at)
        elif order.state == State.SETTLING:
            inspections.wait(order, at + LOOKED_AT_AGAIN)


def _is_under_way(order: Order) -> bool:
    """Whether money may still come of an attempt that was begun."""
    attempts = Payment.objects.filter(items__bill__lease=order.lease_id, state=Payment.State.OPEN)
    return attempts.exists()


def _take_deposit(order: Order, at: datetime) -> bool:
    """Whether something of the deposit was asked for now; what a provider refused is not asked for again."""
    tried = order.lease.deposit.deductions.filter(payment__state=Payment.State.CLOSED).exists()
    if tried or not holding.held(order.lease.deposit):
        return False
    return deposit_deductions.by_agreement(order, at) is not None


def _write_off(order: Order, at: datetime) -> None:
    on = calendar.business_date(at)
    deposits.release(order.lease_id, "written_off", on=on, at=at)
    try:
        made = write_offs.write_off(order.lease_id, on, at)
    except AttemptOpen:  # begun since we looked
        inspections.wait(order, at + LOOKED_AT_AGAIN)
        return
    refunds.give_back_deposit(order.lease_id, "written_off", at)
    outcome = settlements.outcome_of(order)
    if outcome != settlements.RETURNED and order.unit_id is not None:
        units.retire(order.unit_id, outcome, at)  # it never came back
    steps.take(order, "write_off", at, at=at, actor=PLATFORM, facts={"amount": str(made.amount) if made else "0.00"})
    inspections.tell(order, "order_written_off", {"amount": str(made.amount) if made else "0.00"}, at)
