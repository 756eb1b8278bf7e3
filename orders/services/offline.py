"""Money that an operator saw arrive for named bills: posted and stepped as if a provider told it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from billing.models import Bill, Payment
from billing.rules.limits import Deed
from billing.services import offline
from billing.services.offline import Receipt
from billing.services.payments import BillUnknown
from core import canonical
from core.models import Approval
from core.services import approvals
from orders.models import Order
from orders.services import payments, steps


@dataclass(frozen=True, slots=True)
class Wish:
    """A receipt as a second person approves it; `order` by its number, `bills` by theirs in the lease."""

    order: str
    bills: tuple[int, ...]
    amount: Decimal
    received_at: datetime
    reference: str
    note: str

    @property
    def subject(self) -> str:
        return f"receipt:{self.reference}"

    @property
    def receipt(self) -> Receipt:
        return Receipt(self.amount, self.received_at, self.reference, self.note)


def record(order: Order, bill_numbers: list[int], receipt: Receipt, actor: str, at: datetime) -> Payment | Approval:
    """The payment; for money of long ago, or more than one person may record, the request for a second one.

    BillUnknown, AlreadyAsked; further as `billing.offline.record`. Locks order, leases, bills, payment.
    """
    wish = Wish(order.number, tuple(bill_numbers), receipt.amount, receipt.received_at, receipt.reference, receipt.note)
    if offline.needs_second_person(receipt, at):
        offline.require_new(receipt, at)
        _named(order.lease_id, wish.bills)
        return approvals.request(Deed.OFFLINE, wish.subject, wish, actor=actor, reason=wish.note, at=at)
    with transaction.atomic():
        return _record(steps.lock(order.pk), wish, actor, None, at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> Payment:
    """A second person's yes, and at once the posting. As `approvals.approve` and `record`."""
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(Wish, asked.payload)
    used = approvals.use(Deed.OFFLINE, wish.subject, wish, at)
    order_id = Order.objects.values_list("pk", flat=True).get(number=wish.order)
    return _record(steps.lock(order_id), wish, asked.requested_by, used, at)


def _record(locked: Order, wish: Wish, actor: str, approval: Approval | None, at: datetime) -> Payment:
    bill_ids = _named(locked.lease_id, wish.bills)
    captured = offline.record(locked.customer, bill_ids, wish.receipt, actor, at, approval)
    payments.after_money([locked], at)
    return captured.payment


def _named(lease_id: int, numbers: tuple[int, ...]) -> list[int]:
    found = list(Bill.objects.filter(lease=lease_id, number__in=numbers).values_list("pk", flat=True))
    if len(found) != len(set(numbers)):
        raise BillUnknown
    return found
