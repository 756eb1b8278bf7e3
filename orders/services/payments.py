"""Money for an order: opening attempts, and the one way in for what a provider says (house.md, Layers).

The callback, the return page, the poller and the statement all end in `receive` and `receive_freeze`, the only
callers of billing's capture; they step the order in the same transaction.
"""

from datetime import datetime, timedelta

from django.db import transaction

from billing.models import Bill, DepositFreeze, Payment
from billing.services import deposits, payments
from core.errors import DomainError
from core.models import InboxNotice
from core.services import inbox
from core.services.events import PLATFORM
from django.utils.translation import gettext_lazy as _
from integrations import registry
from integrations.payments import FreezeFact, PaymentFact, ReleaseFact, Status
from notices.services import messages
from orders.models import Order, State
from orders.models.orders import CLOSED
from orders.services import cancellations, settlements, steps

CHANNEL = "alipay"
ATTEMPT_LIVES = timedelta(minutes=30)
SHIPPING_WAIT = timedelta(days=5)


class NotPayableYet(DomainError):
    code = "not_payable_yet"
    message = _("Please sign the agreement first.")


def pay_first(order: Order, at: datetime) -> Payment:
    """An attempt to pay bill 1; needs both signatures (L3: no payment before signature)."""
    if order.state != State.SIGNED:
        raise NotPayableYet
    bill = order.lease.bills.get(number=1)
    return payments.open(order.customer, [bill.pk], CHANNEL, at=at, expires_at=_until(order, at))


def freeze_deposit(order: Order, at: datetime) -> DepositFreeze:
    """An attempt to freeze what is not waived."""
    if order.state != State.SIGNED:
        raise NotPayableYet
    return deposits.open_freeze(order.lease.deposit.pk, CHANNEL, at=at, expires_at=_until(order, at))


def pay_bills(order: Order, bill_ids: list[int], at: datetime) -> Payment:
    """An attempt to pay named bills of a lease, now with what is owed today."""
    if order.state in (State.PLACED, State.APPROVED):
        raise NotPayableYet
    own = list(Bill.objects.filter(lease=order.lease, pk__in=bill_ids).values_list("pk", flat=True))
    return payments.open(order.customer, own, CHANNEL, at=at, expires_at=at + ATTEMPT_LIVES)


def receive(channel: str, fact: PaymentFact, at: datetime) -> str:
    """Post what a provider says of a payment, once, and step its order. A word for the inbox comes back."""
    with transaction.atomic():
        orders = _lock_orders(Order.objects.filter(lease__bills__payment_items__payment__number=fact.request_no))
        captured = payments.capture(channel, fact, at)
        if captured is None:
            return "unknown number"
        if captured.quarantined:
            return "quarantined"
        if not captured.news:
            return "known"
        for order in orders:
            _after_money(order, at)
    return "posted"


def receive_freeze(channel: str, fact: FreezeFact, at: datetime) -> str:
    """Post what a provider says of a freeze, once, and step its order."""
    with transaction.atomic():
        orders = _lock_orders(Order.objects.filter(lease__deposit__freezes__number=fact.order_no))
        frozen = deposits.capture_freeze(channel, fact, at)
        if frozen is None:
            return "unknown number"
        if frozen.quarantined:
            return "quarantined"
        if not frozen.news:
            return "known"
        for order in orders:
            _after_money(order, at)
    return "posted"


def receive_release(fact: ReleaseFact, at: datetime) -> str:
    with transaction.atomic():
        return "posted" if deposits.apply_release(fact, at) else "known"


def ask(payment: Payment, at: datetime) -> str:
    """Ask the provider how a payment stands (return page, poller)."""
    return receive(payment.channel, payments.ask(payment.pk), at)


def ask_freeze(freeze: DepositFreeze, at: datetime) -> str:
    return receive_freeze(freeze.channel, deposits.ask_freeze(freeze.pk), at)


def apply_notice(notice_id: int, at: datetime) -> None:
    """Act on a stored notice; the signature was checked before it was stored."""
    stored = InboxNotice.objects.get(pk=notice_id)
    notice = registry.payments(stored.provider).parse_notice(bytes(stored.body), {})
    outcome = "nothing to do"
    if isinstance(notice.fact, PaymentFact):
        outcome = receive(stored.provider, notice.fact, at)
    elif isinstance(notice.fact, FreezeFact):
        outcome = receive_freeze(stored.provider, notice.fact, at)
    elif isinstance(notice.fact, ReleaseFact):
        outcome = receive_release(notice.fact, at)
    inbox.close(stored, outcome, at)


def _until(order: Order, at: datetime) -> datetime:
    ends = order.waits_until or at + ATTEMPT_LIVES
    return min(ends, at + ATTEMPT_LIVES)


def _lock_orders(found: "object") -> list[Order]:
    ids = sorted(set(found.values_list("pk", flat=True)))  # type: ignore[attr-defined]
    return [steps.lock(pk) for pk in ids]


def _after_money(order: Order, at: datetime) -> None:
    if order.state in CLOSED:
        cancellations.give_back(order, "late_payment", at)
        _tell(order, "late_payment_returned", at)
    elif order.state == State.SIGNED and payments.is_secured(order.lease_id):
        steps.take(order, "pay", at, at + SHIPPING_WAIT, at=at, actor=PLATFORM)
        _tell(order, "order_paid", at)
    elif order.state == State.SETTLING:
        settlements.settle_locked(order, at)


def _tell(order: Order, template: str, at: datetime) -> None:
    messages.inform(
        order.customer.user,
        template,
        {"order": order.number},
        step=f"order:{order.pk}:{template}",
        at=at,
        link=f"/orders/{order.number}/",
    )
