"""Money that came by bank transfer or in cash: a payment without an adapter, posted as any other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.models import OFFLINE, Payment
from billing.rules import limits as limit_rules
from billing.rules import offline
from billing.rules.limits import Deed
from billing.services import limits, payments
from billing.services.payments import Captured
from core import calendar
from core.errors import DomainError
from core.models import Approval
from core.money import ZERO
from core.services import approvals, events
from integrations.payments import PaymentFact, Status


class ReceiptInFuture(DomainError):
    code = "receipt_in_future"
    message = _("The money cannot have arrived later than now.")


class ReferenceUsed(DomainError):
    code = "reference_used"
    message = _("Money with this reference was recorded already.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the operator saw: `reference` is the bank's number or that of the cash receipt, never used twice."""

    amount: Decimal
    received_at: datetime
    reference: str
    note: str


@transaction.atomic
def record(
    customer: Customer,
    bill_ids: Iterable[int],
    receipt: Receipt,
    actor: str,
    at: datetime,
    approval: Approval | None = None,
) -> Captured:
    """Lay it on the bills, late fees counted to the day of its receipt; what is too much is the customer's credit.

    ApprovalNeeded above the limit or for money of long ago; ReceiptInFuture, ReferenceUsed; further as `payments.open`.
    Locks leases, bills, payment.
    """
    require_new(receipt, at)
    if approval is None and needs_second_person(receipt, at):
        raise approvals.ApprovalNeeded
    payment = payments.open(customer, bill_ids, OFFLINE, at=at, expires_at=at, amount=receipt.amount)
    if approval is not None:
        payment.approval = approval
        payment.save(update_fields=["approval"])
    told = {"reference": receipt.reference, "received_at": receipt.received_at.isoformat(), "note": receipt.note}
    events.record("payment_recorded_offline", payment, at=at, actor=actor, facts=told)
    fact = PaymentFact(
        request_no=payment.number,
        trade_no=receipt.reference,
        status=Status.SUCCEEDED,
        amount=receipt.amount,
        currency=payments.CURRENCY,
        payer="",
        paid_at=receipt.received_at,
        merchant_id=OFFLINE,
    )
    return payments.capture(OFFLINE, fact, at)


def needs_second_person(receipt: Receipt, at: datetime) -> bool:
    """More than one operator may record alone, or money that came more than a day ago."""
    received_on, on = calendar.business_date(receipt.received_at), calendar.business_date(at)
    is_large = limit_rules.needs_second_person(receipt.amount, ZERO, limits.most(Deed.OFFLINE))
    return is_large or offline.is_old(received_on, on)


def require_new(receipt: Receipt, at: datetime) -> None:
    """ReceiptInFuture, ReferenceUsed."""
    if receipt.received_at > at:
        raise ReceiptInFuture
    if Payment.objects.filter(channel=OFFLINE, trade_number=receipt.reference).exists():
        raise ReferenceUsed
