"""What the channel's statement and our books say of one day, side by side (read only)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from billing.models import (
    Chargeback,
    LedgerEntry,
    Match,
    Payment,
    ReconciliationException,
    Refund,
    StatementFile,
    StatementLine,
)
from billing.rules.postings import Kind, Side
from billing.services import chargebacks
from core import money
from core.calendar import instant
from core.fields import exact_sum

State = ReconciliationException.State


@dataclass(frozen=True, slots=True)
class Sum:
    """So many movements, and what they come to."""

    count: int
    amount: Decimal

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.amount + other.amount)


@dataclass(frozen=True, slots=True)
class Day:
    """Refunds with what lost disputes took back. `cleared_in` and `cleared_out`: what the postings of the booked rows
    moved on the clearing account.
    """

    file: StatementFile
    told_payments: Sum
    told_refunds: Sum
    booked_payments: Sum
    booked_refunds: Sum
    cleared_in: Decimal
    cleared_out: Decimal
    matched: int
    differences: list[ReconciliationException]

    @property
    def is_even(self) -> bool:
        """Both sides come to the same."""
        return (self.told_payments, self.told_refunds) == (self.booked_payments, self.booked_refunds)

    @property
    def is_in_ledger(self) -> bool:
        """The clearing account moved by just what is booked."""
        return (self.cleared_in, self.cleared_out) == (self.booked_payments.amount, self.booked_refunds.amount)


def files() -> "QuerySet[StatementFile]":
    """Each with how many of its lines are matched and how many of its differences are open; without their bytes."""
    return StatementFile.objects.defer("content").annotate(
        matched=Count("lines__match", distinct=True),
        open=Count("exceptions", filter=Q(exceptions__state=State.OPEN), distinct=True),
    )


def differences() -> "QuerySet[ReconciliationException]":
    return ReconciliationException.objects.select_related(
        "file", "line", "payment", "refund__payment", "chargeback"
    ).defer("file__content")


def waiting() -> "QuerySet[ReconciliationException]":
    """Open differences, the oldest first."""
    return differences().filter(state=State.OPEN).order_by("opened_at", "id")


def day(channel: str, on: date) -> Day | None:
    """None when there is no statement of that day."""
    file = StatementFile.objects.defer("content").filter(channel=channel, day=on).first()
    if file is None:
        return None
    span = (instant(on), instant(on + timedelta(days=1)))
    payments = Payment.objects.filter(channel=channel, state=Payment.State.SUCCEEDED)
    payments = payments.filter(paid_at__gte=span[0], paid_at__lt=span[1])
    refunds = Refund.objects.filter(payment__channel=channel, state=Refund.State.SUCCEEDED, reference="")
    refunds = refunds.filter(refunded_at__gte=span[0], refunded_at__lt=span[1])
    keys = [f"payment:{number}" for number in payments.values_list("number", flat=True)]
    keys += [f"refund:{number}:paid" for number in refunds.values_list("number", flat=True)]
    lost = chargebacks.taken(channel).filter(decided_at__gte=span[0], decided_at__lt=span[1])
    keys += [f"dispute:{number}:lost" for number in lost.values_list("number", flat=True)]
    cleared_in, cleared_out = _cleared(channel, keys)
    return Day(
        file=file,
        told_payments=_count(file.lines.filter(kind=StatementLine.Kind.PAYMENT)),
        told_refunds=_count(file.lines.filter(kind=StatementLine.Kind.REFUND)),
        booked_payments=_count(payments),
        booked_refunds=_count(refunds) + _count(lost),
        cleared_in=cleared_in,
        cleared_out=cleared_out,
        matched=Match.objects.filter(line__file=file).count(),
        differences=list(differences().filter(file=file).order_by("-state", "id")),
    )


def _count(rows: "QuerySet[StatementLine] | QuerySet[Payment] | QuerySet[Refund] | QuerySet[Chargeback]") -> Sum:
    sums = rows.aggregate(count=Count("pk"), amount=exact_sum("amount"))
    return Sum(sums["count"], sums["amount"] or money.ZERO)


def _cleared(channel: str, keys: Iterable[str]) -> tuple[Decimal, Decimal]:
    entries = LedgerEntry.objects.filter(
        account__kind=Kind.CLEARING, account__channel=channel, posting__key__in=list(keys)
    )
    sums = entries.aggregate(debits=exact_sum("amount", side=Side.DEBIT), credits=exact_sum("amount", side=Side.CREDIT))
    return sums["debits"], sums["credits"]
