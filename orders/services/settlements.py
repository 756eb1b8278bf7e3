"""Settlement: when nothing is owed any more the deposit and the quota come back and the order is completed."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from billing.services import deposits, leases, refunds, statements
from catalog.services import stock, units
from core import calendar, money
from core.services.events import PLATFORM
from credit.services import quota
from notices.services import messages
from orders.models import Ending, Order, State
from orders.services import endings, steps

RETURNED = "returned"
OUTCOMES: dict[str, str] = {Ending.Kind.BUYOUT: "bought", Ending.Kind.LOSS: "lost", Ending.Kind.DEFAULT: "defaulted"}


def settle(order_id: int, at: datetime) -> bool:
    """Complete a SETTLING order if all is paid; whether it is completed now."""
    with transaction.atomic():
        return settle_locked(steps.lock(order_id), at)


def settle_locked(order: Order, at: datetime, *, shelve: bool = False) -> bool:
    """As `settle`, for an order that the caller holds locked. Every release is committed as an intent.

    `shelve`: its unit is back on the shelf now. Stock and quota are the last rows before commit.
    """
    completes = order.state == State.SETTLING and not owed(order, calendar.business_date(at))
    if completes:
        _complete(order, at)
    if shelve:
        stock.put_back(order.merchant_id, order.plan.sku_id)
    if completes:
        quota.release(order.number, "settled", at)
    return bool(order.state == State.COMPLETED)


def owed(order: Order, on: date) -> Decimal:
    """What stands between the returned device and the deposit: every open bill of the term, late fees of `on` included.

    A device that is back before the last period began still owes it (domain.md §6: bills run to the last day).
    """
    return money.total(view.owed_now for view in statements.statement(order.lease, on))


def outcome_of(order: Order) -> str:
    """How it ended: the device is back with the merchant, or it is not."""
    last = order.endings.filter(state=Ending.State.DONE).order_by("-closed_at", "-id").first()
    return OUTCOMES.get(last.kind, RETURNED) if last else RETURNED


def _complete(order: Order, at: datetime) -> None:
    on = calendar.business_date(at)
    deposits.release(order.lease_id, "settled", on=on, at=at)
    leases.close(order.lease_id, on, at)
    refunds.give_back_deposit(order.lease_id, "settled", at)
    endings.give_back(order, at)
    outcome = outcome_of(order)
    if outcome != RETURNED and order.unit_id is not None:
        units.retire(order.unit_id, outcome, at)
    steps.take(order, "complete", outcome, at, at=at, actor=PLATFORM)
    messages.inform(
        order.customer.user,
        "order_completed",
        {"order": order.number},
        step=f"order:{order.pk}:completed",
        at=at,
        link=f"/orders/{order.number}/",
    )
