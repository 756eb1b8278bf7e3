"""A part of the deposit is kept for what an ended lease still owes: proposed, approved by another one, captured."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Deposit, DepositDeduction, Payment
from billing.rules.limits import Deed
from billing.services import captures, holding, lapses, limits
from billing.services.captures import KIND, NothingToDeduct, Wish
from core import calendar, canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from core.services.events import PLATFORM
from integrations.payments import PaymentFact
from notices.services import messages
from orders.models import Order, State
from orders.services import payments, steps

AGREEMENT = "agreement"  # who says yes where nobody is asked any more
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


def by_claim(order: Order, amount: Decimal, asked_by: str, decided_by: str, at: datetime) -> DepositDeduction | None:
    """What came of a damage claim, from the deposit: the merchant asked, the customer or an operator said yes (ADR 18).

    Above what one operator may decide alone it is asked of a second one. None when nothing is held, or it is asked.
    Inside the transaction that charges the damage, with the order locked.
    """
    possible = min(amount, holding.held(order.lease.deposit))
    if not possible or order.lease.deposit.state != Deposit.State.SECURED:
        return None
    reason = "damage_claim"
    wish = Wish(order.lease.number, DepositDeduction.Kind.DAMAGE, possible, reason)
    alone = not decided_by.startswith("operator:") or possible <= limits.most(Deed.DEDUCTION)
    asker = asked_by if alone else decided_by
    asked = approvals.request(KIND, wish.subject, wish, actor=asker, reason=reason, at=at)
    if not alone:
        return None
    approvals.approve(asked.pk, decided_by, at)
    return captures.deduct(wish, approvals.use(KIND, wish.subject, wish, at), at)


def by_agreement(order: Order, at: datetime) -> DepositDeduction | None:
    """Thirty days after the device came back: what is owed, from the deposit, as the agreement says (ADR 18).

    Requests that wait are over with it. None when nothing is held or owed. With the order locked.
    """
    possible = captures.foreseen(order.lease, calendar.business_date(at))
    if not possible or order.lease.deposit.state != Deposit.State.SECURED:
        return None
    wish = Wish(order.lease.number, DepositDeduction.Kind.DUES, possible, "unpaid_30_days")
    for waiting in approvals.open_for(wish.subject, KIND):
        approvals.withdraw(waiting.pk, waiting.requested_by, at)
    asked = approvals.request(KIND, wish.subject, wish, actor=PLATFORM, reason=wish.reason, at=at)
    approvals.approve(asked.pk, AGREEMENT, at)
    made = captures.deduct(wish, approvals.use(KIND, wish.subject, wish, at), at)
    if made.payment.state == Payment.State.SUCCEEDED:
        payments.after_money([order], at)
    return made


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
