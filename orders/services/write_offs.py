"""Thirty days unpaid: what the deposit covers is kept by the agreement, the rest is written off (domain.md §5, §7).

Sooner only by two persons, and only once no deposit is held: what a deposit can pay is not given up. What comes later
is a recovery either way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Payment
from billing.services import deposits, holding, payments, refunds, write_offs
from billing.services.payments import AttemptOpen
from catalog.services import units
from core import calendar, canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from core.services.events import PLATFORM
from orders.models import Order, State
from orders.services import deposit_deductions, inspections, settlements, steps

LOOKED_AT_AGAIN = timedelta(hours=6)
KIND = "write_off"


class NothingOwed(DomainError):
    code = "nothing_owed"
    message = _("Nothing is owed on this lease.")


class DepositFirst(DomainError):
    code = "deposit_first"
    message = _("A deposit is held. What it covers is taken first; only the rest can be given up.")


class MoreThanApproved(DomainError):
    code = "more_than_approved"
    message = _("More is owed now than a second person was asked about. Please ask again.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a second person approves: giving up at most `most` of what the lease of `order` owes."""

    order: str
    most: Decimal

    @property
    def subject(self) -> str:
        return f"write_off:{self.order}"


def propose(order: Order, reason: str, actor: str, at: datetime) -> Approval:
    """Ask for a second person to give up what is owed, before the thirty days. As `_require`; AlreadyAsked."""
    with transaction.atomic():
        order = steps.lock(order.pk)
        owed = _require(order, at)
        foreseen = settlements.owed(order, calendar.business_date(at + deposit_deductions.DECIDED_WITHIN))
        wish = Wish(order.number, max(owed, foreseen))
        return approvals.request(KIND, wish.subject, wish, actor=actor, reason=reason, at=at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> None:
    """A second person's yes. As `approvals.approve`, `_require`; MoreThanApproved, AttemptOpen while somebody pays.

    Locks approval, order, lease, deposit, bills, ledger.
    """
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(Wish, asked.payload)
    approvals.use(KIND, wish.subject, wish, at)
    order = steps.lock(Order.objects.values_list("pk", flat=True).get(number=wish.order))
    if _require(order, at) > wish.most:
        raise MoreThanApproved
    payments.require_no_attempt(list(order.lease.bills.filter(state=Bill.State.OPEN)))
    _write_off(order, at, actor)


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


def _require(order: Order, at: datetime) -> Decimal:
    """What is owed and would be given up. StepNotPossible, DepositFirst, NothingOwed."""
    steps.require(order, "write_off")
    if holding.held(order.lease.deposit):
        raise DepositFirst
    owed = settlements.owed(order, calendar.business_date(at))
    if not owed:
        raise NothingOwed
    return owed


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


def _write_off(order: Order, at: datetime, actor: str = PLATFORM) -> None:
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
    steps.take(order, "write_off", at, at=at, actor=actor, facts={"amount": str(made.amount) if made else "0.00"})
    inspections.tell(order, "order_written_off", {"amount": str(made.amount) if made else "0.00"}, at)
