"""How a customer has paid so far, as a frozen value for credit (domain.md §4). Facts and a date, nothing stored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.models import Customer
from billing.models import Bill, ExtensionItem, Lease
from billing.services import statements
from billing.services.statements import Account
from core.calendar import business_date, whole_months

MONTHS_THAT_COUNT = 6
DEFAULT_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class History:
    """`kept_leases`: completed leases of at least six months without arrears. A bill is late when its rent or cover was
    paid after the days of grace. `days_overdue`: the worst open bill's days past its due date, 0 for none.
    """

    live_leases: int
    completed_leases: int
    kept_leases: int
    bills_paid: int
    bills_late: int
    days_overdue: int


def of(customer: Customer, at: datetime) -> History:
    """The customer's payments as they stand at `at`."""
    on = business_date(at)
    bills = list(Bill.objects.filter(lease__customer=customer).exclude(state=Bill.State.VOID).select_related("lease"))
    accounts = statements.accounts(bills)
    leases = {bill.lease_id: bill.lease for bill in bills}.values()
    replanned = _replanned([bill.pk for bill in bills if bill.replanned])
    late = {account.bill.pk for account in accounts if _was_late(account, on) or account.bill.pk in replanned}
    marred = {bill.lease_id for bill in bills if bill.pk in late}
    completed = [lease for lease in leases if lease.state == Lease.State.CLOSED]
    return History(
        live_leases=sum(lease.state == Lease.State.LIVE for lease in leases),
        completed_leases=len(completed),
        kept_leases=sum(lease.pk not in marred and _is_long(lease) for lease in completed),
        bills_paid=sum(bill.state == Bill.State.PAID for bill in bills),
        bills_late=len(late),
        days_overdue=max((_days_overdue(account, on) for account in accounts), default=0),
    )


def defaulters(customers: Collection[int], on: date) -> set[int]:
    """Which of these customers owe rent or cover of a begun lease for more than DEFAULT_AFTER."""
    owing = Bill.objects.filter(
        state=Bill.State.OPEN,
        due_date__lt=on - DEFAULT_AFTER,
        lease__customer__in=customers,
        paid__lt=F("rent") + F("cover") - F("replanned"),
    ).exclude(lease__state=Lease.State.DRAFT)
    return set(owing.values_list("lease__customer_id", flat=True))


def _was_late(account: Account, on: date) -> bool:
    """Whether rent or cover was still open when grace ended, counted by the provider's pay time."""
    free = account.last_free_day
    if free is None or on <= free:
        return False
    owed = account.owed(on)
    return bool(owed.rent or owed.cover) or any(part.day > free for part in account.rent_paid if part.amount > 0)


def _replanned(bills: Collection[int]) -> set[int]:
    """Those of the bills that a plan took over; no query for none. Late though the plan be kept: it was agreed upon."""
    return set(ExtensionItem.objects.filter(bill__in=bills).values_list("bill", flat=True)) if bills else set()


def _days_overdue(account: Account, on: date) -> int:
    owed = account.owed(on)
    if account.bill.due_date is None or not (owed.rent or owed.cover):
        return 0
    since = max(account.bill.due_date, account.reopened_on or account.bill.due_date)
    return max(0, (on - since).days)


def _is_long(lease: Lease) -> bool:
    assert lease.start is not None  # a completed lease had begun
    assert lease.ended_on is not None
    return whole_months(lease.start, lease.ended_on) >= MONTHS_THAT_COUNT
