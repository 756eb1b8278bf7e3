"""How a lease stands, for the order above it: what is secured, what is owed, what is still open outside."""

from datetime import date, datetime
from decimal import Decimal

from billing.models import Bill, Deposit, DepositFreeze, Lease, Payment
from billing.services import statements
from core import money
from core.services import outbox


def is_secured(lease_id: int) -> bool:
    """Bill 1 is paid and the deposit secured: the merchant may ship (domain.md §5, PAID)."""
    paid = Bill.objects.filter(lease=lease_id, number=1, state=Bill.State.PAID).exists()
    return paid and Deposit.objects.filter(lease=lease_id, state=Deposit.State.SECURED).exists()


def dues(lease_id: int, on: date) -> Decimal:
    """What is owed on open bills that fell due by `on`, late fees of that day included."""
    lease = Lease.objects.get(pk=lease_id)
    owed = [view.owed_now for view in statements.statement(lease, on) if _is_due(view.bill, on)]
    return money.total(owed)


def abandon(lease_id: int, at: datetime) -> None:
    """Ask for every open attempt on the lease to be closed at its provider; orders does it, for the fact may step."""
    opened = Payment.objects.filter(items__bill__lease=lease_id, items__open=True).values_list("pk", flat=True)
    deposits = Payment.objects.filter(deposit__lease=lease_id, state=Payment.State.OPEN).values_list("pk", flat=True)
    for payment_id in sorted({*opened, *deposits}):
        outbox.put("attempt.close_requested", payment_id=payment_id)
    freezes = DepositFreeze.objects.filter(deposit__lease=lease_id, state=DepositFreeze.State.OPEN)
    for freeze_id in freezes.values_list("pk", flat=True):
        outbox.put("freeze.close_requested", freeze_id=freeze_id)


def _is_due(bill: Bill, on: date) -> bool:
    return bill.state == Bill.State.OPEN and bill.due_date is not None and bill.due_date <= on
