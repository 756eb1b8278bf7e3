"""The deposit itself: locking it, whether anything is to be held, and when nothing is held any more."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import Allocation, Deposit, Lease, Payment, Refund
from core.errors import DomainError
from core.fields import exact_sum
from core.money import ZERO


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
    deducted = Allocation.objects.filter(payment=payment).aggregate(sum=exact_sum("amount"))["sum"]
    rest: Decimal = payment.amount - payment.refunded - payment.charged_back - deducted
    return rest


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
