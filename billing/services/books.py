"""What billing's own events are in the ledger; each is posted in the transaction that makes it true."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from billing.models import (
    OFFLINE,
    BalanceUse,
    Bill,
    Chargeback,
    ExtensionPlan,
    Lease,
    Payment,
    Reduction,
    Refund,
    WriteOff,
)
from billing.rules import postings
from billing.rules.allocation import Part
from billing.rules.postings import Billed, Kind
from billing.rules.settlement import Parts
from billing.services import ledger
from billing.services.ledger import Event
from core import money, running
from core.jobs import WHOLE, Shard

CHUNK = 2000


def due(on: date, at: datetime, shard: Shard = WHOLE) -> int:
    """Day-end: every bill of a running lease that is due on day `on` becomes receivable; how many did. Repeatable.

    A plan's part is owed from the plan's start on. Cut by customer: no two runners add to one customer's sums.
    """
    bills = Bill.objects.filter(due_date=on, state=Bill.State.OPEN, lease__state=Lease.State.LIVE).order_by("pk")
    bills = bills.exclude(kind=Bill.Kind.PART)
    rows = shard.cut(bills, "lease__customer").values_list("pk", "lease__customer", "rent", "cover")
    new, last = 0, 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1][0]
        new += running.together(
            Bill, chunk, lambda some: ledger.post_all([_due(*row) for row in some], at), lambda row: row[0]
        )
    return new


def charged(bill: Bill, at: datetime) -> None:
    """A bill that is receivable from its birth on."""
    ledger.post_all([_billed(bill)], at)


def replanned(
    plan: ExtensionPlan, bills: Sequence[Bill], parts: Sequence[Bill], fees: dict[int, Decimal], at: datetime
) -> None:
    """These bills, of which `fees` gained so much late fee (by bill id), stand no more: the plan's parts do."""
    customer, key = plan.lease.customer_id, f"extension:{plan.pk}"
    happened = [*map(_billed, bills), *_fees(key, customer, fees)]
    happened.append(Event(key, "bills replanned", postings.replanned(customer, plan.owed, plan.fee)))
    happened += [
        Event(_billed_key(part.pk), "part owed", postings.part(customer, part.rent + part.cover + part.fee))
        for part in parts
    ]
    ledger.post_all(happened, at)


def written_off(made: WriteOff, bills: Sequence[Bill], fees: dict[int, Decimal], at: datetime) -> None:
    """The open part of these bills, of which `fees` gained so much late fee (by bill id), is given up."""
    lease = made.lease
    happened = [*map(_billed, bills), *_fees(f"writeoff:{lease.number}", lease.customer_id, fees)]
    lines = postings.written_off(lease.customer_id, made.amount)
    happened.append(Event(f"writeoff:{lease.number}", "written off", lines))
    ledger.post_all(happened, at)


def recovered(of: WriteOff, payment: Payment, amount: Decimal, at: datetime) -> None:
    lines = postings.recovered(payment.customer_id, amount)
    ledger.post(f"recovery:{payment.number}:{of.pk}", "recovered", lines, at)


def payment_received(
    payment: Payment, bills: Sequence[Bill], fees: dict[int, Decimal], laid: Decimal, at: datetime
) -> None:
    """A payment came in and `laid` of it lies on `bills`, of which `fees` gained so much late fee (by bill id)."""
    happened = [*map(_billed, bills), *_fees(f"payment:{payment.number}", payment.customer_id, fees)]
    lines = postings.received(payment.customer_id, payment.channel, laid, payment.amount - laid)
    happened.append(Event(f"payment:{payment.number}", "payment received", lines))
    ledger.post_all(happened, at)


def balance_used(use: BalanceUse, bills: Sequence[Bill], fees: dict[int, Decimal], at: datetime) -> None:
    """A part of the customer's credit lies on `bills` now, of which `fees` gained so much late fee (by bill id)."""
    happened = [*map(_billed, bills), *_fees(f"balance:{use.number}", use.customer_id, fees)]
    lines = postings.balance_used(use.customer_id, use.amount)
    happened.append(Event(f"balance:{use.number}", "balance used", lines))
    ledger.post_all(happened, at)


def freed(bill: Bill, amount: Decimal, at: datetime) -> None:
    """What had been paid on a bill that fell away is the customer's credit."""
    ledger.post(f"bill:{bill.pk}:freed", "money freed", postings.freed(bill.lease.customer_id, amount), at)


def deposit_received(payment: Payment, at: datetime) -> None:
    """The whole payment is held as the deposit."""
    lines = postings.deposit_received(payment.customer_id, payment.channel, payment.amount)
    ledger.post(f"payment:{payment.number}", "deposit received", lines, at)


