"""An operator's act after a death or a loss of legal capacity (domain.md §5, ADR 38): fees and dunning stop that day,
the estate returns the device.

The word of it stops everything at once. To let it count from a day longer past than yesterday, and to withdraw it, a
second person decides.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Standstill
from accounts.services import standstills
from accounts.services.standstills import Event, NoStandstill
from arrears.services import cases, home_visits
from billing.services import standstills as books
from core import calendar, canonical
from core.errors import DomainError
from core.models import Approval
from core.services import approvals, outbox
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Order, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import cancellations, day_rents, early_returns, renewals, returns, steps

BACK, END = "standstill_back", "standstill_end"
ALONE_DAYS = 1
UNSHIPPED = "standstill.unshipped"
OVER = (State.COMPLETED, State.CANCELLED, State.REFUSED, State.WRITTEN_OFF)


class DayAhead(DomainError):
    code = "day_ahead"
    message = _("This day is still to come.")


@dataclass(frozen=True, slots=True)
class DateBack:
    """Let the customer's standstill count from `day`."""

    customer: str
    day: date

    @property
    def subject(self) -> str:
        return f"customer:{self.customer}"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The standstill that was recorded for `day` was mistaken."""

    customer: str
    day: date
    grounds: str

    @property
    def subject(self) -> str:
        return f"customer:{self.customer}"


def record(customer: Customer, happened: Event, raw: bytes, actor: str, at: datetime) -> Approval | None:
    """Everything stops now; the request for a second person where it is to count from longer ago than yesterday.

    DayAhead, StandstillInForce, AlreadyAsked, what the paper is refused for. Locks cases, user, then each order with
    its lease.
    """
    on = calendar.business_date(at)
    if happened.day > on:
        raise DayAhead
    is_long_ago = happened.day < on - timedelta(days=ALONE_DAYS)
    with transaction.atomic():
        asked = None
        if is_long_ago:
            wish = DateBack(customer.number, happened.day)
            asked = approvals.request(BACK, wish.subject, wish, actor=actor, reason=happened.note[:200], at=at)
        held = cases.hold(customer)
        made = standstills.record(customer, happened, on if is_long_ago else happened.day, raw, actor, at)
        for case in held:
            cases.stop(case, actor, on, at)
        messages.call_off(customer.user, messages.FAR, at)
        for order_id in _going(customer):
            _stop(order_id, made.since, at)
    return asked


def cancel_unshipped(order_id: int, at: datetime) -> bool:
    """An order of which nothing was shipped ends with everything back; whether it did. Safe to repeat.

    Of a swap it is the new order: the old lease goes on, as the estate's (`swaps.turn`).
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state not in BEFORE_SHIPPING or order.customer.user.in_peace_since is None:
            return False
        cancellations.cancel_locked(order, PLATFORM, cancellations.UNABLE, at)
    return True


def _stop(order_id: int, since: date, at: datetime) -> None:
    order = steps.lock(order_id)
    if order.state in BEFORE_SHIPPING:  # a transaction of its own: stock and quota come last (lock order)
        outbox.put(UNSHIPPED, order_id=order.pk)
    books.begin(order.lease_id, since, at)
    home_visits.call_off(order.lease.number, "standstill", at)
    if renewals.of(order) is not None:
        renewals.withdraw(order.pk, PLATFORM, at)
    _stop_day_rent(order, since, at)


def _stop_day_rent(order: Order, since: date, at: datetime) -> None:
    if day_rents.is_kept(order):
        day_rents.stop(order, since - timedelta(days=1), at)


@transaction.atomic
def carry_out(approval_id: int, actor: str, at: datetime) -> Standstill:
    """A second person's yes: it counts from its own day. As `approvals.approve`; NoStandstill."""
    asked = approvals.approve(approval_id, actor, at)
    wish = canonical.decode(DateBack, asked.payload)
    approvals.use(BACK, wish.subject, wish, at)
    customer = Customer.objects.select_related("user").get(number=wish.customer)
    row = standstills.lock(customer)
    if row.day != wish.day:
        raise NoStandstill
    standstills.date_back(row, actor, at)
    for order_id in _going(customer):
        order = steps.lock(order_id)
        books.begin(order.lease_id, row.since, at)
        _stop_day_rent(order, row.since, at)
    return row


def propose_end(customer: Customer, grounds: str, actor: str, at: datetime) -> Approval:
    """It was mistaken, one operator says. NoStandstill, AlreadyAsked."""
    row = standstills.in_force(customer)
    if row is None:
        raise NoStandstill
    wish = Withdrawal(customer.number, row.day, grounds)
    return approvals.request(END, wish.subject, wish, actor=actor, reason=grounds, at=at)


@transaction.atomic
def carry_out_end(approval_id: int, actor: str, at: datetime) -> Standstill:
    """A second person's yes: the lease goes on, its days until today stay free of late fees. As `approvals.approve`;
    NoStandstill. A request to date it back that still waits can no longer be carried out.
    """
    asked, on = approvals.approve(approval_id, actor, at), calendar.business_date(at)
    wish = canonical.decode(Withdrawal, asked.payload)
    approvals.use(END, wish.subject, wish, at)
    customer = Customer.objects.select_related("user").get(number=wish.customer)
    row = standstills.lock(customer)
    if row.day != wish.day:
        raise NoStandstill
    standstills.withdraw(row, wish.grounds, on, actor, at)
    for lease_id in customer.leases.order_by("pk").values_list("pk", flat=True):
        books.end(lease_id, on)
    return row


def open_return(order_id: int, actor: str, at: datetime) -> Ending:
    """The device comes back for the estate, without a charge. NoStandstill; as `early_returns.open_for_estate`."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if not may_open_return(order):
            raise NoStandstill
        return early_returns.open_for_estate(order, actor, at)


def may_open_return(order: Order) -> bool:
    """The device is out, the customer cannot act, and nobody sent it for the estate yet."""
    if order.received_at is None or order.customer.user.in_peace_since is None or not day_rents.is_kept(order):
        return False
    return not is_returning(order)


def is_returning(order: Order) -> bool:
    if order.state != State.RETURNING:
        return False
    return bool(order.endings.filter(basis=Ending.Basis.ESTATE, state=Ending.State.OPEN).exists())


def hand_over(order_id: int, actor: str, carrier: str, waybill: str, at: datetime) -> None:
    """Somebody told the desk by which parcel it comes. As `returns.hand_over`."""
    returns.hand_over(order_id, actor, carrier, waybill, at)


def _going(customer: Customer) -> list[int]:
    rows = Order.objects.filter(customer=customer).exclude(state__in=OVER).order_by("pk")
    return list(rows.values_list("pk", flat=True))
