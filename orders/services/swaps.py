"""换机: another device of the same merchant for the one that is on lease (domain.md §8).

The new device is ordered in the usual checkout; the open Ending of the old order names it. The old lease runs on, rent
and all, until the new device is received: then its later bills fall away, and the old device has seven days, and the
days that are paid, to be handed over before a day costs day rent. An order that ends without a receipt leaves the old
lease as it was.

Two orders are never locked at once: the new one says that it moved (topic swap.moved), and the old one is turned by
what it finds of it; the day's end looks again.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.rules import payoff
from billing.rules.payoff import Payoff
from billing.rules.terms import LeaseTerms
from billing.services import extras, freeing, overdue, payoffs, statements
from catalog.models import LeasePlan
from catalog.services import offers
from core import calendar, running
from core.errors import DomainError
from core.services import events, outbox
from core.services.events import PLATFORM
from credit.services import quota
from notices.services import messages
from orders.models import Ending, Order, State
from orders.models.orders import CLOSED
from orders.rules.quotes import Quote
from orders.services import day_rents, endings, steps

SEND_WITHIN = 7  # days after the receipt of the new device; later where the rent of the running month is paid
MOST = 200
log = logging.getLogger(__name__)


class NotSwappable(DomainError):
    code = "not_swappable"
    message = _("A rental of days is not swapped. Send it back and rent another one.")


class SwapTermOver(DomainError):
    code = "swap_term_over"
    message = _("The last day was %(last_day)s. Please send the device back, or buy it.")


class SwapOverdue(DomainError):
    code = "swap_overdue"
    message = _("%(amount)s is overdue since %(since)s. Pay it first, then you can swap.")


class FormerNotSettled(DomainError):
    code = "former_not_settled"
    message = _("The device that this one replaced is not settled yet. After that you can swap again.")


class NoOtherDevice(DomainError):
    code = "no_other_device"
    message = _("For a swap please pick another device of the same merchant, rented by the month.")


def require(order: Order, on: date) -> None:
    """Why this lease cannot be swapped on day `on`: StepNotPossible, NotSwappable, EndingOpen, SwapTermOver,
    SwapOverdue, FormerNotSettled.
    """
    if order.state != State.ACTIVE:
        raise steps.StepNotPossible(state=order.get_state_display())
    if order.is_short:
        raise NotSwappable
    endings.require_none(order)
    endings.require_here(order)
    last_day = order.lease.last_day
    if last_day is None or on > last_day:
        raise SwapTermOver(last_day=last_day)
    late = overdue.of([order.lease_id], on).get(order.lease_id)
    if late is not None:
        raise SwapOverdue(amount=late.amount, since=late.since)
    if quota.is_carried(order.number):
        raise FormerNotSettled


def require_other(order: Order, plan: LeasePlan) -> None:
    """NoOtherDevice unless the plan is one of the same merchant for another device by the month."""
    if plan.merchant_id != order.merchant_id or plan.sku_id == order.plan.sku_id or plan.is_short:
        raise NoOtherDevice


def others(order: Order) -> "QuerySet[LeasePlan]":
    """What may be had instead now: what `require_other` allows and is in stock."""
    return offers.in_stock().filter(merchant=order.merchant_id, most_days=None).exclude(sku=order.plan.sku_id)


def quote(order: Order, on: date, months: int) -> Quote:
    """What the old lease costs if a new device of `months` is received on day `on`."""
    return quotes(order, on, [months])[months]


def quotes(order: Order, on: date, months: Iterable[int]) -> dict[int, Quote]:
    """As `quote`, of several terms at one look at the lease."""
    terms = LeaseTerms.from_json(order.lease.terms)
    position = payoffs.position(statements.statement(order.lease, on), on)
    return {each: Quote(on, position.period, payoff.swap(terms, position, each)) for each in set(months)}


def lock_old(number: str, customer_id: int, plan: LeasePlan, on: date) -> Order:
    """The customer's order that is to be replaced by one of `plan`, locked. As `require`, and NoOtherDevice."""
    found = Order.objects.filter(number=number, customer=customer_id).values_list("pk", flat=True).first()
    if found is None:
        raise NoOtherDevice
    order = steps.lock(found)
    require(order, on)
    require_other(order, plan)
    return order


def open(order: Order, successor: Order, shown: str | None, at: datetime) -> Ending:  # noqa: A001 - swaps.open
    """The new order is placed: at the figures `shown` of the old lease (QuoteChanged). The caller holds `order`."""
    offer = quote(order, calendar.business_date(at), successor.months)
    endings.require_shown(offer, shown)
    ending = Ending.objects.create(
        order=order, kind=Ending.Kind.SWAP, quote=offer.to_json(), successor=successor, opened_at=at
    )
    facts = {"kind": ending.kind, "quote": ending.quote, "order": successor.number}
    events.record("ending_opened", order, at=at, actor=f"customer:{order.customer_id}", facts=facts)
    events.record("swap_opened", order, at=at, actor=f"customer:{order.customer_id}", facts={"order": successor.number})
    return ending


