"""Giving up what a lease still owes, and taking what comes of it afterwards (domain.md §5, docs/domain/ledger.md).

The bills keep what they are; their open part leaves the customer's receivable for the write-off account. Money that
comes later is laid on them as any other and is a recovery.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Lease, WriteOff
from billing.services import books, leases, payments, statements
from core import money
from core.errors import DomainError
from core.services import events


class AlreadyWrittenOff(DomainError):
    code = "already_written_off"
    message = _("This lease was written off already.")


@transaction.atomic
def write_off(lease_id: int, on: date, at: datetime) -> WriteOff | None:
    """Close the lease and write off what its open bills owe on day `on`, late fees posted; None when nothing is owed.

    AlreadyWrittenOff; AttemptOpen while somebody pays. Locks lease, bills, ledger.
    """
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    if WriteOff.objects.filter(lease=lease).exists():
        raise AlreadyWrittenOff
    leases.close(lease_id, on, at)
    bills = list(lease.bills.select_for_update().filter(state=Bill.State.OPEN).order_by("pk"))
    payments.require_no_attempt(bills)
    for bill in bills:
        bill.lease = lease
    fees = {account.bill.pk: _given_up(account, on) for account in statements.accounts(bills)}
    amount = money.total(bill.amount - bill.paid for bill in bills)
    if not amount:
        return None
    made = WriteOff.objects.create(lease=lease, amount=amount, at=at)
    events.record("written_off", made, at=at, facts={"amount": str(amount)})
    books.written_off(made, bills, fees, at)
    return made


def is_recovered(lease_id: int) -> bool:
    """Whether all that was written off came in after all."""
    row = WriteOff.objects.filter(lease=lease_id).first()
    return row is not None and row.is_recovered


def _given_up(account: statements.Account, on: date) -> Decimal:
    """The bill with its late fee posted; by how much that grew."""
    bill, posted = account.bill, account.bill.fee
    bill.fee = account.fee_if_paid(on)
    bill.write_off()
    bill.save(update_fields=["state", "fee"])
    grown: Decimal = bill.fee - posted
    return grown
