"""Bills that fall away before their time: void, and what was paid on them is the customer's credit again.

So a lease that is bought or sent back early asks for no later period, and keeps no money for one. Nothing is given
back here: `balance` lays the credit on what is owed, or pays it out.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Customer
from billing.models import Allocation, Bill, Lease, Payment, Reversal
from billing.services import books
from core import calendar
from core.fields import exact_sum
from core.money import ZERO
from core.services import events


def later(lease: Lease, on: date) -> "QuerySet[Bill]":
    """The agreement's bills that are due after day `on` and stand."""
    rows: QuerySet[Bill] = lease.bills.filter(kind=Bill.Kind.RENT, due_date__gt=on).exclude(state=Bill.State.VOID)
    return rows.order_by("number")


def lock_money(customer: Customer) -> None:
    """Every received payment of the customer, by id: before the ledger, as the lock order has it."""
    received = Payment.objects.filter(customer=customer, state=Payment.State.SUCCEEDED)
    list(received.select_for_update().order_by("pk").values_list("pk"))


@transaction.atomic
def fall_away(bills: Iterable[Bill], at: datetime) -> Decimal:
    """Void these bills of one lease and free what was paid on them; how much. A void one is left as it is.

    The caller holds the lease. Locks bills, then payments, then the ledger.
    """
    ids = [bill.pk for bill in bills]
    rows = Bill.objects.select_for_update(of=("self",)).filter(pk__in=ids).exclude(state=Bill.State.VOID)
    standing = list(rows.select_related("lease__customer").order_by("pk"))
    if not standing:
        return ZERO
    lock_money(standing[0].lease.customer)
    for bill in standing:
        bill.void()
        bill.save(update_fields=["state"])
    books.bills_void(standing, at)
    return sum((_free(bill, at) for bill in standing), ZERO)


@transaction.atomic
def take_off(bill: Bill, part: str, amount: Decimal, at: datetime) -> None:
    """Free so much of what was paid on a part of a bill that stands; the newest money first. At most `paid_on` it.

    The caller holds lease and bill, and takes as much off what the bill asks for. Locks payments.
    """
    lock_money(bill.lease.customer)
    day, rest = calendar.business_date(at), amount
    for row, most in _lying(bill, part):
        off = min(rest, most)
        if off:
            Reversal.objects.create(allocation=row, amount=off, day=day, at=at)
            rest -= off
    if rest:
        raise ValueError(amount)
    bill.paid -= amount
    events.record("money_freed", bill, at=at, facts={"amount": str(amount)})


def paid_on(bill: Bill, part: str) -> Decimal:
    """What can be freed of a part of it: not what is disputed or was given back already."""
    return sum((most for _row, most in _lying(bill, part)), ZERO)


def freed(lease: Lease) -> Decimal:
    """What was freed of the lease's own bills so far; not of an offer to buy that lapsed."""
    rows = Reversal.objects.filter(allocation__bill__lease=lease, chargeback=None)
    amount: Decimal = rows.exclude(allocation__bill__kind=Bill.Kind.BUYOUT).aggregate(sum=exact_sum("amount"))["sum"]
    return amount


def pause(lease_id: int, on: date | None) -> None:
    """Bills due after day `on` are not deducted; None: all are again. Locks the lease."""
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    lease.paused_from = on
    lease.save(update_fields=["paused_from"])


def _lying(bill: Bill, part: str) -> list[tuple[Allocation, Decimal]]:
    """Each allocation with what of it can go back, the newest first."""
    rows = Allocation.objects.filter(bill=bill, part=part).annotate(off=exact_sum("reversals__amount"))
    found: list[tuple[Allocation, Decimal]] = []
    left: dict[int, Decimal] = {}
    for row in rows.select_related("payment").order_by("-pk"):
        paid = row.payment
        rest = left.setdefault(paid.pk, paid.amount - paid.refunded - paid.charged_back)
        found.append((row, max(ZERO, min(row.amount - row.off, rest))))
        left[paid.pk] -= found[-1][1]
    return found


def _free(bill: Bill, at: datetime) -> Decimal:
    """All that lies on a void bill, part by part."""
    lying = Allocation.objects.filter(bill=bill).annotate(off=exact_sum("reversals__amount")).order_by("pk")
    rows = [(row.pk, row.amount - row.off) for row in lying if row.amount > row.off]
    amount = sum((left for _pk, left in rows), ZERO)
    if not amount:
        return ZERO
    day = calendar.business_date(at)
    Reversal.objects.bulk_create(Reversal(allocation_id=pk, amount=left, day=day, at=at) for pk, left in rows)
    bill.paid = ZERO
    bill.save(update_fields=["paid"])
    books.freed(bill, amount, at)
    events.record("money_freed", bill, at=at, facts={"amount": str(amount)})
    return amount
