"""What all ways out of a lease have in common: one at a time, at the figures that were shown (domain.md §5)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.services import balance, freeing, payments, statements
from core import calendar
from core.errors import DomainError
from core.services import events
from orders.models import Ending, Fault, Order
from orders.rules.quotes import Quote


class EndingOpen(DomainError):
    code = "ending_open"
    message = _("Another way out is under way (%(kind)s). Finish or withdraw it first.")


class DeviceAway(DomainError):
    code = "device_away"
    message = _("The device is away for a repair. Once you have it again, this is possible.")


class QuoteChanged(DomainError):
    code = "quote_changed"
    message = _("The figures have changed meanwhile. Nothing was done; please look at them again.")


class QuoteLapsed(DomainError):
    code = "quote_lapsed"
    message = _("These figures held until midnight. Please look at today's.")


def under_way(order: Order) -> Ending | None:
    return order.endings.filter(state=Ending.State.OPEN).first()


def require_none(order: Order) -> None:
    """EndingOpen."""
    found = under_way(order)
    if found is not None:
        raise EndingOpen(kind=found.get_kind_display())


def require_here(order: Order) -> None:
    """DeviceAway while it is away for a repair: nobody can send it back, buy it or lose it."""
    if is_away(order):
        raise DeviceAway


def is_away(order: Order) -> bool:
    """Asked of all its faults, so that a page that fetched them asks once."""
    return any(fault.state in Fault.AWAY for fault in order.faults.all())


def require_quiet(order: Order) -> None:
    """AttemptOpen while a payment of one of its bills is open or unknown. Locks as `lock_books`."""
    payments.require_no_attempt(lock_books(order))


def lock_books(order: Order) -> list[Bill]:
    """Its standing bills; lease, bills and the customer's received payments are locked, in the order of the house."""
    standing = order.lease.bills.exclude(state=Bill.State.VOID).values_list("pk", flat=True)
    bills = payments.locked_bills(set(standing))
    freeing.lock_money(order.customer)
    return bills


def require_shown(quote: Quote, shown: str | None) -> None:
    """QuoteChanged unless these are the figures that the customer saw; None: nobody saw any."""
    if shown is not None and shown != quote.code:
        raise QuoteChanged


def open(order: Order, kind: str, quote: Quote | None, actor: str, at: datetime, **fields: Any) -> Ending:  # noqa: A001
    """The row, for an order that the caller holds locked; what it would void is not deducted from now on."""
    on = calendar.business_date(at)
    ending = Ending.objects.create(
        order=order, kind=kind, quote=quote.to_json() if quote else None, opened_at=at, **fields
    )
    freeing.pause(order.lease_id, on)
    facts = {"kind": kind, "basis": ending.basis, "quote": ending.quote}
    events.record("ending_opened", order, at=at, actor=actor, facts=facts)
    return ending


def midnight(at: datetime) -> datetime:
    """The end of the business day of `at`."""
    return calendar.instant(calendar.business_date(at) + timedelta(days=1))


def drop(ending: Ending, verb: str, actor: str, at: datetime) -> None:
    """Withdraw or lapse it: its bill falls away, and automatic payment goes on. The caller holds order and ending."""
    order = ending.order
    if ending.bill is not None:
        freeing.fall_away([ending.bill], at)
    freeing.pause(order.lease_id, None)
    getattr(ending, verb)(at)
    ending.save()
    events.record(f"ending_{ending.state.lower()}", order, at=at, actor=actor, facts={"kind": ending.kind})


def use_credit(order: Order, at: datetime) -> None:
    """Lay what the customer has on what is owed today on this lease; bills that are being paid are left alone."""
    on = calendar.business_date(at)
    due = order.lease.bills.filter(state=Bill.State.OPEN, due_date__lte=on).exclude(payment_items__open=True)
    ids = list(due.values_list("pk", flat=True))
    if ids and statements.credit_balance(order.customer):
        try:
            balance.use(order.customer, ids, balance.Why.ASKED, at)
        except balance.BalanceEmpty:  # what there is, is disputed
            return


def give_back(order: Order, at: datetime) -> None:
    """Refund what an ending freed of this lease's bills and nothing took, on the payments that it came by."""
    has = balance.quote(order.customer, [], calendar.business_date(at)).balance
    amount = min(freeing.freed(order.lease), has)
    if amount:
        balance.pay_out(order.customer, at, amount, actor=events.PLATFORM)
