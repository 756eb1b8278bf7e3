"""An operator takes something off a bill of an order; when nothing is owed any more the order goes on."""

from datetime import datetime

from django.db import transaction

from billing.models import Reduction
from billing.rules.limits import Deed
from billing.services import reductions
from billing.services.payments import BillUnknown
from billing.services.reductions import Wish
from core import canonical
from core.models import Approval
from core.services import approvals
from orders.models import Order
from orders.services import payments, steps


def give(order: Order, wish: Wish, actor: str, at: datetime) -> Reduction | Approval:
    """The reduction, or above the limit the request for a second person.

    BillUnknown, ReductionTooLarge, AlreadyAsked. Locks order, lease, bill.
    """
    if wish.lease != order.lease.number or not order.lease.bills.filter(number=wish.bill).exists():
        raise BillUnknown
    if reductions.needs_second_person(wish):
        return reductions.request(wish, actor, at)
    with transaction.atomic():
        return _give(steps.lock(order.pk), wish, actor, None, at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> Reduction:
    """A second person's yes, and at once the reduction. As `approvals.approve`; ReductionTooLarge."""
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(Wish, asked.payload)
    used = approvals.use(Deed.REDUCTION, wish.subject, wish, at)
    order_id = Order.objects.values_list("pk", flat=True).get(lease__number=wish.lease)
    return _give(steps.lock(order_id), wish, asked.requested_by, used, at)


def _give(locked: Order, wish: Wish, actor: str, approval: Approval | None, at: datetime) -> Reduction:
    made = reductions.give(wish, actor, at, approval)
    payments.after_money([locked], at)
    return made
