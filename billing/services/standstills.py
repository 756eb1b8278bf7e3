"""What a death or a loss of legal capacity does to a lease's money: the days from then on count for no late fee
(domain.md §5). What was posted for such a day is given off. Orders calls it."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext

from billing.models import Bill, Lease
from billing.rules import extension, late_fees
from billing.rules.allocation import Part
from billing.services import freeing, reductions, statements
from billing.services.reductions import Wish
from billing.services.statements import Account
from core import calendar
from core.money import ZERO


def begin(lease_id: int, since: date, at: datetime) -> None:
    """No late fee from day `since` on; called again with an earlier day it counts from there. Locks lease, bills,
    payments, ledger.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    ended = [span for span in lease.still if span[1] is not None]
    _keep(lease, [*ended, [since.isoformat(), None]])
    give_off(lease, at)


def end(lease_id: int, on: date) -> None:
    """It was mistaken: from day `on` late fees count again; the days before it never do. Locks the lease."""
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    _keep(lease, [[first, until or on.isoformat()] for first, until in lease.still])


def give_off(lease: Lease, at: datetime) -> None:
    """What is posted of late fees beyond what the days that count come to. The caller holds the lease."""
    posted = list(lease.bills.filter(fee__gt=ZERO, state__in=[Bill.State.OPEN, Bill.State.PAID]).order_by("number"))
    for bill in posted:
        bill.lease = lease
    for bill, amount in _too_much(statements.accounts(posted), calendar.business_date(at)):
        _take_off(bill, amount, at)


def _keep(lease: Lease, still: list[list[str | None]]) -> None:
    lease.still = still
    lease.save(update_fields=["still"])


def _too_much(accounts: Iterable[Account], on: date) -> list[tuple[Bill, Decimal]]:
    """Not where a dispute opened the bill again: there the posted fee stands."""
    found = []
    for account in accounts:
        bill = account.bill
        assert bill.due_date is not None  # it has a fee
        if any(part.amount < ZERO for part in account.rent_lowered):
            continue
        fee = late_fees.fee_if_paid(bill.rent, bill.due_date, account.rent_lowered, account.terms, on)
        if bill.is_part:
            fee = extension.fee_of_part(bill.fee_carried, fee, bill.rent, account.terms.cap_rate)
        amount = bill.fee - max(ZERO, fee - bill.fee_reduced)
        if amount > ZERO:
            found.append((bill, amount))
    return found


def _take_off(bill: Bill, amount: Decimal, at: datetime) -> None:
    """First what is still open of it; then what was paid becomes the customer's credit."""
    with translation.override(bill.lease.customer.user.language):
        reason = gettext("No late fee from the day that is on record")
    for _turn in range(2):
        bill = Bill.objects.select_related("lease__customer__user").get(pk=bill.pk)
        if bill.state == Bill.State.PAID:
            most = freeing.paid_on(bill, Part.FEE)
        else:
            most = reductions.most(bill, Part.FEE, calendar.business_date(at))
        off = min(amount, most)
        if off:
            reductions.owed(Wish(bill.lease.number, bill.number, Part.FEE, off, reason), at)
        amount -= off
