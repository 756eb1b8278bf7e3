"""Buying the device on any day: an offer that holds until midnight, paid like a bill (domain.md §8).

The offer is one extra bill of price k. What is owed of earlier periods stays on its own bills; what was paid for later
ones counts when it is paid, and so does the credit balance, at once. With the last of it title passes, in the
transaction of the money. Unpaid at midnight it lapses, and nothing has changed.
"""

import logging
from datetime import date, datetime
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.rules import payoff
from billing.rules.terms import LeaseTerms
from billing.services import extras, freeing, payoffs, statements
from core import calendar, money, running
from core.errors import DomainError
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Order, State
from orders.rules.quotes import Quote
from orders.services import addenda, day_rents, endings, settlements, steps

RENT_TO_OWN = "RENT_TO_OWN"
MOST = 200
log = logging.getLogger(__name__)


class NotForSale(DomainError):
    code = "not_for_sale"
    message = _("This lease gives no right to buy the device.")


class BeingPaid(DomainError):
    code = "being_paid"
    message = _("A payment for it is under way. Please wait for its outcome.")


def quote(order: Order, on: date) -> Quote:
    """What owning it from day `on` on costs. NotForSale."""
    terms = LeaseTerms.from_json(order.lease.terms)
    if not terms.curve:
        raise NotForSale
    position = payoffs.position(statements.statement(order.lease, on), on)
    return Quote(on, position.period, payoff.buyout(terms, position))


def open(order_id: int, actor: str, at: datetime, shown: str | None = None) -> Ending:  # noqa: A001 - buyouts.open
    """The offer of this day, at the figures `shown`. What is covered already passes title at once.

    StepNotPossible, EndingOpen, NotForSale, QuoteChanged; AttemptOpen while one of its bills is being paid. Locks
    order, lease, bills, payments, ledger.
    """
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "pass_title")
        endings.require_none(order)
        endings.require_here(order)
        endings.require_quiet(order)
        offer = quote(order, on)
        endings.require_shown(offer, shown)
        ending = _open(order, offer, actor, at)
        endings.use_credit(order, at)
        _finish_if_paid(order, ending, at)
    return ending


def withdraw(order_id: int, actor: str, at: datetime) -> None:
    """The customer thinks again. StepNotPossible without an offer, BeingPaid."""
    with transaction.atomic():
        order = steps.lock(order_id)
        ending = offer_of(order)
        if ending is None:
            raise steps.StepNotPossible(state=order.get_state_display())
        _require_not_being_paid(ending)
        endings.drop(ending, "withdraw", actor, at)


def offer_of(order: Order) -> Ending | None:
    """The offer that is open."""
    return order.endings.filter(kind=Ending.Kind.BUYOUT, state=Ending.State.OPEN).select_related("bill").first()


def bills_of(order: Order, ending: Ending) -> list[int]:
    """What one pays: the offer's bill and all that is owed up to its day."""
    on = ending.quoted.on
    due = order.lease.bills.filter(Q(due_date__lte=on) | Q(kind=Bill.Kind.PART), state=Bill.State.OPEN)
    return list(due.order_by("number").values_list("pk", flat=True))


def remaining(order: Order, ending: Ending) -> Decimal:
    """What is still to be paid of the offer, at the late fees of its day."""
    on = ending.quoted.on
    asked, prepaid = [money.ZERO], [money.ZERO]
    for view in statements.statement(order.lease, on):
        bill = view.bill
        if bill.state == Bill.State.VOID or bill.due_date is None:
            continue
        if bill.is_extra or bill.due_date <= on:
            asked.append(view.owed_now)
        else:
            prepaid.append(bill.paid)
    return max(money.ZERO, money.total(asked) - money.total(prepaid))


