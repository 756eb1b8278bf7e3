"""What was used of a deposit, and why: the customer's own page tells all of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from billing.models import Deposit, Payment
from core.models import Approval
from core.services import approvals
from orders import words


@dataclass(frozen=True, slots=True)
class Taken:
    """`word`: whether it is planned, under way or done."""

    amount: Decimal
    reason: str | Promise
    word: str | Promise
    tone: str
    at: datetime


def taken(deposit: Deposit) -> list[Taken]:
    """Parts that were used for open bills, under way or planned; nothing of what the provider refused."""
    if not deposit.to_hold:
        return []
    rows = deposit.deductions.select_related("payment").exclude(payment__state=Payment.State.CLOSED).order_by("id")
    done = [
        Taken(row.payment.amount, words.reason(row.reason), *_state(row.payment), row.payment.paid_at or row.at)
        for row in rows
    ]
    return [*done, *(_planned(asked) for asked in approvals.open_for(f"deposit:{deposit.lease.number}"))]


def _state(payment: Payment) -> tuple[str, str]:
    return (_("Used"), "ok") if payment.state == Payment.State.SUCCEEDED else (_("Under way"), "wait")


def _planned(asked: Approval) -> Taken:
    return Taken(
        Decimal(asked.payload["most"]), words.reason(asked.reason), _("Planned, at most"), "wait", asked.requested_at
    )
