"""Giving money back: an intent with one number and one amount for ever, called outside, asked about when unknown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import WITHOUT_ADAPTER, Allocation, Deposit, Lease, Payment, Refund
from billing.rules.settlement import Parts
from billing.services import books, holding, laid, numbers
from core import faults, money
from core.errors import DomainError
from core.fields import exact_sum
from core.models import Approval
from core.money import ZERO
from core.services import events, outbox
from core.services.events import PLATFORM
from integrations import registry
from integrations.errors import CallRefused, ProviderRefused
from integrations.payments import RefundFact, RefundStatus
from notices.services import messages

ASK_AFTER = timedelta(minutes=2)
REQUESTED = "refund.requested"
NO_ADAPTER = ProviderRefused("offline", "nobody to ask")


class PaymentNotReceived(DomainError):
    code = "payment_not_received"
    message = _("This payment was not received.")


class RefundUnknown(DomainError):
    code = "refund_unknown"
    message = _("There is no refund with this number.")


class RefundTooLarge(DomainError):
    code = "refund_too_large"
    message = _("At most %(most)s of this payment can be given back.")


@dataclass(frozen=True, slots=True)
class Instruction:
    """An operator's: who wants it, by whose approval, and of what earnings it is, where the bills stand."""

    actor: str
    approval: Approval | None
    earnings: Parts | None


@transaction.atomic
def request(
    payment_id: int,
    amount: Decimal,
    reason: str,
    at: datetime,
    lease: Lease | None = None,
    deposit: Deposit | None = None,
    by: Instruction = Instruction(PLATFORM, None, None),
) -> Refund:
    """Write the intent and ask for its work. PaymentNotReceived; RefundTooLarge (Σ refunds + disputes ≤ received).

    `lease`: whose bills the money lay on; `deposit`: which one held it. Locks the payment.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.state != Payment.State.SUCCEEDED:
        raise PaymentNotReceived
    most = payment.amount - payment.refunded - payment.charged_back
    if amount > most:
        raise RefundTooLarge(most=most)
    payment.refunded += amount
    payment.save(update_fields=["refunded"])
    refund = Refund(
        payment=payment, lease=lease, deposit=deposit, amount=amount, reason=reason,
        reduces=by.earnings is not None, requested_by=by.actor, approval=by.approval,
    )  # fmt: skip
    write(refund, at)
    if by.earnings is None:
        books.refund_intended(refund, at)
    else:
        books.earnings_given_back(refund, by.earnings, at)
    return refund


def write(refund: Refund, at: datetime) -> None:
    """The intent under a number of its own, and its work in the outbox."""
    refund.number, refund.requested_at = numbers.new("R", at), at
    refund.save(force_insert=True)
    told = {"number": refund.number, "amount": str(refund.amount), "reason": refund.reason}
    events.record("refund_requested", refund, at=at, actor=refund.requested_by, facts=told)
    outbox.put(REQUESTED, refund_id=refund.pk)


@transaction.atomic
def give_back(lease_id: int, reason: str, at: datetime) -> list[Refund]:
    """Intents for everything that was laid on the lease's bills and not yet given back; [] when nothing is left.

    A payment that also served another lease gives back this lease's share only. Safe to repeat. Locks lease, payments.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    paid_for = Allocation.objects.filter(bill__lease=lease).values("payment")
    refunds = []
    for payment in Payment.objects.select_for_update().filter(pk__in=paid_for).order_by("pk"):
        lying = money.total(amount for row, amount in laid.net(payment, lease))
        given = Refund.objects.filter(payment=payment, lease=lease, replaces=None)
        back = given.aggregate(sum=exact_sum("amount"))["sum"]
        most = payment.amount - payment.refunded - payment.charged_back  # what is disputed waits for the decision
        if lying > back and most:
            refunds.append(request(payment.pk, min(lying - back, most), reason, at, lease))
    return refunds


@transaction.atomic
def give_back_deposit(lease_id: int, reason: str, at: datetime) -> Refund | None:
    """An intent for what a paid deposit still holds; None when nothing is held by a payment. Locks the payment."""
    holding_it = Payment.objects.select_for_update(of=("self",)).select_related("deposit")
    payment = holding_it.filter(deposit__lease=lease_id, holds=True).first()
    rest = holding.held_by(payment) if payment else ZERO
    return request(payment.pk, rest, reason, at, deposit=payment.deposit) if payment and rest else None


def give_back_rest(payment: Payment, reason: str, at: datetime) -> Refund | None:
    """An intent for what was laid on no bill and not yet given back; None when there is no such rest."""
    rest = laid.free(payment)
    return request(payment.pk, rest, reason, at) if rest > ZERO else None


