"""Checkout: quote the cost table, place the order on exactly those figures; one device or some in one go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Customer
from accounts.services import identity
from billing.rules.securing import Kind
from billing.services import leases
from catalog.models import LeasePlan
from catalog.rules.shorts import Dates
from catalog.services import offers
from core import calendar
from core.errors import DomainError
from core.services import events, numbers, outbox, requests
from credit.services import quota
from orders.models import Checkout, Order
from orders.models.orders import CLOSED
from orders.rules.costs import CostTable, Together
from orders.services import cost_tables, lease_rules, lease_terms, reservations, steps, swaps
from orders.services.cost_tables import Line, PlanUnavailable, Standing, Wanted

REVIEW_WAIT = timedelta(hours=72)
MOST_OPEN_ORDERS = 5  # capability D10
ORDER, CHECKOUT = "XO", "CH"  # what their numbers begin with


@dataclass(frozen=True, slots=True)
class Swap:
    """The order whose device is replaced, and the figures of its lease that were shown."""

    number: str
    shown: str | None


class IdentityFirst(DomainError):
    code = "identity_first"
    message = _("Please prove your identity before you order.")


class PriceChanged(DomainError):
    code = "price_changed"
    message = _("The figures changed since the page was shown. Please look at the new table; nothing was ordered.")


class ScheduleForbidden(DomainError):
    """`why`: income or grade."""

    code = "schedule_forbidden"
    message = _("This term cannot be chosen: %(why)s")


FORBIDDEN = {
    "income": _("its rent is above what your declared income carries beside your other leases."),
    "grade": _("it is longer than your grade allows."),
}


class TooManyOpenOrders(DomainError):
    code = "too_many_open_orders"
    message = _("You have %(count)s orders that are not on lease yet. Please finish or cancel one first.")


def quote(
    customer: Customer | None,
    plan: LeasePlan,
    months: int,
    on: date,
    cover: bool = False,
    dates: Dates | None = None,
    replaced: Order | None = None,
) -> CostTable:
    """The cost table of one device for this customer on this day; compulsory cover is in it, `cover` or not.

    A short plan has 0 months; without `dates` its least days are shown. `replaced`: the order whose device it would
    replace; what that one holds counts as free. PlanUnavailable for a term, or a cover, that is not offered.
    """
    wanted = Wanted(plan.pk, months, cover, dates)
    return cost_tables.alone(plan, wanted, cost_tables.standing(customer, on, replaced), on)


def quotes(
    customer: Customer | None, wanted: Iterable[tuple[LeasePlan, int]], on: date, replaced: Order | None = None
) -> list[CostTable]:
    """Cost tables of plans and months, each as if it were ordered alone: at most five queries, however many."""
    known = cost_tables.standing(customer, on, replaced)
    return [cost_tables.alone(plan, Wanted(plan.pk, months), known, on) for plan, months in wanted]


def quote_together(customer: Customer | None, lines: Sequence[Line], on: date) -> Together:
    """The cost tables of devices that are ordered in one go, and their sums. PlanUnavailable."""
    return cost_tables.together(lines, cost_tables.standing(customer, on), on)


def place(
    customer: Customer,
    plan_id: int,
    months: int,
    address: Address,
    shown_digest: str,
    request_key: str,
    at: datetime,
    deposit_kind: str = "",
    cover: bool = False,
    dates: Dates | None = None,
) -> Checkout:
    """Place one order on exactly the figures that were shown; see `place_together`."""
    wanted = Wanted(plan_id, months, cover, dates)
    return place_together(customer, [wanted], address, shown_digest, request_key, at, deposit_kind)


def place_together(
    customer: Customer,
    wanted: Sequence[Wanted],
    address: Address,
    shown_digest: str,
    request_key: str,
    at: datetime,
    deposit_kind: str = "",
    swap: Swap | None = None,
) -> Checkout:
    """One order per device, on exactly the figures that were shown, all of them or none: quota hold, lease, bills and
    event of each in one transaction.

    `deposit_kind`: PAID for a customer who would rather pay than have frozen what could be; by itself it is frozen.
    `swap`: the one device replaces that of another order; refuses also with what `swaps.lock_old` and `open` refuse.
    Safe to repeat with the same `request_key`: the first answer comes back. Refuses with IdentityFirst,
    CustomerBlocked, TooManyOpenOrders, PlanUnavailable, PriceChanged, ScheduleForbidden, OutOfStock, DaysNotOffered,
    DaysTaken, QuotaExhausted, DevicesExhausted or LendingRateMissing; nothing is kept.
    """
    if not wanted or (swap and len(wanted) > 1):
        raise ValueError("a checkout has a device, and a swap just one")
    lines = [[each.plan, each.months, each.cover, _picked(each.days)] for each in wanted]
    body: dict[str, Any] = {"lines": lines, "deposit": deposit_kind, "address": address.pk, "shown": shown_digest}
    body |= {"swap": [swap.number, swap.shown]} if swap else {}
    born = numbers.take(ORDER, calendar.business_date(at), len(wanted))
    number = CHECKOUT + born[0].removeprefix(ORDER)
    placed: list[Checkout] = []

    def act() -> str:
        placed.append(_place(customer, wanted, address, shown_digest, deposit_kind, (number, born), at, swap))
        return number

    number = requests.once(f"customer:{customer.pk}", "checkout", request_key, body, act, known=number)
    return placed[0] if placed else Checkout.objects.get(number=number)


def _picked(days: Dates | None) -> str | None:
    return f"{days.first} {days.last}" if days else None


def _place(
    customer: Customer,
    wanted: Sequence[Wanted],
    address: Address,
    shown_digest: str,
    deposit_kind: str,
    born: tuple[str, list[str]],
    at: datetime,
    swap: Swap | None,
) -> Checkout:
    assert transaction.get_connection().in_atomic_block
    on = calendar.business_date(at)
    _check_customer(customer, address)
    lines = [(_plan(each.plan), each) for each in wanted]
    for plan, each in lines:
        _require_days(plan, each, on)
    old = swaps.lock_old(swap.number, customer.pk, lines[0][0], on) if swap else None
    known = replace(cost_tables.standing(customer, on, old), rules=lease_rules.to_order(on))
    costs = _agreed(cost_tables.together(lines, known, on), shown_digest)
    kinds = [_agreed_kind(cost, deposit_kind) for cost in costs.tables]
    checkout = Checkout.objects.create(customer=customer, number=born[0], placed_at=at)
    orders = [
        _order(checkout, number, plan, cost, kind, known, address)
        for number, (plan, _wanted), cost, kind in zip(born[1], lines, costs.tables, kinds, strict=True)
    ]
    if old and swap:
        swaps.open(old, orders[0], swap.shown, at)
    reservations.keep_all(orders, at)
    _require_room(customer, len(orders))
    for order, cost in zip(orders, costs.tables, strict=True):
        if cost.waived:
            most = known.terms.devices if known.terms else None
            replaces = old.number if old else ""
            quota.hold(customer, order.number, cost.waived, at, most_devices=most, replaces=replaces)
    return checkout


def _order(
    checkout: Checkout, number: str, plan: LeasePlan, cost: CostTable, kind: Kind, known: Standing, address: Address
) -> Order:
    """One device of the checkout with its lease; what it takes of stock and quota comes after all of them."""
    at, customer = checkout.placed_at, checkout.customer
    terms = lease_terms.of(plan, cost)
    order = Order(
        number=number,
        checkout=checkout,
        customer=customer,
        merchant=plan.merchant,
        plan=plan,
        months=cost.months,
        decision=known.decision,
        lease=leases.draft(number, customer, plan.merchant, terms, cost.deposit, cost.waived, at, kind),
        address=address,
        placed_at=at,
        first_day=cost.first_day,
        last_day=cost.last_day,
    )
    order.waits_until = order.within_days(at + REVIEW_WAIT)
    order.save()
    events.record("transition", order, at=at, actor=f"customer:{customer.pk}", target=order.state)
    outbox.put("order.placed", order_id=order.pk)
    return order


def order_number(placed: Checkout) -> str:
    """Of the first order that was placed: born together, the two numbers share their digits."""
    return ORDER + placed.number.removeprefix(CHECKOUT)


def _agreed(costs: Together, shown_digest: str) -> Together:
    """The tables that were shown, of schedules that may be chosen. PriceChanged, ScheduleForbidden."""
    if costs.digest != shown_digest:
        raise PriceChanged
    for cost in costs.tables:
        if cost.forbidden:
            raise ScheduleForbidden(why=FORBIDDEN[cost.forbidden])
    return costs


def _agreed_kind(cost: CostTable, wanted: str) -> Kind:
    """What can be frozen may be paid instead, not the other way round."""
    if wanted == Kind.FREEZE != cost.deposit_kind:
        raise PriceChanged
    return Kind(wanted) if wanted else cost.deposit_kind


def _check_customer(customer: Customer, address: Address) -> None:
    steps.require_trusted(customer)
    if not identity.is_verified(customer):
        raise IdentityFirst
    if address.customer_id != customer.pk:
        raise ValueError("another customer's address")


def _require_room(customer: Customer, placed: int) -> None:
    """With the orders that were just placed; what his other checkouts placed at this moment counts too.

    Locks the customer after the stock: who waits here holds nothing that the one in front of him needs.
    """
    list(Customer.objects.select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk"))
    waiting = customer.orders.filter(shipped_at=None).exclude(state__in=CLOSED).count()
    if waiting > MOST_OPEN_ORDERS:
        raise TooManyOpenOrders(count=waiting - placed)


def _plan(plan_id: int) -> LeasePlan:
    try:
        return offers.on_offer(plan_id)
    except offers.OfferGone as gone:
        raise PlanUnavailable from gone


def _require_days(plan: LeasePlan, wanted: Wanted, on: date) -> None:
    if plan.is_short is not (wanted.days is not None) or plan.is_short is not (wanted.months == 0):
        raise PlanUnavailable
    if wanted.days is not None:
        offers.require_days(plan, wanted.days, on)
