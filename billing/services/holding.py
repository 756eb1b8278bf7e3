"""The deposit itself: locking it, whether anything is to be held, and when nothing is held any more."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import DEPOSIT, Deposit, DepositFreeze, Lease, Payment, Refund
from core import money
from core.errors import DomainError
from core.fields import exact_sum
from core.money import ZERO
from core.services import events
from notices.services import messages


class DepositNotDue(DomainError):
    code = "deposit_not_due"
    message = _("Nothing has to be frozen for this deposit.")


class DepositNotSigned(DomainError):
    code = "deposit_not_signed"
    message = _("The agreement is signed first, then the deposit is frozen.")


def locked(deposit_id: int) -> tuple[Lease, Deposit]:
    """Lease, then deposit, each locked by id."""
    lease_id = Deposit.objects.values_list("lease_id", flat=True).get(pk=deposit_id)
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    return lease, Deposit.objects.select_for_update().get(pk=deposit_id)


def require_due(lease: Lease, deposit: Deposit) -> None:
    """DepositNotDue, DepositNotSigned."""
    if deposit.state != Deposit.State.DUE or lease.state == Lease.State.VOID:
        raise DepositNotDue
    if lease.frozen_at is None:
        raise DepositNotSigned


def held_by(payment: Payment) -> Decimal:
    """What of a paid deposit is neither deducted nor on its way back."""
    if not payment.holds:
        return ZERO
    taken = Payment.objects.filter(
        channel=DEPOSIT, state=Payment.State.SUCCEEDED, deposit_deduction__deposit=payment.deposit_id
    )
    deducted = taken.aggregate(sum=exact_sum("amount"))["sum"]
    rest: Decimal = payment.amount - payment.refunded - payment.charged_back - deducted
    return rest


def held(deposit: Deposit) -> Decimal:
    """What is held of it now, frozen or paid."""
    frozen: Decimal = deposit.freezes.aggregate(sum=exact_sum("held"))["sum"]
    return frozen + money.total(held_by(payment) for payment in deposit.payments.filter(holds=True))


def vouched(deposit: Deposit) -> Decimal:
    """What of it the provider vouches for by the customer's credit there: nothing is frozen, nor of our quota used."""
    by_credit = deposit.freezes.filter(mode=DepositFreeze.CREDIT)
    total: Decimal = by_credit.aggregate(sum=exact_sum("held"))["sum"]
    return total


def locked_freeze(freeze_id: int) -> DepositFreeze:
    """Lease, deposit, then the freeze, each locked by id."""
    locked(DepositFreeze.objects.values_list("deposit_id", flat=True).get(pk=freeze_id))
    return DepositFreeze.objects.select_for_update().get(pk=freeze_id)


def take_out(freeze: DepositFreeze, payment: Payment, at: datetime) -> None:
    """A capture came in: so much less is held, so much more is captured. The caller holds the freeze's lock."""
    freeze.held -= payment.amount
    freeze.captured += payment.amount
    freeze.save(update_fields=["held", "captured"])
    events.record("deposit_captured", freeze, at=at, facts={"amount": str(payment.amount), "number": payment.number})
    tell_taken(payment, at)


def tell_taken(payment: Payment, at: datetime) -> None:
    """The customer hears what was taken, and why stands on the page."""
    lease = payment.deposit_deduction.deposit.lease
    messages.inform(
        payment.customer.user,
        "deposit_deducted",
        {"amount": str(payment.amount), "lease": lease.number},
        step=f"capture:{payment.number}",
        at=at,
        link=f"/leases/{lease.number}/",
    )


def finish_if_empty(deposit: Deposit) -> bool:
    """RELEASED once no freeze holds anything and every refund of it has arrived. The caller holds its lock."""
    under_way = deposit.refunds.filter(replaced_by=None).exclude(state=Refund.State.SUCCEEDED).exists()
    frozen = deposit.freezes.filter(held__gt=ZERO).exists()
    held = frozen or any(held_by(payment) for payment in deposit.payments.filter(holds=True))
    if not can_proceed(deposit.finish) or held or under_way:
        return False
    deposit.finish()
    deposit.save(update_fields=["state"])
    return True
