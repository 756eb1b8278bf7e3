"""What nobody decides for fourteen days lapses: nothing is done; a customer who was told of it hears that it is off.

Whoever asked finds it in a queue of the desk for two weeks (core.services.approvals.lapsed).
"""

from datetime import datetime

from django.db import transaction

from billing.services import captures
from core import running
from core.models import Approval
from core.services import approvals
from notices.services import messages
from orders.models import Order
from orders.services import terminations

TOLD = {  # kinds that were announced to the customer, with what he reads now and where his order's number stands
    captures.KIND: ("deposit_deduction_off", "lease"),
    terminations.KIND: ("termination_off", "order"),
}


def lapse_due(at: datetime) -> int:
    """How many lapsed. Safe to repeat: each re-checks locked."""
    due = approvals.undecided(at).values_list("pk", flat=True)
    return running.each(Approval, due, lambda pk: _lapse(pk, at))


def _lapse(approval_id: int, at: datetime) -> bool:
    with transaction.atomic():
        try:
            asked = approvals.lapse(approval_id, at)
        except approvals.ApprovalOver:
            return False  # decided at this very moment
        if asked.kind in TOLD:
            _tell(asked, at)
    return True


def _tell(asked: Approval, at: datetime) -> None:
    template, key = TOLD[asked.kind]
    order = Order.objects.select_related("customer__user").get(number=asked.payload[key])
    messages.inform(
        order.customer.user, template, {"order": order.number}, step=f"approval:{asked.pk}:lapsed", at=at,
        link=f"/orders/{order.number}/",
    )  # fmt: skip
