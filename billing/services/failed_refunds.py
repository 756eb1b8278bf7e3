"""Refunds that the provider refused, at once or days later: tried again under a new intent, or paid by a person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import OFFLINE, WITHOUT_ADAPTER, Refund
from billing.rules import limits as limit_rules
from billing.rules.limits import Deed
from billing.services import books, holding, limits, refunds
from core import canonical
from core.errors import DomainError
from core.models import Approval
from core.money import ZERO
from core.services import approvals, events
from integrations import registry
from integrations.errors import ProviderRefused
from integrations.payments import RefundStatus

State = Refund.State


class RefundNotFailed(DomainError):
    code = "refund_not_failed"
    message = _("This refund has not failed, or was dealt with already. Please look at it again.")


class RefundCame(RefundNotFailed):
    code = "refund_came"
    message = _(
        "The provider has paid this refund meanwhile. Please do not transfer it; what was transferred is twice."
    )


class RefundPending(RefundNotFailed):
    code = "refund_pending"
    message = _("The provider is still paying this refund. Please wait for its outcome.")


class OnlyByHand(DomainError):
    code = "refund_only_by_hand"
    message = _("This money did not come through a provider: it is paid back by transfer.")


class TransferInFuture(DomainError):
    code = "transfer_in_future"
    message = _("The money cannot have been transferred later than now.")


class ReferenceUsed(DomainError):
    code = "refund_reference_used"
    message = _("A refund with this reference was recorded already.")


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a person paid a refund: the bank's `reference` is never used twice, the `note` says what proves it."""

    refund: str
    amount: Decimal
    reference: str
    paid_at: datetime
    note: str

    @property
    def subject(self) -> str:
        return f"refund:{self.refund}"


def waiting() -> "QuerySet[Refund]":
    """The oldest first."""
    return Refund.objects.filter(state=State.FAILED).select_related("payment").order_by("requested_at", "id")


def try_again(refund_id: int, actor: str, at: datetime) -> Refund:
    """A failed intent once more, under another number. The provider is asked about the old one first.

    RefundNotFailed, RefundCame, RefundPending, OnlyByHand; ProviderUnavailable, ProviderRefused: nothing known, nothing
    changed.
    """
    failed = Refund.objects.select_related("payment").get(pk=refund_id)
    if failed.payment.channel == OFFLINE:
        raise OnlyByHand
    _require_failed(failed, at)
    return _replace(refund_id, actor, at)


def pay(transfer: Transfer, actor: str, at: datetime) -> Refund | Approval:
    """A person paid it another way and says how; above the limit another one has to say yes first. The provider is
    asked before: what it paid meanwhile is not paid twice. One that refuses to answer, as when our account there is
    closed, leaves nobody to vouch: then a second person decides whatever the amount.

    RefundNotFailed, RefundCame, RefundPending, TransferInFuture, ReferenceUsed, AlreadyAsked; ProviderUnavailable:
    nothing known, nothing changed. Locks lease and deposit when a deposit goes back, then the refund; a request is made
    before any lock.
    """
    _require_possible(transfer, at)
    failed = Refund.objects.select_related("payment").get(number=transfer.refund)
    return _record(transfer, actor, at, is_sure=_has_failed_for_sure(failed, at))


def carry_out(approval_id: int, actor: str, at: datetime) -> Refund:
    """A second person's yes, and at once the record. As `approvals.approve`; a refusal leaves the request open.

    The provider is asked once more before: it may have paid while the request waited.
    """
    asked = Approval.objects.filter(pk=approval_id, kind=Deed.BY_HAND).first()
    number = canonical.decode(Transfer, asked.payload).refund if asked else ""
    failed = Refund.objects.select_related("payment").filter(number=number, state=State.FAILED).first()
    if failed is not None:
        _has_failed_for_sure(failed, at)
    return _carry_out(approval_id, actor, at)


@transaction.atomic
def _record(transfer: Transfer, actor: str, at: datetime, *, is_sure: bool) -> Refund | Approval:
    if not is_sure or limit_rules.needs_second_person(transfer.amount, ZERO, limits.most(Deed.BY_HAND)):
        return approvals.request(
            Deed.BY_HAND, transfer.subject, transfer, actor=actor, reason=transfer.note[:200], at=at
        )
    return _pay(transfer, actor, at)


@transaction.atomic
def _carry_out(approval_id: int, actor: str, at: datetime) -> Refund:
    asked = approvals.approve(approval_id, actor, at)
    transfer = canonical.decode(Transfer, asked.payload)
    approvals.use(Deed.BY_HAND, transfer.subject, transfer, at)
    _require_possible(transfer, at)
    return _pay(transfer, asked.requested_by, at)


def _has_failed_for_sure(failed: Refund, at: datetime) -> bool:
    """As `_require_failed`; False when the provider refuses to say."""
    try:
        _require_failed(failed, at)
    except ProviderRefused:
        return False
    return True


def _require_failed(failed: Refund, at: datetime) -> None:
    """Asks the provider, where there is one; what came after all is posted. RefundCame, RefundPending."""
    if failed.payment.channel in WITHOUT_ADAPTER:
        return
    fact = registry.payments(failed.payment.channel).query_refund(failed.payment.number, failed.number)
    if fact.status is RefundStatus.SUCCEEDED:
        refunds.apply(fact, at)
        raise RefundCame
    if fact.status is RefundStatus.PENDING:
        raise RefundPending


def _require_possible(transfer: Transfer, at: datetime) -> None:
    """RefundNotFailed, TransferInFuture, ReferenceUsed."""
    if not Refund.objects.filter(number=transfer.refund, state=State.FAILED, amount=transfer.amount).exists():
        raise RefundNotFailed
    if transfer.paid_at > at:
        raise TransferInFuture
    if Refund.objects.filter(reference=transfer.reference).exists():
        raise ReferenceUsed


def _pay(transfer: Transfer, actor: str, at: datetime) -> Refund:
    deposit = refunds.lock_deposit(transfer.refund)
    refund = Refund.objects.select_for_update().get(number=transfer.refund)
    if not can_proceed(refund.pay_by_hand):
        raise RefundNotFailed
    refund.pay_by_hand(transfer.reference, transfer.paid_at)
    refund.save(update_fields=["state", "reference", "refunded_at"])
    told = {"reference": transfer.reference, "amount": str(refund.amount), "note": transfer.note}
    events.record("refund_paid_by_hand", refund, at=at, actor=actor, facts=told)
    books.refund_paid(refund, at)
    _tell(refund, at)
    if deposit is not None:
        holding.finish_if_empty(deposit)
    return refund


def _tell(refund: Refund, at: datetime) -> None:
    refunds.tell(refund, "refund_by_hand", at)


@transaction.atomic
def _replace(refund_id: int, actor: str, at: datetime) -> Refund:
    """The same money under a new number; the books know it as payable already. Locks the failed one."""
    failed = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
    if not can_proceed(failed.replace):
        raise RefundNotFailed
    failed.replace()
    failed.save(update_fields=["state"])
    again = Refund(
        payment_id=failed.payment_id, lease_id=failed.lease_id, deposit_id=failed.deposit_id, amount=failed.amount,
        reason=failed.reason, reduces=failed.reduces, requested_by=actor, replaces=failed,
    )  # fmt: skip
    refunds.write(again, at)
    events.record("refund_tried_again", failed, at=at, actor=actor, facts={"number": again.number})
    return again