def of(order: Order) -> Ending | None:
    """The swap that is under way, or was: of an order whose device is being replaced."""
    rows = order.endings.filter(kind=Ending.Kind.SWAP, state__in=[Ending.State.OPEN, Ending.State.DONE])
    return rows.select_related("successor").first()


def replaced_by(order: Order) -> Ending | None:
    """The swap that this order is the new device of, whatever became of it."""
    return Ending.objects.filter(successor=order).select_related("order").first()


def to_call_off(order: Order) -> int:
    """The new order of a swap that is under way. StepNotPossible."""
    found = order.endings.filter(kind=Ending.Kind.SWAP, state=Ending.State.OPEN).first()
    if found is None or found.successor_id is None:
        raise steps.StepNotPossible(state=order.get_state_display())
    return found.successor_id


def moved(order: Order) -> None:
    """This order was received, or ended without it; the order that it replaces is turned by a worker."""
    if Ending.objects.filter(successor=order, state=Ending.State.OPEN).exists():
        outbox.put("swap.moved", order_id=order.pk)


def turn_due(at: datetime) -> int:
    """Heals what a lost message left: swaps whose new order moved; how many turned."""
    waiting = Ending.objects.filter(kind=Ending.Kind.SWAP, state=Ending.State.OPEN, order__state=State.ACTIVE)
    gone = waiting.exclude(successor__received_at=None) | waiting.filter(successor__state__in=CLOSED)
    turned = 0
    for successor_id in list(gone.order_by("pk").values_list("successor_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, successor_id):
                turned += turn(successor_id, at)
        except (DomainError, DatabaseError):
            log.exception("the swap to order %s did not turn; the others go on", successor_id)
    return turned


def turn(successor_id: int, at: datetime) -> bool:
    """Look at the new order: received, the old device goes back; ended, the old lease goes on. Safe to repeat.

    Locks the old order, its ending, lease, bills, payments, ledger.
    """
    old_id = Ending.objects.filter(successor=successor_id).values_list("order", flat=True).first()
    if old_id is None:
        return False
    with transaction.atomic():
        order = steps.lock(old_id)
        rows = order.endings.select_for_update(of=("self",)).select_related("successor", "order")
        ending = rows.filter(successor=successor_id, state=Ending.State.OPEN).first()
        if ending is None or ending.successor is None or order.state != State.ACTIVE:
            return False
        if ending.successor.received_at is not None:
            _go_back(order, ending, calendar.business_date(ending.successor.received_at), at)
        elif ending.successor.state in CLOSED:
            _go_on(order, ending, at)
        else:
            return False
    return True


def _go_back(order: Order, ending: Ending, on: date, at: datetime) -> None:
    """The new device was received on day `on`: the old one's rent ends there, and it is to be sent back."""
    assert ending.successor is not None
    endings.lock_books(order)
    day_rents.stop(order, on, at)
    now = quote(order, on, ending.successor.months)
    price = min(now.payoff.price, ending.quoted.payoff.price)
    rest = now.payoff
    final = Quote(on, now.period, Payoff(price, rest.owed, rest.fees, rest.prepaid, rest.credit))
    steps.take(order, "begin_return", at=at, actor=PLATFORM, facts={"order": ending.successor.number})
    if price:
        ending.bill = extras.charge(order.lease_id, Bill.Kind.EARLY, price, on, at)
    freeing.fall_away(freeing.later(order.lease, on), at)
    costs_from = max(on + timedelta(days=SEND_WITHIN + 1), day_rents.after_the_rents(order.lease))
    ending.quote, ending.valid_until = final.to_json(), calendar.instant(costs_from)
    ending.save()
    endings.use_credit(order, at)
    until = (costs_from - timedelta(days=1)).isoformat()
    told = {"new": ending.successor.number, "day": until, "amount": str(price)}
    _tell(ending, "swap_received", told, "received", at)


def _go_on(order: Order, ending: Ending, at: datetime) -> None:
    """The new order ended without a receipt: the old lease is as it was."""
    assert ending.successor is not None
    endings.drop(ending, "lapse", PLATFORM, at)
    events.record("swap_lapsed", order, at=at, facts={"order": ending.successor.number})
    _tell(ending, "swap_lapsed", {"new": ending.successor.number}, "lapsed", at)


def _tell(ending: Ending, template: str, figures: dict[str, str], step: str, at: datetime) -> None:
    order = ending.order
    messages.inform(
        order.customer.user, template, {"order": order.number} | figures,
        step=f"ending:{ending.pk}:{step}", at=at, link=f"/leases/{order.number}/",
    )  # fmt: skip
