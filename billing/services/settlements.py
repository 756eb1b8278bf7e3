"""Settling with merchants: one statement per merchant and month, in which each fen stands once, ever."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Merchant, User
from billing.models import Allocation, Bill, CommissionTerm, Lease, MerchantStatement, Refund, Reversal, SettlementLine
from billing.rules import postings, settlement
from billing.rules.settlement import Parts
from billing.services import ledger
from core import calendar, running
from core.errors import DomainError
from core.fields import exact_sum
from core.money import ZERO
from core.services import events, numbers

CHANNEL = "bank"  # merchants are paid by transfer
CHUNK = 2000


class CommissionUnknown(DomainError):
    code = "commission_unknown"
    message = _("No commission is set for this merchant and month.")


class MonthNotOver(DomainError):
    code = "month_not_over"
    message = _("This month is not over yet.")


class MonthSettled(DomainError):
    code = "month_settled"
    message = _("This month is settled already. Choose the first day of a later one.")


class NothingToPayOut(DomainError):
    code = "nothing_to_pay_out"
    message = _("Nothing is to be paid out on this statement.")


class PaidOutAlready(DomainError):
    code = "paid_out_already"
    message = _("This statement was paid out already, with the reference %(reference)s.")


@dataclass(frozen=True, slots=True)
class Settled:
    """What one payment did to one bill, or one refund to a lease, as a statement shows it."""

    lease: Lease
    bill: Bill | None
    number: str
    at: datetime
    parts: Parts

    @property
    def is_refund(self) -> bool:
        return self.bill is None


@transaction.atomic
def set_commission(merchant: Merchant, commission_rate: Decimal, since: date, by: User) -> CommissionTerm:
    """From the month that begins on `since`. MonthSettled. Locks the merchant."""
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    if is_settled(merchant, since):
        raise MonthSettled
    return CommissionTerm.objects.create(merchant=merchant, commission_rate=commission_rate, since=since, set_by=by)


def is_settled(merchant: Merchant, month: date) -> bool:
    """Whether this month or a later one is."""
    return MerchantStatement.objects.filter(merchant=merchant, month__gte=month).exists()


def issue_all(month: date, at: datetime) -> dict[str, int]:
    """The month's statements of all merchants: how many are new, and who could not be settled. Safe to repeat."""
    issued = without = 0
    known = set(MerchantStatement.objects.filter(month=month).values_list("merchant_id", flat=True))
    for merchant_id in Merchant.objects.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True):
        try:
            with running.apart(Merchant, merchant_id, expected=(CommissionUnknown,)):
                issued += issue(merchant_id, month, at) is not None
        except CommissionUnknown:
            without += 1
    return {"statements issued": issued, "merchants without commission": without}


@transaction.atomic
def issue(merchant_id: int, month: date, at: datetime) -> MerchantStatement | None:
    """Settle everything up to the month's end that no statement holds yet; the statement of the month, once.

    None when there is nothing to settle, or a later month is settled already: what is left then comes with the next
    one. MonthNotOver, CommissionUnknown. Locks the merchant, then the ledger.
    """
    end = calendar.instant(calendar.add_months(month, 1))
    if at < end:
        raise MonthNotOver
    merchant = Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)
    own = MerchantStatement.objects.filter(merchant=merchant).order_by("-month")
    last = own.first()
    if last is not None and last.month >= month:
        return own.filter(month=month).first()
    came_in, went_back = _came_in(merchant, end), _went_back(merchant, end)
    if not (came_in or went_back):
        return None
    statement = _written(merchant, month, came_in, went_back, last.carried_forward if last else ZERO, at)
    _post(statement, settlement.total(_parts(came_in)), settlement.total(_parts(went_back)), at)
    return statement


@transaction.atomic
def pay_out(statement_id: int, reference: str, actor: str, at: datetime) -> MerchantStatement:
    """An operator transferred the amount at the bank, under this reference. The same reference again changes nothing.

    NothingToPayOut, PaidOutAlready. Locks the statement, then the ledger.
    """
    statement = MerchantStatement.objects.select_for_update().select_related("merchant").get(pk=statement_id)
    if not can_proceed(statement.pay_out):
        if statement.reference == reference:
            return statement
        raise PaidOutAlready(reference=statement.reference)
    if not statement.payable:
        raise NothingToPayOut
    statement.pay_out(reference, at)
    statement.save(update_fields=["state", "reference", "paid_out_at"])
    told = {"amount": str(statement.payable), "reference": reference}
    events.record("statement_paid_out", statement, at=at, actor=actor, facts=told)
    lines = postings.paid_out(statement.merchant_id, CHANNEL, statement.payable)
    ledger.post(f"statement:{statement.number}:paid", "merchant paid out", lines, at)
    return statement


def of_merchant(merchant: Merchant) -> "QuerySet[MerchantStatement]":
    return MerchantStatement.objects.filter(merchant=merchant)


def to_pay_out() -> "QuerySet[MerchantStatement]":
    """Oldest first."""
    waiting = MerchantStatement.objects.filter(state=MerchantStatement.State.ISSUED, payable__gt=ZERO)
    return waiting.select_related("merchant").order_by("issued_at", "pk")


def lines(statement: MerchantStatement) -> "QuerySet[SettlementLine]":
    """With everything that `settled` asks of them."""
    return statement.lines.select_related(
        "allocation__payment", "allocation__bill__lease", "refund__lease", "reversal__chargeback",
        "reversal__allocation__bill__lease", "reversal__allocation__payment",
    )  # fmt: skip


