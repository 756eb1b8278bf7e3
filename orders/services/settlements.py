"""Settlement: when nothing is owed any more the deposit and the quota come back and the order is completed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from billing.models import Payment
from billing.services import deposits, leases, refunds, statements
from catalog.services import units
from core import calendar, money
from core.services.events import PLATFORM
from credit.services import quota
from notices.services import messages
from orders.models import Ending, Order, State
from orders.services import bookings, cancellations, endings, reservations, steps

PAID_WITHIN = timedelta(days=30)  # domain.md §5: then it is written off
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
    began = order.received_at is not None
    completes = order.state == State.SETTLING and not (began and owed(order, calendar.business_date(at)))
    if completes:
        (_complete if began else _undo)(order, at)
    elif order.state == State.SETTLING and order.waits_until is None:
        order.waits_until = at + PAID_WITHIN
        order.save(update_fields=["waits_until"])
    if shelve:
        reservations.put_back(order, at)
    if completes:
        quota.release(order.number, "settled", at)
    return bool(order.state == State.COMPLETED)


def owed(order: Order, on: date) -> Decimal:
    """What stands between the returned device and the deposit: every open bill of the term, late fees of `on` included.

    A device that is back before the last period began still owes it (domain.md §6: bills run to the last day).
    """
    return money.total(view.owed_now for view in statements.statement(order.lease, on))


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a deposit: held = damage + dues + back. `open` is what is still owed beside it."""

    held: Decimal
    damage: Decimal
    dues: Decimal
    back: Decimal
    open: Decimal


def kept(order: Order, on: date) -> Kept:
    """As it stands on day `on`; what is asked of a provider counts as taken."""
    deposit = order.lease.deposit
    taken = list(deposit.deductions.exclude(payment__state=Payment.State.CLOSED).select_related("payment"))
    of = {kind: money.total(row.payment.amount for row in taken if row.kind == kind) for kind in ("DAMAGE", "DUES")}
    frozen = money.total(freeze.frozen for freeze in deposit.freezes.all())
    held = frozen + money.total(payment.amount for payment in deposit.payments.filter(holds=True))
    under_way = money.total(row.payment.amount for row in taken if row.payment.state == Payment.State.OPEN)
    rest = max(money.ZERO, owed(order, on) - under_way)
    return Kept(held, of["DAMAGE"], of["DUES"], held - of["DAMAGE"] - of["DUES"], rest)


def _undo(order: Order, at: datetime) -> None:
    """The lease never began (turned back, defect at receipt): everything goes back, nothing was owed."""
    reason = order.reason
    cancellations.give_back(order, reason, at)
    steps.take(order, "complete", reason, at, at=at, actor=PLATFORM)
    messages.inform(
        order.customer.user,
        "order_cancelled",
        {"order": order.number, "reason": reason},
        step=f"order:{order.pk}:completed",
        at=at,
        link=f"/orders/{order.number}/",
    )


def outcome_of(order: Order) -> str:
    """How it ended: the device is back with the merchant, or it is not.

    Kept until day rent had come to the whole buyout price: bought.
    """
    last = order.endings.filter(state=Ending.State.DONE).order_by("-closed_at", "-id").first()
    if last and last.kind == Ending.Kind.DEFAULT and order.lease.terms["curve"] and not last.quoted.payoff.price:
        return OUTCOMES[Ending.Kind.BUYOUT]
    return OUTCOMES.get(last.kind, RETURNED) if last else RETURNED


def _complete(order: Order, at: datetime) -> None:
    on = calendar.business_date(at)
    deposits.release(order.lease_id, "settled", on=on, at=at)
    leases.close(order.lease_id, on, at)
    refunds.give_back_deposit(order.lease_id, "settled", at)
    endings.give_back(order, at)
    bookings.free(order, at)
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