def deposit_deducted(payment: Payment, at: datetime) -> None:
    """What a paid deposit gave for a payment."""
    lines = postings.deposit_deducted(payment.customer_id, payment.channel, payment.amount)
    ledger.post(f"payment:{payment.number}:deposit", "deposit deducted", lines, at)


def reduced(made: Reduction, bill: Bill, receivable: Decimal, at: datetime) -> None:
    """Of a reduction what is receivable: all of one of the rent, of a late fee what was posted and is not paid."""
    happened = [_billed(bill)] if made.part == Part.RENT else []
    if receivable:
        lines = postings.reduced(bill.lease.customer_id, receivable, Part(made.part))
        happened.append(Event(f"reduction:{made.pk}", "bill reduced", lines))
    if happened:
        ledger.post_all(happened, at)


def bills_void(bills: Iterable[Bill], at: datetime) -> None:
    """Bills that had become receivable are void."""
    named = {_billed_key(bill.pk): bill for bill in bills}
    known = ledger.posted(named) if named else set()
    undone = [
        Event(f"bill:{bill.pk}:void", "bill void", postings.unbilled(bill.lease.customer_id, _parts(bill)))
        for key, bill in named.items()
        if key in known
    ]
    if undone:
        ledger.post_all(undone, at)


def refund_intended(refund: Refund, at: datetime) -> None:
    """Whence it comes: bills that it had been laid on, the deposit that held it, or the customer's credit."""
    source = Kind.DEPOSIT_HELD if refund.deposit_id else Kind.RECEIVABLE if refund.lease_id else Kind.CREDIT
    lines = postings.refund_intended(refund.payment.customer_id, refund.amount, source)
    ledger.post(f"refund:{refund.number}", "refund intended", lines, at)


def earnings_given_back(refund: Refund, back: Parts, at: datetime) -> None:
    """A refund by an operator of money that lies on standing bills."""
    ledger.post(f"refund:{refund.number}", "refund intended", postings.earnings_given_back(back), at)


def refund_paid(refund: Refund, at: datetime) -> None:
    """By the channel that it came in by, or by a person's transfer."""
    channel = OFFLINE if refund.reference else refund.payment.channel
    lines = postings.refund_paid(channel, refund.amount)
    ledger.post(f"refund:{refund.number}:paid", "refund paid", lines, at)


def dispute_withheld(chargeback: Chargeback, at: datetime) -> None:
    lines = postings.dispute_withheld(chargeback.channel, chargeback.amount)
    ledger.post(f"dispute:{chargeback.number}", "dispute opened", lines, at)


def dispute_won(chargeback: Chargeback, at: datetime) -> None:
    lines = postings.dispute_won(chargeback.channel, chargeback.amount)
    ledger.post(f"dispute:{chargeback.number}:won", "dispute won", lines, at)


def dispute_lost(chargeback: Chargeback, payment: Payment, off_bills: Decimal, at: datetime) -> None:
    """What did not come off bills was the customer's credit, or his deposit."""
    source = Kind.DEPOSIT_HELD if payment.holds else Kind.CREDIT
    whence = (
        postings.Account(Kind.DISPUTES)
        if chargeback.withheld
        else postings.Account(Kind.CLEARING, channel=chargeback.channel)
    )
    lines = postings.dispute_lost(payment.customer_id, off_bills, chargeback.amount - off_bills, source, whence)
    ledger.post(f"dispute:{chargeback.number}:lost", "dispute lost", lines, at)


def given_off(made: Reduction, bill: Bill, at: datetime) -> None:
    """Paid rent or a paid late fee was taken off: it was never earned, and the money is the customer's credit."""
    customer = bill.lease.customer_id
    happened = [
        Event(f"reduction:{made.pk}", "bill reduced", postings.reduced(customer, made.amount, Part(made.part))),
        Event(f"reduction:{made.pk}:freed", "money freed", postings.freed(customer, made.amount)),
    ]
    due = [_billed(bill)] if made.part == Part.RENT else []
    ledger.post_all([*due, *happened], at)


def _billed(bill: Bill) -> Event:
    return _due(bill.pk, bill.lease.customer_id, bill.rent, bill.cover)


def _due(bill_id: int, customer_id: int, rent: Decimal, cover: Decimal) -> Event:
    return Event(_billed_key(bill_id), "bill due", postings.billed(customer_id, Billed(rent, cover, money.ZERO)))


def _fees(key: str, customer_id: int, fees: dict[int, Decimal]) -> list[Event]:
    return [
        Event(f"{key}:fee:{pk}", "fee charged", postings.fee_charged(customer_id, fee))
        for pk, fee in fees.items()
        if fee
    ]


def _billed_key(bill_id: int) -> str:
    return f"bill:{bill_id}"


def _parts(bill: Bill) -> Billed:
    return Billed(bill.rent - bill.reduced, bill.cover, bill.fee)
