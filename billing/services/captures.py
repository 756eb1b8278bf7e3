"""Keeping a part of a deposit for what is owed (domain.md §7): only on an approval, frozen and paid deposits alike.

A freeze: an attempt under our own number is committed, the provider is asked to turn that part into a payment, and its
word goes the way of every other payment. A paid deposit: the part is laid on the bills in the same transaction. Orders
calls it, for an order may be settled by it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import DEPOSIT, Bill, Deposit, DepositDeduction, DepositFreeze, Lease, Payment
from billing.rules import captures as rules
from billing.services import books, holding, numbers, payments, statements
from core import calendar, faults, money
from core.errors import DomainError
from core.models import Approval
from core.services import events, outbox
from integrations import registry
from integrations.errors import CallRefused, ProviderRefused
from integrations.payments import PaymentFact, Status

ASK_AFTER = timedelta(minutes=2)
REQUESTED = "deposit.capture_requested"
KIND = "deposit_deduction"  # of approval


class NothingToDeduct(DomainError):
    code = "nothing_to_deduct"
    message = _("Nothing is owed on the bills, or nothing is held any more.")


class DepositNotHeld(DomainError):
    code = "deposit_not_held"
    message = _("The deposit is not held, or it is on its way back.")


@dataclass(frozen=True, slots=True)
class Wish:
    """`lease` by its number; not more than `most` is taken, and not more than is owed when it is carried out."""

    lease: str
    kind: str
    most: Decimal
    reason: str

    @property
    def subject(self) -> str:
        return f"deposit:{self.lease}"


def foreseen(lease: Lease, on: date) -> Decimal:
    """What could be taken if it were carried out on day `on`: what is owed, at most what is held."""
    owed = money.total(view.owed_now for view in statements.statement(lease, on))
    return min(owed, holding.held(lease.deposit))


@transaction.atomic
def deduct(wish: Wish, approval: Approval, at: datetime) -> DepositDeduction:
    """The deduction with its payment: of a freeze an attempt and its work, of a paid deposit the money itself.

    DepositNotHeld, NothingToDeduct; AttemptOpen while the customer is paying. Locks lease, deposit, freeze, bills.
    """
    deposit_id = Deposit.objects.values_list("pk", flat=True).get(lease__number=wish.lease)
    lease, deposit = holding.locked(deposit_id)
    if deposit.state != Deposit.State.SECURED:
        raise DepositNotHeld
    freeze = _freeze(deposit) if deposit.kind == Deposit.Kind.FREEZE else None
    held = freeze.held if freeze else holding.held(deposit)
    bills = _owed_bills(lease, wish.kind, calendar.business_date(at))
    amount = rules.kept(held, money.total(bills.values()), wish.most).taken
    if not amount:
        raise NothingToDeduct
    payment = _attempt(lease, sorted(bills), freeze, amount, at)
    made = DepositDeduction.objects.create(
        deposit=deposit, kind=wish.kind, most=wish.most, reason=wish.reason, requested_by=approval.requested_by,
        approval=approval, payment=payment, at=at,
    )  # fmt: skip
    told = {"amount": str(amount), "number": payment.number, "reason": wish.reason}
    events.record("deposit_deduction", made, at=at, actor=approval.decided_by, facts=told)
    if freeze:
        outbox.put(REQUESTED, deduction_id=made.pk)
    else:
        made.payment = _take_from_paid(payment, at)
    return made


def send(deduction_id: int, at: datetime) -> PaymentFact | None:
    """Have the provider turn that part of the freeze into a payment, with the same number as often as needed.

    None when its outcome is known. ProviderUnavailable and CallRefused: nothing known or decided, call again. A final
    no is asked about once more: an earlier call may have taken it.
    """
    payment = payment_of(deduction_id)
    if payment.state != Payment.State.OPEN or payment.freeze is None:
        return None
    provider = registry.holds(payment.channel)
    auth_no, subject = payment.freeze.auth_number or "", gettext("Deposit, %(number)s") % {"number": payment.number}
    faults.point("capture.calling")
    try:
        fact = provider.capture(auth_no, payment.number, payment.amount, subject, final=False)
    except CallRefused:  # our clock or key: no word about the money
        raise
    except ProviderRefused as refusal:
        events.record("capture_refused", payment, at=at, facts={"provider_code": refusal.provider_code})
        fact = _closed(provider.query(payment.number))
    faults.point("capture.called")
    return fact


def ask(deduction_id: int, at: datetime) -> PaymentFact | None:
    """Ask about a capture whose outcome is unknown; one that never arrived is sent again with its number."""
    payment = payment_of(deduction_id)
    if payment.state != Payment.State.OPEN:
        return None
    fact = registry.holds(payment.channel).query(payment.number)
    return send(deduction_id, at) if fact.status is Status.NOT_FOUND else fact


def to_ask(at: datetime) -> list[int]:
    """Captures that wait for an outcome, for the poller."""
    waiting = DepositDeduction.objects.filter(
        payment__state=Payment.State.OPEN, payment__freeze__isnull=False, at__lt=at - ASK_AFTER
    )
    return list(waiting.order_by("at").values_list("pk", flat=True)[:200])


def channel_of(deduction_id: int) -> str:
    return str(payment_of(deduction_id).channel)


def payment_of(deduction_id: int) -> Payment:
    return DepositDeduction.objects.select_related("payment__freeze").get(pk=deduction_id).payment


def _freeze(deposit: Deposit) -> DepositFreeze:
    frozen = deposit.freezes.select_for_update().filter(state=DepositFreeze.State.FROZEN, held__gt=0)
    freeze = frozen.order_by("pk").first()
    if freeze is None:
        raise DepositNotHeld
    return freeze


def _owed_bills(lease: Lease, kind: str, on: date) -> dict[int, Decimal]:
    """The open bills of the lease with what each owes on day `on`, late fees included, the oldest first.

    What is kept for damage pays damage only.
    """
    views = statements.statement(lease, on)
    if kind == DepositDeduction.Kind.DAMAGE:
        views = [view for view in views if view.bill.kind == Bill.Kind.DAMAGE]
    return {view.bill.pk: view.owed_now for view in views if view.bill.state == Bill.State.OPEN and view.owed_now}


def _attempt(lease: Lease, bill_ids: list[int], freeze: DepositFreeze | None, amount: Decimal, at: datetime) -> Payment:
    channel = freeze.channel if freeze else DEPOSIT
    payment = payments.open(lease.customer, bill_ids, channel, at=at, expires_at=at, amount=amount)
    if freeze:
        payment.freeze = freeze
        payment.save(update_fields=["freeze"])
    return payment


def _take_from_paid(payment: Payment, at: datetime) -> Payment:
    """No provider moves anything: the money is here."""
    fact = PaymentFact(
        request_no=payment.number,
        trade_no=numbers.new("T", at),
        status=Status.SUCCEEDED,
        amount=payment.amount,
        currency=payments.CURRENCY,
        payer="",
        paid_at=at,
        merchant_id=DEPOSIT,
    )
    captured = payments.capture(DEPOSIT, fact, at).payment
    books.deposit_deducted(captured, at)
    holding.tell_taken(captured, at)
    return captured


def _closed(fact: PaymentFact) -> PaymentFact:
    """A refused capture that the provider does not know will never be paid."""
    if fact.status is Status.SUCCEEDED:
        return fact
    return PaymentFact(fact.request_no, "", Status.CLOSED, None, payments.CURRENCY, "", None, fact.merchant_id)