def settled(rows: Iterable[SettlementLine]) -> Iterator[Settled]:
    """The rows in their order; neighbours of one payment and one bill are one."""
    for _key, group in groupby(rows, key=_belongs_to):
        together = list(group)
        parts = settlement.total(Parts(row.rent, row.cover, row.fee) for row in together)
        allocation, refund = together[0].allocation, together[0].refund
        if allocation is not None:
            bill = allocation.bill
            yield Settled(bill.lease, bill, allocation.payment.number, allocation.at, parts)
        elif refund is not None and refund.lease is not None:
            yield Settled(refund.lease, None, refund.number, refund.requested_at, parts)
        elif (back := together[0].reversal) is not None:
            number = back.chargeback.number if back.chargeback else back.allocation.payment.number
            yield Settled(back.allocation.bill.lease, None, number, back.at, parts)


def parts(statement: MerchantStatement) -> tuple[Parts, Parts]:
    """What came in and what went back, by part."""
    came_in, went_back = statement.lines.exclude(allocation=None), statement.lines.filter(allocation=None)
    sums = [rows.aggregate(rent=exact_sum("rent"), cover=exact_sum("cover"), fee=exact_sum("fee"))
            for rows in (came_in, went_back)]  # fmt: skip
    return Parts(**sums[0]), Parts(**sums[1])


def _belongs_to(row: SettlementLine) -> tuple[int | None, ...]:
    if row.allocation is not None:
        return row.allocation.payment_id, row.allocation.bill_id
    back = row.reversal
    return (None, back.chargeback_id, back.allocation.bill_id) if back else (None, None, None, row.refund_id)


def _rate(merchant: Merchant, month: date) -> Decimal:
    term = CommissionTerm.objects.filter(merchant=merchant, since__lte=month).order_by("-since").first()
    if term is None:
        raise CommissionUnknown
    rate: Decimal = term.commission_rate
    return rate


def _came_in(merchant: Merchant, end: datetime) -> list[SettlementLine]:
    """What was laid on the merchant's bills before `end` and is in no statement."""
    laid = Allocation.objects.filter(bill__lease__merchant=merchant, at__lt=end, settled=None).order_by("pk")
    return [
        SettlementLine(allocation_id=pk, **{part.lower(): amount})
        for pk, part, amount in laid.values_list("pk", "part", "amount")
    ]


def _went_back(merchant: Merchant, end: datetime) -> list[SettlementLine]:
    """What was to be given back before `end` of money laid on the merchant's bills, and is in no statement."""
    own = Refund.objects.filter(lease__merchant=merchant, replaces=None).order_by("pk")
    new = {refund.pk: refund for refund in own.filter(requested_at__lt=end, settled=None)}
    payments = {refund.payment_id for refund in new.values()}
    laid, before = _laid(payments), defaultdict[tuple[int, int | None], Decimal](Decimal)
    made = []
    for refund in own.filter(payment__in=payments):
        key = refund.payment_id, refund.lease_id
        if refund.pk in new:
            back = settlement.given_back(laid.get(key, Parts()), before[key], refund.amount)
            made.append(SettlementLine(refund=refund, rent=back.rent, cover=back.cover, fee=back.fee))
        before[key] += refund.amount
    return made + _taken_back(merchant, end)


def _taken_back(merchant: Merchant, end: datetime) -> list[SettlementLine]:
    """What lost disputes, or bills that fell away, took off the merchant's bills before `end` and no statement has."""
    rows = Reversal.objects.filter(allocation__bill__lease__merchant=merchant, at__lt=end, settled=None)
    return [
        SettlementLine(reversal_id=pk, **{part.lower(): amount})
        for pk, part, amount in rows.order_by("pk").values_list("pk", "allocation__part", "amount")
    ]


def _laid(payments: Iterable[int]) -> dict[tuple[int, int | None], Parts]:
    """How much of each payment lies on each lease, by part."""
    sums: dict[tuple[int, int | None], dict[str, Decimal]] = defaultdict(dict)
    rows = Allocation.objects.filter(payment__in=payments).values("payment", "bill__lease", "part")
    for row in rows.annotate(sum=exact_sum("amount")).order_by():
        sums[row["payment"], row["bill__lease"]][row["part"].lower()] = row["sum"]
    return {key: Parts(**found) for key, found in sums.items()}


def _written(
    merchant: Merchant,
    month: date,
    came_in: list[SettlementLine],
    went_back: list[SettlementLine],
    brought_forward: Decimal,
    at: datetime,
) -> MerchantStatement:
    gross, refunded = settlement.total(_parts(came_in)).total, settlement.total(_parts(went_back)).total
    rate = _rate(merchant, month)
    end = settlement.outcome(gross, refunded, brought_forward, rate)
    [number] = numbers.take("XJ", calendar.business_date(at))
    statement = MerchantStatement.objects.create(
        number=number, merchant=merchant, month=month, commission_rate=rate, gross=gross, refunded=refunded,
        brought_forward=brought_forward, commission=end.commission, payable=end.payable,
        carried_forward=end.carried_forward, issued_at=at,
    )  # fmt: skip
    for line in (*came_in, *went_back):
        line.statement = statement
    SettlementLine.objects.bulk_create([*came_in, *went_back], batch_size=CHUNK)
    return statement


def _post(statement: MerchantStatement, came_in: Parts, went_back: Parts, at: datetime) -> None:
    told = {"payable": str(statement.payable), "carried_forward": str(statement.carried_forward)}
    events.record("statement_issued", statement, at=at, facts=told)
    lines = postings.settled(statement.merchant_id, came_in, went_back, statement.commission)
    if lines:
        ledger.post(f"statement:{statement.number}", "statement issued", lines, at)


def _parts(rows: Iterable[SettlementLine]) -> Iterator[Parts]:
    return (Parts(row.rent, row.cover, row.fee) for row in rows)
