"""Reminding of rent on the days of the reminder calendar (domain.md §9), never twice for a step, never for a paid bill.

As seeded: T−7, T−3, T−1, T, T+1, T+3, T+7, each in the app and by SMS; edited in the admin.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from django.db.models import QuerySet

from accounts.models import Customer, User
from billing.models import Bill, Lease, PaymentItem
from billing.services import deductions, statements
from billing.services.statements import BillView
from core import running
from core.calendar import business_date
from core.jobs import WHOLE, Shard
from notices.models import ReminderStep
from notices.services import messages, wordings
from notices.services.messages import Telling

BATCH = 1000


def send(on: date, at: datetime, shard: Shard = WHOLE) -> int:
    """The reminders of business date `on`; how many bills. A day that is over is not made up for: its words are old.

    A bill that is deducted automatically is announced by that (deductions.announce), not reminded of before its due
    date. The hour is the conduct guard's (notices): from 10:00, never at night.
    """
    if business_date(at) != on:
        return 0
    steps = {on - timedelta(days=day): step for day, step in wordings.reminders().items()}
    bills = Bill.objects.filter(state=Bill.State.OPEN, lease__state=Lease.State.LIVE, due_date__in=steps)
    return sum(
        running.together(Lease, batch, lambda some: _remind(some, steps, on, at), lambda bill: bill.lease_id)
        for batch in _batches(shard.cut(bills, "lease"))
    )


def step(bill: Bill, day: int) -> str:
    """bill:7:T-3, bill:7:T+0"""
    return f"bill:{bill.pk}:T{day:+d}"


def _remind(bills: Sequence[Bill], steps: dict[date, ReminderStep], on: date, at: datetime) -> int:
    """`steps`: by due date."""
    deducted, under_way, readers = deductions.covered(bills), _under_way(bills), _readers(bills)
    tellings = []
    for view in statements.views(bills, on):
        assert view.bill.due_date is not None  # chosen by it
        of_calendar = steps[view.bill.due_date]
        is_told_otherwise = view.bill.pk in under_way or (of_calendar.days <= 0 and view.bill.pk in deducted)
        if _is_wanted(view) and not is_told_otherwise:
            tellings.append(_telling(view, of_calendar, readers[view.bill.lease.customer_id]))
    messages.inform_all(tellings, at)
    return len(tellings)


def _batches(bills: "QuerySet[Bill]") -> Iterator[list[Bill]]:
    rows = bills.select_related("lease").order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _readers(bills: Sequence[Bill]) -> dict[int, User]:
    """By customer."""
    wanted = Customer.objects.filter(pk__in={bill.lease.customer_id for bill in bills})
    pairs = dict(wanted.values_list("pk", "user"))
    users = User.objects.only("language", "phone", "email", "seal_row", "in_peace_since").in_bulk(pairs.values())
    return {customer: users[user] for customer, user in pairs.items()}


def _under_way(bills: Sequence[Bill]) -> set[int]:
    """Those that are being paid at this moment: an outcome that is not known is not dunned."""
    open_items = PaymentItem.objects.filter(bill__in=[bill.pk for bill in bills], open=True)
    return set(open_items.values_list("bill_id", flat=True))


def _is_wanted(view: BillView) -> bool:
    """Rent or cover is open; a remainder of a late fee is never dunned."""
    bill: Bill = view.bill
    return bool(bill.state == Bill.State.OPEN and bill.paid < bill.rent + bill.cover - bill.reduced - bill.replanned)


def _telling(view: BillView, of_calendar: ReminderStep, reader: User) -> Telling:
    assert view.bill.due_date is not None  # chosen by it
    lease = view.bill.lease
    params = {
        "lease": lease.number,
        "number": str(view.bill.number),
        "amount": str(view.owed_now),
        "due": view.bill.due_date.isoformat(),
        "last_free_day": view.last_free_day.isoformat() if view.last_free_day else "",
    }
    link = f"/leases/{lease.number}/bills/{view.bill.number}/"
    told = step(view.bill, of_calendar.days)
    return Telling(reader, of_calendar.event, params, told, link, sms=of_calendar.by_sms, mail=of_calendar.by_mail)
