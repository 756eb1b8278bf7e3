"""Bills beside the agreement's: damage, a day's rent after the end, a buyout, a loss. One amount, never a late fee."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from billing.models import Bill, Lease
from billing.models.leases import EXTRA_FROM
from billing.services import books
from billing.services.leases import LeaseNotLive
from core import money
from core.services import events


@transaction.atomic
def charge(
    lease_id: int, kind: Bill.Kind, amount: Decimal, due_date: date, at: datetime, days: tuple[date, date] | None = None
) -> Bill:
    """The next extra bill of a running lease, receivable from now on. LeaseNotLive; ValueError for no amount.

    Whoever calls it answers for once: the bill knows no occasion but its `days`, which the database takes only once
    for a day rent. Locks lease, ledger.
    """
    if amount <= money.ZERO or kind == Bill.Kind.RENT:
        raise ValueError("an extra bill has an amount and its own kind")
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if lease.state != Lease.State.LIVE:
        raise LeaseNotLive
    period_start, period_end = days or (due_date, due_date)
    last = lease.bills.exclude(kind=Bill.Kind.RENT).aggregate(number=Max("number"))["number"]
    bill = Bill.objects.create(
        lease=lease,
        number=last + 1 if last else EXTRA_FROM,
        kind=kind,
        due_date=due_date,
        period_start=period_start,
        period_end=period_end,
        rent=money.exact(amount),
    )
    events.record("extra_bill", bill, at=at, facts={"kind": kind.value, "amount": str(bill.rent)})
    books.charged(bill, at)
    return bill