def send(refund_id: int, at: datetime) -> Refund:
    """Call the provider with the intent's number and amount; the same number as often as needed.

    ProviderUnavailable and CallRefused: nothing known or decided, call again. A final no makes the intent FAILED, for
    an operator; so does money that came offline, which nobody but him can pay back.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state == Refund.State.SUCCEEDED:
        return refund
    if refund.payment.channel in WITHOUT_ADAPTER:
        return _fail(refund_id, NO_ADAPTER, at)
    provider = registry.payments(refund.payment.channel)
    try:
        fact = provider.refund(refund.payment.number, refund.number, refund.amount, refund.reason)
    except CallRefused:
        raise
    except ProviderRefused as refusal:
        return _fail(refund_id, refusal, at)
    faults.point("refund.called")
    return apply(fact, at)


def ask(refund_id: int, at: datetime) -> Refund:
    """Ask about an intent whose outcome is unknown; one that never arrived is sent again with its number."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state == Refund.State.SUCCEEDED:
        return refund
    if refund.payment.channel in WITHOUT_ADAPTER:
        return send(refund_id, at)
    fact = registry.payments(refund.payment.channel).query_refund(refund.payment.number, refund.number)
    if fact.status is RefundStatus.NOT_FOUND:
        return send(refund_id, at)
    return apply(fact, at)


@transaction.atomic
def apply(fact: RefundFact, at: datetime) -> Refund:
    """Record what the provider says of a refund, once; another amount than ours is an event and nothing more.

    A refund that was accepted and is turned back later is FAILED, for an operator. RefundUnknown. Locks lease and
    deposit when a deposit goes back, then the refund.
    """
    deposit = lock_deposit(fact.refund_no)
    refund = Refund.objects.select_for_update().filter(number=fact.refund_no).first()
    if refund is None:
        raise RefundUnknown
    refund.asked_at = at
    refund.save(update_fields=["asked_at"])
    if fact.status is RefundStatus.SUCCEEDED and (refund.state == Refund.State.REPLACED or refund.reference):
        _note_second_way(refund, at)
    if fact.status is RefundStatus.FAILED:
        return _turned_back(refund, "turned back", at)
    if fact.status is not RefundStatus.SUCCEEDED or not can_proceed(refund.succeed):
        return refund
    if fact.amount != refund.amount:
        events.record("refund_mismatch", refund, at=at, facts={"amount": str(fact.amount)})
        return refund
    refund.succeed(fact.refunded_at or at)
    refund.save(update_fields=["state", "refunded_at"])
    events.record("refunded", refund, at=at, facts={"amount": str(refund.amount)})
    books.refund_paid(refund, at)
    if deposit is not None:
        holding.finish_if_empty(deposit)
    return refund


def to_ask(at: datetime) -> list[int]:
    """Intents that wait for an outcome, for the poller."""
    waiting = Refund.objects.filter(state=Refund.State.REQUESTED, requested_at__lt=at - ASK_AFTER)
    return list(waiting.order_by("requested_at").values_list("pk", flat=True)[:200])


def lock_deposit(refund_no: str) -> Deposit | None:
    """The deposit that a refund gives back, locked after its lease; None when it gives back other money."""
    deposit_id = Refund.objects.filter(number=refund_no).values_list("deposit_id", flat=True).first()
    return holding.locked(deposit_id)[1] if deposit_id else None


def tell(refund: Refund, template: str, at: datetime) -> None:
    """The customer, once for each word."""
    payment = refund.payment
    messages.inform(
        payment.customer.user,
        template,
        {"amount": str(refund.amount)},
        step=f"refund:{refund.number}:{template}",
        at=at,
        link=f"/payments/{payment.number}/",
    )


def _note_second_way(refund: Refund, at: datetime) -> None:
    """It came after all, though another intent or a person paid it: nothing is posted, an operator claims it back."""
    if not events.of(refund).filter(kind="refund_twice").exists():
        events.record("refund_twice", refund, at=at, facts={"amount": str(refund.amount)})


@transaction.atomic
def _fail(refund_id: int, refusal: ProviderRefused, at: datetime) -> Refund:
    return _turned_back(Refund.objects.select_for_update().get(pk=refund_id), refusal.provider_code, at)


def _turned_back(refund: Refund, why: str, at: datetime) -> Refund:
    if can_proceed(refund.fail):
        refund.fail()
        refund.save(update_fields=["state"])
        events.record("refund_refused", refund, at=at, facts={"provider_code": why})
        tell(refund, "refund_failed", at)
    return refund