def after_money(order: Order, at: datetime) -> bool:
    """Whether title passed now: the offer is paid, or the last rent of a lease that ends in owning, or day rent up to
    the last buyout price. Order locked.

    Who paid all rents ahead bought at the price of the period that runs: what he paid above it goes back.
    """
    if order.state != State.ACTIVE or endings.is_away(order):  # title passes to who has it; the day-end looks again
        return False
    ending = endings.under_way(order)
    if ending is not None:
        return ending.kind == Ending.Kind.BUYOUT and _finish_if_paid(order, ending, at)
    on = calendar.business_date(at)
    ends_in_owning = order.lease.terms["lease_model"] == RENT_TO_OWN or day_rents.is_bought(order, on)
    if not ends_in_owning or order.lease.bills.filter(state=Bill.State.OPEN).exists():
        return False
    return _finish_if_paid(order, _open(order, quote(order, on), PLATFORM, at), at)


def look(order_id: int, at: datetime) -> bool:
    """As `after_money`, for what came by another way: the day-end, a use of the credit balance."""
    with transaction.atomic():
        return after_money(steps.lock(order_id), at)


def to_look() -> list[int]:
    """Leases that end in owning and have no open bill."""
    active = Order.objects.filter(state=State.ACTIVE, lease__terms__lease_model=RENT_TO_OWN)
    owing = Bill.objects.filter(state=Bill.State.OPEN).values("lease")
    return list(active.exclude(lease__in=owing).order_by("pk").values_list("pk", flat=True))


def lapse_due(at: datetime) -> int:
    """Offers whose day is over; how many lapsed. One that is being paid waits for the outcome."""
    over = Ending.objects.filter(kind=Ending.Kind.BUYOUT, state=Ending.State.OPEN, valid_until__lte=at)
    lapsed = 0
    for order_id in list(over.order_by("valid_until").values_list("order_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, order_id):
                lapsed += _lapse(order_id, at)
        except (DomainError, DatabaseError):
            log.exception("the offer of order %s did not lapse; the others go on", order_id)
    return lapsed


def _open(order: Order, offer: Quote, actor: str, at: datetime) -> Ending:
    price = offer.payoff.price
    bill = extras.charge(order.lease_id, Bill.Kind.BUYOUT, price, offer.on, at) if price else None
    return endings.open(order, Ending.Kind.BUYOUT, offer, actor, at, bill=bill, valid_until=endings.midnight(at))


def _lapse(order_id: int, at: datetime) -> bool:
    with transaction.atomic():
        order = steps.lock(order_id)
        ending = offer_of(order)
        if ending is None or ending.valid_until is None or ending.valid_until > at or _is_being_paid(ending):
            return False
        endings.drop(ending, "lapse", PLATFORM, at)
        tell(order, "buyout_lapsed", {"order": order.number}, f"ending:{ending.pk}:lapsed", at)
    return True


def _is_being_paid(ending: Ending) -> bool:
    due = ending.order.lease.bills.filter(due_date__lte=ending.quoted.on, payment_items__open=True)
    return bool(due.exists())


def _require_not_being_paid(ending: Ending) -> None:
    if _is_being_paid(ending):
        raise BeingPaid


def _finish_if_paid(order: Order, ending: Ending, at: datetime) -> bool:
    if remaining(order, ending):
        return False
    figures = ending.quoted
    steps.take(order, "pass_title", at=at, actor=PLATFORM, facts={"price": str(figures.payoff.price)})
    freeing.fall_away(freeing.later(order.lease, figures.on), at)
    endings.use_credit(order, at)
    ending.paper = addenda.draft_title(order, figures.payoff.price, at)
    ending.finish(at)
    ending.save()
    tell(order, "title_passed", {"order": order.number}, f"ending:{ending.pk}:title", at)
    settlements.settle_locked(order, at)
    return True


def tell(order: Order, template: str, figures: dict[str, str], step: str, at: datetime) -> None:
    messages.inform(order.customer.user, template, figures, step=step, at=at, link=f"/leases/{order.number}/")
