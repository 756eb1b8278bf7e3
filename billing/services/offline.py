"""Money that came by bank transfer or in cash: a payment without an adapter, posted as any other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.models import OFFLINE, Payment
from billing.rules import offline
from billing.services import payments
from billing.services.payments import Captured
from core import calendar
from core.errors import DomainError
from core.services import events
from core.templatetags.xinzu import yuan
from integrations.payments import PaymentFact, Status


class ReceiptInFuture(DomainError):
    code = "receipt_in_future"
    message = _("The money cannot have arrived later than now.")


class ReferenceUsed(DomainError):
    code = "reference_used"
    message = _("Money with this reference was recorded already.")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    message = _(
        "More than %(most)s, or money that came more than a day ago, needs the consent of a second person, which "
        "cannot be given here yet. Nothing was recorded."
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the operator saw: `reference` is the bank's number or that of the cash receipt, never used twice."""

    amount: Decimal
    received_at: datetime
    reference: str
    note: str


@transaction.atomic
def record(customer: Customer, bill_ids: Iterable[int], receipt: Receipt, actor: str, at: datetime) -> Captured:
    """Lay it on the bills, late fees counted to the day of its receipt; what is too much is the customer's credit.

    ReceiptInFuture, SecondPersonNeeded, ReferenceUsed; further as `payments.open`. Locks leases, bills, payment.
    """
    _require_alone(receipt, at)
    if Payment.objects.filter(channel=OFFLINE, trade_number=receipt.reference).exists():
        raise ReferenceUsed
    payment = payments.open(customer, bill_ids, OFFLINE, at=at, expires_at=at, amount=receipt.amount)
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


def _require_alone(receipt: Receipt, at: datetime) -> None:
    if receipt.received_at > at:
        raise ReceiptInFuture
    received_on, on = calendar.business_date(receipt.received_at), calendar.business_date(at)
    if offline.needs_second_person(receipt.amount, received_on, on):
        raise SecondPersonNeeded(most=yuan(offline.ALONE_AT_MOST))
