"""The operators' open queues: each noun's open state is its queue, there is no table of tasks (house.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Deposit, DepositFreeze, Payment, Refund
from core import calendar
from core.models import Event, OutboxMessage
from credit.models import Outcome
from credit.services import decisions
from orders import words
from orders.models import Order, Parcel, State

DELIVERY_TAKES = timedelta(days=10)  # domain.md §5: no carrier event for ten days comes to the desk
SOON = timedelta(hours=24)
MOST = 100


@dataclass(frozen=True)
class Row:
    """One line of a queue; it leads to the order where the work is done."""

    title: str
    href: str
    text: str | Promise = ""
    amount: Decimal | None = None
    left: words.Left | None = None


@dataclass(frozen=True)
class Queue:
    """Open rows, most urgent first."""

    name: str
    title: str | Promise
    none: str | Promise
    find: Callable[[datetime], "QuerySet[Any]"]
    row: Callable[[Any, datetime], Row]


@dataclass(frozen=True)
class Shown:
    """A queue with its first rows; `count` is the number of all of them."""

    queue: Queue
    rows: list[Row]
    count: int


def show(queue: Queue, at: datetime, most: int = MOST) -> Shown:
    """The first rows; counted only when there are more than these."""
    found = list(queue.find(at)[: most + 1])
    count = len(found) if len(found) <= most else queue.find(at).count()
    return Shown(queue, [queue.row(item, at) for item in found[:most]], count)


def get(name: str) -> Queue | None:
    return next((queue for queue in QUEUES if queue.name == name), None)


def _orders() -> "QuerySet[Order]":
    return Order.objects.select_related("plan__sku__device_model", "lease__deposit", "customer", "decision", "merchant")


def _to_review(at: datetime) -> "QuerySet[Order]":
    return _orders().filter(state=State.PLACED, decision__outcome=Outcome.REFER).order_by("waits_until", "id")


def _undelivered(at: datetime) -> "QuerySet[Order]":
    on_the_way = Parcel.objects.filter(way=Parcel.Way.OUT, delivered_at=None, void_at=None)
    late = _orders().filter(state=State.SHIPPED, shipped_at__lte=at - DELIVERY_TAKES)
    return late.filter(pk__in=on_the_way.values("order")).order_by("shipped_at", "id")


def _ending(at: datetime) -> "QuerySet[Order]":
    return _orders().filter(waits_until__lte=at + SOON).order_by("waits_until", "id")


def _promised(at: datetime) -> "QuerySet[Deposit]":
    tomorrow = calendar.business_date(at) + timedelta(days=1)
    waiting = Deposit.objects.filter(state=Deposit.State.RELEASING, promised_on__lte=tomorrow)
    return waiting.select_related("lease__order").order_by("promised_on", "id")


def _strange_payments(at: datetime) -> "QuerySet[Payment]":
    rows = _came_right(Payment.objects.filter(state=Payment.State.QUARANTINED), "payment_after_quarantine")
    return rows.prefetch_related("items__bill__lease__order").order_by("created_at", "id")


def _strange_freezes(at: datetime) -> "QuerySet[DepositFreeze]":
    rows = _came_right(DepositFreeze.objects.filter(state=DepositFreeze.State.QUARANTINED), "freeze_after_quarantine")
    return rows.select_related("deposit__lease__order").order_by("created_at", "id")


def _came_right(rows: "QuerySet[Any]", kind: str) -> "QuerySet[Any]":
    """With `came_right`: a matching word of the provider followed, and waits for a person."""
    noted = Event.objects.filter(subject_type=rows.model._meta.label_lower, subject_id=OuterRef("pk"), kind=kind)
    marked: QuerySet[Any] = rows.annotate(came_right=Exists(noted))
    return marked


def _failed_refunds(at: datetime) -> "QuerySet[Refund]":
    rows = Refund.objects.filter(state=Refund.State.FAILED).select_related("payment")
    return rows.prefetch_related("payment__items__bill__lease__order").order_by("requested_at", "id")


def _dead_messages(at: datetime) -> "QuerySet[OutboxMessage]":
    return OutboxMessage.objects.exclude(dead_at=None).filter(done_at=None).order_by("dead_at", "id")


def _review_row(order: Order, at: datetime) -> Row:
    why = " ".join(decisions.explain(order.decision)) if order.decision else ""
    return _order_row(order, at, why or order.customer.number, order.lease.deposit.waived)


def _undelivered_row(order: Order, at: datetime) -> Row:
    return _order_row(order, at, order.merchant.name)


def _ending_row(order: Order, at: datetime) -> Row:
    return _order_row(order, at, order.get_state_display())


def _order_row(order: Order, at: datetime, text: str, amount: Decimal | None = None) -> Row:
    left = words.left(order.waits_until, at) if order.waits_until else None
    return Row(f"{order.number} · {order.plan.sku}", _href(order), text, amount, left)


def _promised_row(deposit: Deposit, at: datetime) -> Row:
    assert deposit.promised_on is not None  # set with the state
    end = calendar.instant(deposit.promised_on + timedelta(days=1))
    order: Order = deposit.lease.order
    return Row(order.number, _href(order), _("deposit to be released"), deposit.to_hold, words.left(end, at))


def _payment_row(payment: Any, at: datetime) -> Row:
    return Row(payment.number, _payments_href(payment), _strange_text(payment), payment.amount)


def _freeze_row(freeze: Any, at: datetime) -> Row:
    return Row(freeze.number, _href(freeze.deposit.lease.order), _strange_text(freeze), freeze.amount)


def _strange_text(row: Any) -> str | Promise:
    followed = _("A matching message followed; please compare at the provider.")
    return followed if row.came_right else str(row.get_state_display())


def _refund_row(refund: Refund, at: datetime) -> Row:
    return Row(refund.number, _payments_href(refund.payment), refund.get_state_display(), refund.amount)


def _message_row(message: OutboxMessage, at: datetime) -> Row:
    return Row(str(message), reverse("admin:core_outboxmessage_change", args=[message.pk]), message.error[:160])


def _payments_href(payment: Payment) -> str:
    items = list(payment.items.all())
    return _href(items[0].bill.lease.order) if items else reverse("desk:orders")


def _href(order: Order) -> str:
    return reverse("desk:order", args=[order.number])


QUEUES = (
    Queue("review", _("Orders to review"), _("No order waits for a person."), _to_review, _review_row),
    Queue("ending", _("Waits that end within a day"), _("No wait ends soon."), _ending, _ending_row),
    Queue(
        "undelivered",
        _("Shipped ten days ago, not delivered"),
        _("Every parcel is on time."),
        _undelivered,
        _undelivered_row,
    ),
    Queue("deposits", _("Deposits due back"), _("No promised day is near."), _promised, _promised_row),
    Queue("payments", _("Payments that do not match"), _("Every payment matches."), _strange_payments, _payment_row),
    Queue("freezes", _("Freezes that do not match"), _("Every freeze matches."), _strange_freezes, _freeze_row),
    Queue("refunds", _("Refunds that failed"), _("No refund failed."), _failed_refunds, _refund_row),
    Queue("messages", _("Work given up"), _("All work was done."), _dead_messages, _message_row),
)
