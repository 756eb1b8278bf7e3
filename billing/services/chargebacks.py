"""Money that a provider takes back after success: opened, then won or lost (docs/domain/disputes.md).

The payment stays SUCCEEDED for ever. A lost dispute takes its money off the bills from the day of the decision on:
they are open again, and a late fee counts from that day only. Σ refunds + disputes not won ≤ received.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import WITHOUT_ADAPTER, Bill, Chargeback, Lease, Payment, Reversal
from billing.rules import disputes as rules
from billing.rules.disputes import Lying
from billing.services import books, laid, numbers, payments, refunds
from core.calendar import business_date
from core.errors import DomainError
from core.money import ZERO
from core.services import events
from core.services.events import PLATFORM
from core.templatetags.xinzu import yuan
from integrations import registry
from integrations.payments import DisputeFact, DisputeStatus
from notices.services import messages

State = Chargeback.State
ASK_EVERY = timedelta(hours=1)
ASK_AT_MOST = 200


class DisputeUnknown(DomainError):
    code = "dispute_unknown"
    message = _("There is no such dispute.")


class DisputeDecided(DomainError):
    code = "dispute_decided"
    message = _("This dispute is decided already.")


class DisputeTooLarge(DomainError):
    code = "dispute_too_large"
    message = _("At most %(most)s of this payment can be disputed: the rest went back already.")


class AnotherDisputeOpen(DomainError):
    code = "another_dispute_open"
    message = _("Another dispute of this payment, %(number)s, is open.")


class DisputeInFuture(DomainError):
    code = "dispute_in_future"
    message = _("This cannot have happened later than now.")


@dataclass(frozen=True, slots=True)
class Told:
    """A new dispute as the provider's portal shows it."""

    dispute_no: str
    amount: Decimal
    withheld: bool
    reason: str
    opened_at: datetime
    respond_by: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`news`: something was opened or decided now. `wrong`: the fact does not fit what we know, nothing was posted."""

    chargeback: Chargeback | None
    news: bool
    wrong: str = ""


@transaction.atomic
def apply(channel: str, fact: DisputeFact, at: datetime, actor: str = PLATFORM) -> Outcome:
    """Record what a provider, or an operator for him, says of a dispute: the one place for all of it, once.

    A decision without an opening opens it first; an opening after the decision changes nothing. What is more than was
    received and not given back, or another amount than before, is an event and nothing else. PaymentUnknown.
    Locks leases, bills, payment, dispute.
    """
    known = Chargeback.objects.filter(channel=channel, dispute_number=fact.dispute_no).first()
    named = known.payment if known else payments.by_number(channel, fact.request_no)
    bills = payments.locked_bills(set(named.allocations.values_list("bill_id", flat=True)))
    payment = Payment.objects.select_for_update().get(pk=named.pk)
    chargeback = Chargeback.objects.select_for_update().filter(channel=channel, dispute_number=fact.dispute_no).first()
    wrong = _mismatch(payment, chargeback, fact)
    if wrong:
        _note_wrong(payment, fact, wrong, at)
        return Outcome(chargeback, news=False, wrong=wrong)
    is_new = chargeback is None
    if chargeback is None:
        chargeback = _open(payment, channel, fact, actor, at)
    if fact.status is DisputeStatus.OPEN or not can_proceed(chargeback.lose):
        return Outcome(chargeback, news=is_new)
    decided = fact.decided_at or at
    if fact.status is DisputeStatus.WON:
        _win(chargeback, payment, decided, actor, at)
    else:
        _lose(chargeback, payment, bills, decided, actor, at)
    return Outcome(chargeback, news=True)


def payment_of(channel: str, fact: DisputeFact) -> str | None:
    """Our number of the payment that a dispute is about; None when it is not ours."""
    known = Chargeback.objects.filter(channel=channel, dispute_number=fact.dispute_no)
    number = known.values_list("payment__number", flat=True).first()
    named = Payment.objects.filter(channel=channel, number=fact.request_no)
    return number or named.values_list("number", flat=True).first()


def seen(payment: Payment, told: Told) -> DisputeFact:
    """What an operator saw at a provider that sends no notices. DisputeTooLarge, AnotherDisputeOpen."""
    require_fits(payment, told.amount)
    return DisputeFact(
        told.dispute_no, payment.number, DisputeStatus.OPEN, told.amount, told.withheld, told.reason, told.opened_at,
        told.respond_by, None,
    )  # fmt: skip


def decided(found: Chargeback, status: str, decided_at: datetime) -> DisputeFact:
    """How an operator saw it end, WON or LOST. DisputeDecided."""
    if not found.is_open:
        raise DisputeDecided
    return DisputeFact(
        found.dispute_number, found.payment.number, DisputeStatus(status), found.amount, found.withheld, found.reason,
        found.opened_at, found.respond_by, decided_at,
    )  # fmt: skip


@transaction.atomic
def answer(chargeback_id: int, text: str, actor: str, at: datetime) -> Chargeback:
    """What was sent to the provider as evidence; may be said again until it is decided. DisputeDecided."""
    found = Chargeback.objects.select_for_update().get(pk=chargeback_id)
    if not found.is_open:
        raise DisputeDecided
    found.answer, found.answered_at = text, at
    found.save(update_fields=["answer", "answered_at"])
    events.record("dispute_answered", found, at=at, actor=actor, facts={"answer": text})
    return found


def are_told(channel: str) -> bool:
    """Its adapter tells of disputes, and its statements carry what they take back."""
    return channel not in WITHOUT_ADAPTER and "dispute" in registry.payments(channel).capabilities


def taken(channel: str) -> "QuerySet[Chargeback]":
    """Lost ones whose money a statement of the channel tells of: it was not withheld before."""
    if not are_told(channel):
        return Chargeback.objects.none()
    return Chargeback.objects.filter(channel=channel, state=State.LOST, withheld=False)


def to_ask(at: datetime) -> list[int]:
    """Open ones of which nothing was heard for an hour, for the poller."""
    rows = Chargeback.objects.filter(state=State.OPEN, known_at__lte=at - ASK_EVERY)
    rows = rows.exclude(asked_at__gt=at - ASK_EVERY).order_by("known_at", "id")
    due = list(rows.values_list("pk", "channel"))
    told = {channel for channel in {channel for _pk, channel in due} if are_told(channel)}
    return [pk for pk, channel in due if channel in told][:ASK_AT_MOST]


def asked(dispute_no: str, channel: str, at: datetime) -> None:
    """The provider answered about it."""
    Chargeback.objects.filter(channel=channel, dispute_number=dispute_no).update(asked_at=at)


def waiting() -> "QuerySet[Chargeback]":
    """Open ones, the nearest deadline first."""
    rows = Chargeback.objects.filter(state=State.OPEN).select_related("payment__customer")
    return rows.order_by("respond_by", "opened_at", "id")


def of_bill(bill: Bill) -> list[Chargeback]:
    """The disputes of money that lies or lay on a bill, oldest first."""
    rows = Chargeback.objects.filter(payment__allocations__bill=bill).distinct()
    return list(rows.order_by("id"))


def require_fits(payment: Payment, amount: Decimal) -> None:
    """DisputeTooLarge, AnotherDisputeOpen: what an operator is told before he records one."""
    if amount > payment.amount - payment.refunded - payment.charged_back:
        raise DisputeTooLarge(most=yuan(payment.amount - payment.refunded - payment.charged_back))
    other = payment.chargebacks.filter(state=State.OPEN).first()
    if other is not None:
        raise AnotherDisputeOpen(number=other.number)


def _mismatch(payment: Payment, chargeback: Chargeback | None, fact: DisputeFact) -> str:
    """Which part does not fit; "" when all does."""
    if payment.state != Payment.State.SUCCEEDED:
        return "payment"
    if chargeback is not None:
        return "" if fact.amount is None or fact.amount == chargeback.amount else "amount"
    if fact.amount is None or not ZERO < fact.amount <= payment.amount - payment.refunded - payment.charged_back:
        return "amount"
    return "another" if payment.chargebacks.filter(state=State.OPEN).exists() else ""


def _note_wrong(payment: Payment, fact: DisputeFact, wrong: str, at: datetime) -> None:
    """For an operator, once for each dispute."""
    seen = events.of(payment).filter(kind="dispute_mismatch", facts__dispute=fact.dispute_no)
    if not seen.exists():
        told = {"dispute": fact.dispute_no, "wrong": wrong, "amount": str(fact.amount)}
        events.record("dispute_mismatch", payment, at=at, facts=told)


def _open(payment: Payment, channel: str, fact: DisputeFact, actor: str, at: datetime) -> Chargeback:
    assert fact.amount is not None  # `_mismatch` let it pass
    made = Chargeback.objects.create(
        number=numbers.new("X", at), payment=payment, channel=channel, dispute_number=fact.dispute_no,
        amount=fact.amount, withheld=fact.withheld, reason=fact.reason[:200], opened_at=fact.opened_at or at,
        known_at=at, respond_by=fact.respond_by,
    )  # fmt: skip
    payment.charged_back += made.amount
    payment.save(update_fields=["charged_back"])
    events.record("dispute_opened", made, at=at, actor=actor, facts={"amount": str(made.amount)})
    if made.withheld:
        books.dispute_withheld(made, at)
    _tell(made, "dispute_opened", at)
    return made


def _win(made: Chargeback, payment: Payment, decided: datetime, actor: str, at: datetime) -> None:
    """As if it had not been. What waited for it goes back now: money of a lease that ended before it began."""
    made.win(decided)
    made.save(update_fields=["state", "decided_at"])
    payment.charged_back -= made.amount
    payment.save(update_fields=["charged_back"])
    events.record("dispute_won", made, at=at, actor=actor)
    if made.withheld:
        books.dispute_won(made, at)
    _tell(made, "dispute_won", at)
    void = Lease.objects.filter(bills__allocations__payment=payment, state=Lease.State.VOID).distinct()
    for lease_id in void.order_by("pk").values_list("pk", flat=True):
        refunds.give_back(lease_id, "dispute_won", at)
    if payment.holds and payment.deposit and payment.deposit.lease.state == Lease.State.CLOSED:
        refunds.give_back_deposit(payment.deposit.lease_id, "dispute_won", at)


def _lose(made: Chargeback, payment: Payment, bills: list[Bill], decided: datetime, actor: str, at: datetime) -> None:
    """First what lies on no bill, then what was laid last; the bills that it lay on are open again."""
    taken = ZERO if payment.holds else _take_off(made, payment, bills, decided, at)
    made.lose(decided)
    made.save(update_fields=["state", "decided_at"])
    events.record("dispute_lost", made, at=at, actor=actor, facts={"off bills": str(taken)})
    books.dispute_lost(made, payment, taken, at)
    _tell(made, "dispute_lost", at)


def _take_off(made: Chargeback, payment: Payment, bills: list[Bill], decided: datetime, at: datetime) -> Decimal:
    """How much came off bills."""
    known = {bill.pk: bill for bill in bills}
    lying = [
        Lying(row.pk, row.bill_id, amount, is_void=known[row.bill_id].state == Bill.State.VOID)
        for row, amount in laid.net(payment)
    ]
    taken = rules.taken_off(made.amount, laid.free(payment), lying)
    day = business_date(decided)
    Reversal.objects.bulk_create(
        Reversal(chargeback=made, allocation_id=one.allocation, amount=one.amount, day=day, at=at) for one in taken
    )
    for bill in bills:
        off = sum((one.amount for one in taken if one.bill == bill.pk), ZERO)
        if off:
            bill.paid -= off
            if can_proceed(bill.reopen):
                bill.reopen()
            bill.save(update_fields=["state", "paid", "paid_at"])
    return sum((one.amount for one in taken), ZERO)


def _tell(made: Chargeback, template: str, at: datetime) -> None:
    payment = made.payment
    messages.inform(
        payment.customer.user,
        template,
        {"amount": str(made.amount), "payment": payment.number},
        step=f"dispute:{made.number}:{template}",
        at=at,
        link=f"/payments/{payment.number}/",
        sms=template != "dispute_opened",
    )
