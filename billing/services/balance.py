"""The credit balance (domain.md §6): computed from what came in, never kept; used on bills, or paid out.

Every change locks the payments that the money came from, by id, so that no fen is used twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.models import Allocation, BalanceUse, Bill, Lease, LedgerAccount, Payment, Refund
from billing.rules import allocation
from billing.rules import balance as rules
from billing.rules.allocation import Laid, Part
from billing.rules.balance import Rest
from billing.rules.postings import Kind
from billing.services import books, numbers, payments, refunds, statements
from billing.services import laid as lies
from billing.services.statements import Account
from core import calendar, money, running
from core.errors import DomainError
from core.fields import exact_sum
from core.money import ZERO
from core.services import events
from core.templatetags.xinzu import yuan
from notices.services import messages

Why = BalanceUse.Why
PAID_OUT = "balance_paid_out"


class BillGivenUp(DomainError):
    code = "bill_given_up"
    message = _("This bill was written off. Please pay it directly.")


class BalanceEmpty(DomainError):
    code = "balance_empty"
    message = _("There is no credit balance.")


class BalanceTooSmall(DomainError):
    code = "balance_too_small"
    message = _("The credit balance is %(balance)s; no more can be paid out.")


@dataclass(frozen=True, slots=True)
class Quote:
    """What the balance would pay of some bills today, and what would be left of both."""

    balance: Decimal
    used: Decimal
    still_owed: Decimal


def quote(customer: Customer, bills: list[Bill], on: date) -> Quote:
    """Reads only."""
    return quote_of(customer, statements.accounts(bills), on)


def quote_of(customer: Customer, accounts: list[Account], on: date) -> Quote:
    """As `quote`, for a page that has read the bills already."""
    rests = _rests(customer)
    laid, after = _spread(rests, accounts, on)
    used = money.total(share.amount for _rest, share in laid)
    owed = money.total(account.owed(on).total for account in after)
    return Quote(money.total(rest.amount for rest in rests), used, owed)


@transaction.atomic
def use(customer: Customer, bill_ids: Iterable[int], why: BalanceUse.Why, at: datetime) -> BalanceUse:
    """Lay the balance on these bills now, the one due first first; late fees counted to the day its money came.

    BalanceEmpty, BillUnknown, BillVoid, BillAlreadyPaid, BillNotSigned, AttemptOpen. Locks leases, bills, payments.
    """
    on = calendar.business_date(at)
    bills = payments.locked_bills(set(bill_ids), customer)
    payments.require_no_attempt(bills)
    if any(bill.state == Bill.State.WRITTEN_OFF for bill in bills):
        raise BillGivenUp
    accounts = sorted(payments.payable(bills), key=lambda account: _turn(account.bill))
    rests = _locked_rests(customer)
    if not rests:
        raise BalanceEmpty
    laid, after = _spread(rests, accounts, on)
    amount = money.total(share.amount for _rest, share in laid)
    made = BalanceUse.objects.create(number=numbers.new("B", at), customer=customer, why=why, amount=amount, at=at)
    Allocation.objects.bulk_create(
        Allocation(payment_id=rest.payment, bill_id=share.bill, part=share.part, amount=share.amount, at=at, use=made)
        for rest, share in laid
    )
    reached = {share.bill for _rest, share in laid}
    fees = {account.bill.pk: _book(account, laid, on) for account in after if account.bill.pk in reached}
    events.record("balance_used", made, at=at, facts={"amount": str(amount), "why": str(why)})
    books.balance_used(made, [bill for bill in bills if bill.pk in reached], fees, at)
    return made


def use_due(on: date, at: datetime) -> int:
    """Day-end, before autopay: every balance pays what is due by day `on`, the oldest bill first; how many did.

    Safe to repeat: what is paid is paid. A bill with an attempt under way waits for the next day's turn.
    """
    used = 0
    with_credit = LedgerAccount.objects.filter(kind=Kind.CREDIT, credits__gt=F("debits")).order_by("customer")
    for customer in Customer.objects.filter(pk__in=with_credit.values("customer")).order_by("pk"):
        with running.apart(Customer, customer.pk):
            used += _use_due(customer, on, at)
    return used


@transaction.atomic
def pay_out(customer: Customer, at: datetime, amount: Decimal | None = None, actor: str = "") -> list[Refund]:
    """Give the balance, or `amount` of it, back on the payments that it came from, the newest first.

    Money that came offline is paid back by an operator. BalanceEmpty, BalanceTooSmall. Locks payments, then refunds.
    """
    rests = _locked_rests(customer)
    balance = money.total(rest.amount for rest in rests)
    if not balance:
        raise BalanceEmpty
    if amount is not None and not ZERO < amount <= balance:
        raise BalanceTooSmall(balance=yuan(balance))
    shares = rules.given_back(rests, balance if amount is None else amount)
    back = [refunds.request(payment_id, share, PAID_OUT, at) for payment_id, share in shares]
    facts = {"amount": str(money.total(refund.amount for refund in back)), "refunds": [one.number for one in back]}
    events.record(PAID_OUT, customer, at=at, actor=actor or f"customer:{customer.pk}", facts=facts)
    return back


def credits_of(customer_ids: Iterable[int]) -> dict[int, Decimal]:
    """The balances above zero by customer id, as the ledger keeps them: one query for many."""
    rows = LedgerAccount.objects.filter(kind=Kind.CREDIT, customer__in=set(customer_ids), credits__gt=F("debits"))
    return {row.customer_id: row.credits - row.debits for row in rows if row.customer_id is not None}


def _use_due(customer: Customer, on: date, at: datetime) -> bool:
    bills = Bill.objects.filter(
        lease__customer=customer, lease__state=Lease.State.LIVE, state=Bill.State.OPEN, due_date__lte=on
    ).exclude(kind=Bill.Kind.BUYOUT)  # an offer, paid by the customer's own act
    free = list(bills.exclude(payment_items__open=True).values_list("pk", flat=True))
    if not free:
        return False
    try:
        with transaction.atomic():
            made = use(customer, free, Why.DUE, at)
            _tell(made, at)
    except DomainError:  # paid, void, paid out, or an attempt of the customer's own since the bills were chosen
        return False
    return True


def _turn(bill: Bill) -> tuple[date, int, int]:
    return bill.due_date or date.max, bill.lease_id, bill.number


def _locked_rests(customer: Customer) -> list[Rest]:
    """The candidates are locked by id and then looked at again: what another one used meanwhile is gone."""
    ids = [rest.payment for rest in _rests(customer)]
    list(Payment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    return _rests(customer, ids)


def _rests(customer: Customer, among: Sequence[int] | None = None) -> list[Rest]:
    """What lies on nothing and is not disputed, oldest first."""
    received = Payment.objects.filter(customer=customer, state=Payment.State.SUCCEEDED, holds=False)
    if among is not None:
        received = received.filter(pk__in=among)
    lying = lies.by_payment(received)
    rests_back = Refund.objects.filter(payment__in=received, lease=None, deposit=None, replaces=None)
    back = dict(_sums(rests_back.values("payment")))
    rests = [
        Rest(pk, _day(paid_at), amount - lying.get(pk, ZERO) - back.get(pk, ZERO) - disputed)
        for pk, amount, disputed, paid_at in received.values_list("pk", "amount", "charged_back", "paid_at")
    ]
    return rules.oldest_first(rest for rest in rests if rest.amount > ZERO)


def _day(paid_at: datetime | None) -> date:
    assert paid_at is not None  # only received money rests
    return calendar.business_date(paid_at)


def _sums(rows: "QuerySet[Any, Any]") -> list[tuple[int, Decimal]]:
    return [(row["payment"], row["sum"]) for row in rows.annotate(sum=exact_sum("amount")).order_by()]


def _spread(rests: Sequence[Rest], accounts: list[Account], on: date) -> tuple[list[tuple[Rest, Laid]], list[Account]]:
    """The money on the bills in their order, the oldest first, and how the bills stand with it."""
    laid: list[tuple[Rest, Laid]] = []
    for rest in rests:
        day = min(rest.day, on)
        shares, _left = allocation.allocate(rest.amount, [account.owed(on, day) for account in accounts])
        accounts = [account.with_money(shares, day) for account in accounts]
        laid += [(rest, share) for share in shares]
    return laid, accounts


def _book(account: Account, laid: Sequence[tuple[Rest, Laid]], on: date) -> Decimal:
    """The money on the bill's own row; by how much its posted late fee grew."""
    bill, own = account.bill, [(rest, share) for rest, share in laid if share.bill == account.bill.pk]
    posted = bill.fee
    if any(share.part is Part.FEE for _rest, share in own):
        bill.fee = account.fee_if_paid(on)
    bill.paid += money.total(share.amount for _rest, share in own)
    if not account.owed(on).total:
        last = Payment.objects.filter(pk__in=[rest.payment for rest, _share in own]).order_by("-paid_at")
        bill.settle(last.values_list("paid_at", flat=True)[0])
    bill.save(update_fields=["state", "fee", "paid", "paid_at"])
    grown: Decimal = bill.fee - posted
    return grown


def _tell(made: BalanceUse, at: datetime) -> None:
    messages.inform(
        made.customer.user,
        "balance_used",
        {"amount": str(made.amount)},
        step=f"balance:{made.number}",
        at=at,
        link="/my/balance/",
    )
