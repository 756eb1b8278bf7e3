"""A part of the deposit is kept for what an ended lease still owes: proposed, approved by another one, captured."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import DepositDeduction, Payment
from billing.services import captures, lapses
from billing.services.captures import KIND, NothingToDeduct, Wish
from core import calendar, canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from integrations.payments import PaymentFact
from notices.services import messages
from orders.models import Order, State
from orders.services import payments, steps

DECIDED_WITHIN = timedelta(days=7)  # a late fee that grows until then is asked for too


class NotSettling(DomainError):
    code = "not_settling"
    message = _("A deposit is used only once the device is back and inspected, and bills stayed unpaid.")


def most(order: Order, at: datetime) -> Decimal:
    """What may be asked for: what is owed within a week, at most what is held."""
    return captures.foreseen(order.lease, calendar.business_date(at + DECIDED_WITHIN))


def propose(order: Order, at_most: Decimal | None, reason: str, actor: str, at: datetime) -> Approval:
    """Ask for a second person; the customer hears of it now and can still pay. NotSettling, NothingToDeduct."""
    if order.state != State.SETTLING:
        raise NotSettling
    possible = most(order, at)
    if not possible:
        raise NothingToDeduct
    wish = Wish(order.lease.number, DepositDeduction.Kind.DUES, min(at_most or possible, possible), reason)
    with transaction.atomic():
        asked = approvals.request(KIND, wish.subject, wish, actor=actor, reason=reason, at=at)
        messages.inform(
            order.customer.user,
            "deposit_deduction_planned",
            {"order": order.number, "amount": str(wish.most)},
            step=f"approval:{asked.pk}",
            at=at,
            link=f"/orders/{order.number}/",
        )
    return asked


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> DepositDeduction:
    """A second person's yes: the intent, or for a paid deposit the money. As `approvals.approve`, `captures.deduct`."""
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(Wish, asked.payload)
    used = approvals.use(KIND, wish.subject, wish, at)
    locked = steps.lock(Order.objects.values_list("pk", flat=True).get(lease__number=wish.lease))
    if locked.state != State.SETTLING:
        raise NotSettling
    made = captures.deduct(wish, used, at)
    if made.payment.state == Payment.State.SUCCEEDED:
        payments.after_money([locked], at)
    return made


def send(deduction_id: int, at: datetime) -> str:
    """Capture it at the provider and post what that says. After a final no the freeze itself is asked about."""
    return _post(deduction_id, captures.send(deduction_id, at), at)


def ask(deduction_id: int, at: datetime) -> str:
    """Ask the provider about a capture whose outcome is unknown. As `send`."""
    return _post(deduction_id, captures.ask(deduction_id, at), at)


def _post(deduction_id: int, fact: PaymentFact | None, at: datetime) -> str:
    if fact is None:
        return "nothing to do"
    word = payments.receive(captures.channel_of(deduction_id), fact, at)
    lapses.look_after_refusal(captures.payment_of(deduction_id), at)
    return word
