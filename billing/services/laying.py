"""Laying a received payment on the bills that it names, and posting each late fee that money reaches (domain.md §6)."""

from datetime import date, datetime
from decimal import Decimal

from billing.models import Allocation, Bill, Payment
from billing.rules import allocation
from billing.rules.allocation import Part
from billing.services import books, recoveries, statements
from billing.services.statements import Account
from core import calendar, money

PAYABLE = (Bill.State.OPEN, Bill.State.WRITTEN_OFF)


def lay(payment: Payment, bills: list[Bill], at: datetime) -> None:
    """Lay the money on the open bills among those named, posting each late fee that money reaches.

    On a bill that was written off it is a recovery.
    """
    assert payment.paid_at is not None  # set by succeeding
    on = calendar.business_date(payment.paid_at)
    open_bills = sorted((b for b in bills if b.state in PAYABLE), key=lambda b: (b.lease_id, b.number))
    accounts = {account.bill.pk: account for account in statements.accounts(open_bills)}
    laid, rest = allocation.allocate(payment.amount, [account.owed(on) for account in accounts.values()])
    Allocation.objects.bulk_create(
        Allocation(payment=payment, bill_id=share.bill, part=share.part, amount=share.amount, at=at) for share in laid
    )
    given_up = [bill for bill in open_bills if bill.state == Bill.State.WRITTEN_OFF]
    reached, fees = [], {}
    for bill in open_bills:
        shares = [share for share in laid if share.bill == bill.pk]
        if shares:
            fees[bill.pk] = _book(bill, shares, accounts[bill.pk], on, payment.paid_at)
            reached.append(bill)
    books.payment_received(payment, reached, fees, payment.amount - rest, at)
    if given_up:
        sums = {bill.pk: money.total(share.amount for share in laid if share.bill == bill.pk) for bill in given_up}
        recoveries.recover(payment, given_up, sums, at)


def _book(bill: Bill, shares: list[allocation.Laid], account: Account, on: date, paid_at: datetime) -> Decimal:
    """The money on the bill's own row; by how much its posted late fee grew."""
    paid: Decimal = money.total(share.amount for share in shares)
    posted = bill.fee
    if any(share.part is Part.FEE for share in shares):
        bill.fee = account.fee_if_paid(on)
    bill.paid += paid
    if paid == account.owed(on).total:
        (bill.recover if bill.state == Bill.State.WRITTEN_OFF else bill.settle)(paid_at)
    bill.save(update_fields=["state", "fee", "paid", "paid_at"])
    grown: Decimal = bill.fee - posted
    return grown
