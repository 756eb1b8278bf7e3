"""Money that came after all for what was written off (domain.md §5: a recovery never moves the order)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from billing.models import Bill, Payment, WriteOff
from billing.services import books
from core import money
from core.services import events


def recover(payment: Payment, bills: Iterable[Bill], shares: dict[int, Decimal], at: datetime) -> None:
    """What of a payment lies on written-off bills, by bill id. Called where it is laid, with lease and bills locked."""
    by_lease: dict[int, Decimal] = {}
    for bill in bills:
        by_lease[bill.lease_id] = by_lease.get(bill.lease_id, money.ZERO) + shares.get(bill.pk, money.ZERO)
    for row in WriteOff.objects.select_for_update(of=("self",)).filter(lease__in=by_lease).order_by("pk"):
        amount = by_lease[row.lease_id]
        if amount:
            row.recovered += amount
            row.save(update_fields=["recovered"])
            events.record("recovered", row, at=at, facts={"amount": str(amount), "payment": payment.number})
            books.recovered(row, payment, amount, at)
