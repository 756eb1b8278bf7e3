"""What a lease owes on a day, bill by bill: computed when looked at, stored nowhere (domain.md §6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from accounts.models import Customer
from billing.models import (
    Allocation,
    Bill,
    Chargeback,
    ExtensionItem,
    Lease,
    Payment,
    Reduction,
    Refund,
    Reversal,
)
from billing.rules import extension, late_fees
from billing.rules.allocation import Laid, Owed, Part
from billing.rules.late_fees import FeeTerms, PaidOn
from billing.rules.terms import LeaseTerms
from core import money
from core.calendar import business_date
from core.fields import exact_sum
from core.money import ZERO

SOON = timedelta(days=7)


class Condition(StrEnum):
    """How a bill stands on a day. `due`: payable today, or only a late fee is left, which is never overdue."""

    PAID = "paid"
    LATER = "later"
    DUE_SOON = "due_soon"
    DUE = "due"
    GRACE = "grace"
    LATE = "late"
    VOID = "void"
    REPLANNED = "replanned"


@dataclass(frozen=True, slots=True)
class BillView:
    """`fee_now` is the late fee that stands if the bill is paid on the day asked; `fee_owed` is its open part, which
    `owed_now` includes."""

    bill: Bill
    fee_now: Decimal
    fee_owed: Decimal
    owed_now: Decimal
    condition: Condition
    last_free_day: date | None

    @property
    def is_overdue(self) -> bool:
        """Rent or cover past its due date."""
        return self.condition in {Condition.GRACE, Condition.LATE}


@dataclass(frozen=True, slots=True)
class Account:
    """A bill with what lies on its parts and was taken off them: rent with the days on which it came or fell.

    What an extension plan took over counts as taken off on the day it started: its late fee stands still from then on.
    `reopened_on`: a lost dispute opened it again.
    """

    bill: Bill
    terms: FeeTerms
    rent_paid: tuple[PaidOn, ...]
    rent_reduced: tuple[PaidOn, ...]
    cover_paid: Decimal
    fee_paid: Decimal
    reopened_on: date | None = None

    @property
    def rent_lowered(self) -> tuple[PaidOn, ...]:
        """What lowered the rent: payments and reductions."""
        return *self.rent_paid, *self.rent_reduced

    @property
    def last_free_day(self) -> date | None:
        """None before the due date is known."""
        return late_fees.last_free_day(self.bill.due_date, self.terms) if self.bill.due_date else None

    def fee_if_paid(self, on: date, money_of: date | None = None) -> Decimal:
        """Less what was taken off it; never below what is posted. `money_of`: as the rule has it."""
        posted: Decimal = self.bill.fee
        if self.bill.due_date is None or self.bill.state in (Bill.State.VOID, Bill.State.WRITTEN_OFF):
            return posted
        lowered = self.rent_lowered
        computed = late_fees.fee_if_paid(self.bill.rent, self.bill.due_date, lowered, self.terms, on, money_of)
        if self.bill.is_part:
            computed = extension.fee_of_part(self.bill.fee_carried, computed, self.bill.rent, self.terms.cap_rate)
        less: Decimal = computed - self.bill.fee_reduced
        return max(posted, less)

    def owed(self, on: date, money_of: date | None = None) -> Owed:
        """The open parts if the bill is paid on day `on`; nothing on a bill that is void."""
        return self.owed_with(self.fee_if_paid(on, money_of))

    def owed_with(self, fee: Decimal) -> Owed:
        """`owed`, once its late fee is known."""
        if self.bill.state == Bill.State.VOID:
            return Owed(self.bill.pk, ZERO, ZERO, ZERO)
        rent = self.bill.rent - sum((part.amount for part in self.rent_lowered), ZERO)
        return Owed(self.bill.pk, rent, self.bill.cover - self.cover_paid, fee - self.fee_paid)

    def with_money(self, shares: Iterable[Laid], money_of: date) -> "Account":
        """As it stands once these shares of money received on that day lie on it."""
        own = [share for share in shares if share.bill == self.bill.pk]
        sums = {part: money.total(share.amount for share in own if share.part is part) for part in Part}
        rent = (PaidOn(money_of, sums[Part.RENT]),) if sums[Part.RENT] else ()
        return replace(
            self,
            rent_paid=self.rent_paid + rent,
            cover_paid=self.cover_paid + sums[Part.COVER],
            fee_paid=self.fee_paid + sums[Part.FEE],
        )


def statement(lease: Lease, on: date) -> list[BillView]:
    """Every bill of the lease as it stands on day `on`, by number."""
    bills = sorted(lease.bills.all(), key=lambda bill: bill.number)  # fetched already, where a page did
    for bill in bills:
        bill.lease = lease
    return views(bills, on)


def statements(leases: Iterable[Lease], on: date) -> dict[int, list[BillView]]:
    """`statement` of several leases by lease id, in two queries."""
    known = {lease.pk: lease for lease in leases}
    bills = list(Bill.objects.filter(lease__in=known).order_by("lease", "number"))
    found: dict[int, list[BillView]] = {pk: [] for pk in known}
    for bill in bills:
        bill.lease = known[bill.lease_id]
    for one in views(bills, on):
        found[one.bill.lease_id].append(one)
    return found


def view(bill: Bill, on: date) -> BillView:
    """One bill as it stands on day `on`."""
    return views([bill], on)[0]


def views(bills: Sequence[Bill], on: date) -> list[BillView]:
    """Any bills as they stand on day `on`, in their order."""
    return [seen(account, on) for account in accounts(bills)]


def seen(account: Account, on: date) -> BillView:
    """An account as it stands on day `on`: any number of days without another query."""
    bill = account.bill
    fee = account.fee_if_paid(on)
    owed, free = account.owed_with(fee), account.last_free_day
    return BillView(bill, fee, owed.fee, owed.total, _condition(bill, owed, free, on), free)


def accounts(bills: Sequence[Bill]) -> list[Account]:
    """The bills, in their order, with what lies on them, in two queries (one more for leases, reductions, plans)."""
    pks = [bill.pk for bill in bills]  # rows would be asked for theirs one by one
    laid: dict[int, list[Allocation]] = defaultdict(list)
    for row in Allocation.objects.filter(bill__in=pks).select_related("payment").order_by("id"):
        laid[row.bill_id].append(row)
    off = _reductions([bill for bill in bills if bill.reduced])
    moved = _moved([bill for bill in bills if bill.replanned])
    back: dict[int, list[Reversal]] = defaultdict(list)
    for one in Reversal.objects.filter(allocation__bill__in=pks).select_related("allocation").order_by("id"):
        back[one.allocation.bill_id].append(one)
    leases = {bill.lease_id: bill.lease for bill in bills}
    fees = {pk: late_fees.fee_terms(lease.terms, lease.still) for pk, lease in leases.items()}
    return [
        _without_moved(
            _account(bill, laid[bill.pk], back[bill.pk], off.get(bill.pk, ()), _fees(bill, fees)),
            moved.get(bill.pk, ()),
        )
        for bill in bills
    ]


def grace_days(lease: Lease) -> int:
    """The days of grace that the lease was signed with."""
    return LeaseTerms.from_json(lease.terms).grace_days


def credit_balance(customer: Customer) -> Decimal:
    """Money received and neither laid on a bill nor given back."""
    received = Payment.objects.filter(customer=customer, state=Payment.State.SUCCEEDED, holds=False)
    amount: Decimal = received.aggregate(sum=exact_sum("amount"))["sum"]
    laid: Decimal = Allocation.objects.filter(payment__in=received).aggregate(sum=exact_sum("amount"))["sum"]
    off: Decimal = Reversal.objects.filter(allocation__payment__in=received).aggregate(sum=exact_sum("amount"))["sum"]
    lost = Chargeback.objects.filter(payment__in=received, state=Chargeback.State.LOST)
    gone: Decimal = lost.aggregate(sum=exact_sum("amount"))["sum"]
    rests_back = Refund.objects.filter(payment__in=received, lease=None, replaces=None)
    back: Decimal = rests_back.aggregate(sum=exact_sum("amount"))["sum"]
    return amount - laid + off - back - gone


def _fees(bill: Bill, of_leases: dict[int, FeeTerms]) -> FeeTerms:
    terms = of_leases[bill.lease_id]
    return late_fees.no_fee(terms) if bill.is_extra and not bill.is_part else terms


def _reductions(bills: list[Bill]) -> dict[int, list[PaidOn]]:
    """What was taken off the rents, and when; no query for none."""
    off: dict[int, list[PaidOn]] = defaultdict(list)
    for row in Reduction.objects.filter(bill__in=bills, part=Part.RENT).order_by("id") if bills else ():
        off[row.bill_id].append(PaidOn(business_date(row.at), row.amount))
    return off


def _moved(bills: list[Bill]) -> dict[int, list[ExtensionItem]]:
    """What extension plans took over of the bills; no query for none."""
    moved: dict[int, list[ExtensionItem]] = defaultdict(list)
    for row in ExtensionItem.objects.filter(bill__in=bills).select_related("plan").order_by("id") if bills else ():
        moved[row.bill_id].append(row)
    return moved


def _without_moved(account: Account, moved: Iterable[ExtensionItem]) -> Account:
    for item in moved:
        account = replace(
            account,
            rent_reduced=(*account.rent_reduced, PaidOn(item.plan.started_on, item.rent)),
            cover_paid=account.cover_paid + item.cover,
            fee_paid=account.fee_paid + item.fee,
        )
    return account


def _account(
    bill: Bill, laid: list[Allocation], back: list[Reversal], off: Iterable[PaidOn], terms: FeeTerms
) -> Account:
    rent = [PaidOn(_day(row), row.amount) for row in laid if row.part == Part.RENT]
    rent += [PaidOn(one.day, -one.amount) for one in back if one.allocation.part == Part.RENT]
    cover, fee = (
        money.total(row.amount for row in laid if row.part == part)
        - money.total(one.amount for one in back if one.allocation.part == part)
        for part in (Part.COVER, Part.FEE)
    )
    reopened_on = max((one.day for one in back), default=None)
    return Account(bill, terms, tuple(rent), tuple(off), cover, fee, reopened_on)


def _day(row: Allocation) -> date:
    assert row.payment.paid_at is not None  # only received money is laid on bills
    return business_date(row.payment.paid_at)


def _condition(bill: Bill, owed: Owed, last_free_day: date | None, on: date) -> Condition:
    if bill.state == Bill.State.VOID:
        return Condition.VOID
    if bill.state == Bill.State.REPLANNED:
        return Condition.REPLANNED
    if not owed.total:
        return Condition.PAID
    if bill.due_date is None or last_free_day is None or on < bill.due_date - SOON:
        return Condition.LATER
    if on < bill.due_date:
        return Condition.DUE_SOON
    if on == bill.due_date or not (owed.rent or owed.cover):
        return Condition.DUE
    return Condition.GRACE if on <= last_free_day else Condition.LATE
