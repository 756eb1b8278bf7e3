"""When a step is open, beyond the order's state: predicates of the rows of the table."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from billing.models import Bill
from billing.services import extensions, holding, overdue
from core import calendar
from orders.models import Ending, ExtensionOffer, Order, Parcel, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import (
    activations,
    aftersales,
    cancellations,
    choices,
    defects,
    demands,
    inspections,
    losses,
    photos,
    renewals,
    retrievals,
    returns,
    review_requests,
    risks,
    standstills,
    terminations,
    turned_back,
)

When = Callable[[Order, datetime], bool]


def _while_able(may: When) -> When:
    """Never after a death or a loss of legal capacity: what an estate wants is agreed with a person (ADR 38)."""

    @wraps(may)
    def may_unless_unable(order: Order, at: datetime) -> bool:
        return not is_unable(order) and may(order, at)

    return may_unless_unable


def may_cancel(order: Order, at: datetime) -> bool:
    first = cancellations.may_cancel_from(order)
    return first is None or at >= first


def may_return(order: Order, at: datetime) -> bool:
    first = returns.opens_on(order)
    return first is not None and calendar.business_date(at) >= first


@_while_able
def may_buy(order: Order, at: datetime) -> bool:
    return bool(order.lease.terms["curve"]) and _open_ending(order) is None


def has_offer(order: Order, at: datetime) -> bool:
    ending = _open_ending(order)
    return ending is not None and ending.kind == Ending.Kind.BUYOUT


@_while_able
def may_renew(order: Order, at: datetime) -> bool:
    """In the window before the end, or where a renewal is under way: its page says the rest, refusals too."""
    ending = _open_ending(order)
    if ending is not None:
        return ending.kind == Ending.Kind.RENEWAL
    first, last_day = renewals.opens_on(order), order.lease.last_day
    if first is None or last_day is None or order.lease.terms["lease_model"] == renewals.RENT_TO_OWN:
        return False
    return first <= calendar.business_date(at) <= last_day


def has_renewal(order: Order, at: datetime) -> bool:
    ending = _open_ending(order)
    return ending is not None and ending.kind == Ending.Kind.RENEWAL


@_while_able
def may_swap(order: Order, at: datetime) -> bool:
    """While the term runs and no other way out is under way; its page says the rest, refusals too."""
    ending, last_day = _open_ending(order), order.lease.last_day
    if ending is not None:
        return ending.kind == Ending.Kind.SWAP
    return not order.is_short and last_day is not None and calendar.business_date(at) <= last_day


def may_call_off_swap(order: Order, at: datetime) -> bool:
    """As long as the new order may be cancelled."""
    ending = _open_ending(order)
    if ending is None or ending.successor is None or ending.successor.state not in BEFORE_SHIPPING:
        return False
    return may_cancel(ending.successor, at)


def has_extension_offer(order: Order, at: datetime) -> bool:
    """A plan waits for the customer, or is being signed."""
    return any(one.state == ExtensionOffer.State.OPEN for one in order.extension_offers.all())


@_while_able
def may_offer_extension(order: Order, at: datetime) -> bool:
    """Something is overdue, and no plan is kept or offered: the builder says the rest."""
    on = calendar.business_date(at)
    is_late = order.received_at is not None and bool(overdue.of([order.lease_id], on))
    return is_late and not has_extension_offer(order, at) and extensions.running(order.lease_id) is None


@_while_able
def may_return_early(order: Order, at: datetime) -> bool:
    """Not in the last period, which is owed either way; its first day is the last bill's due date."""
    start = order.lease.start
    if start is None or order.is_short or _open_ending(order) is not None or choices.has_letter(order):
        return False  # after a demand letter it stands among the choices, at another price
    return calendar.business_date(at) < calendar.add_months(start, order.lease.months - 1)


def has_choice(order: Order, at: datetime) -> bool:
    """A demand letter is out and unpaid: pay, send it back or buy it."""
    return _open_ending(order) is None and choices.is_open(order, calendar.business_date(at))


def may_terminate(order: Order, at: datetime) -> bool:
    """The letter's time is over and the customer chose nothing that holds."""
    return choices.has_letter(order) and not terminations.why_not(order, calendar.business_date(at))


def may_write_off(order: Order, at: datetime) -> bool:
    """What no deposit covers; the thirty days need not be over."""
    return is_owed(order, at) and not holding.held(order.lease.deposit)


def is_waiting_for_waybill(order: Order, at: datetime) -> bool:
    """The device is with the customer, and no parcel brings it back."""
    return not any(
        parcel.turned_back_at is not None if parcel.way == Parcel.Way.OUT
        else parcel.way == Parcel.Way.BACK and parcel.void_at is None
        for parcel in order.parcels.all()
    )  # fmt: skip


def may_print_label(order: Order, at: datetime) -> bool:
    """While the customer has it to send: back, in for a repair, or found again."""
    if order.state == State.RETURNING:
        return is_waiting_for_waybill(order, at)
    return has_fault("ACCEPTED")(order, at) if order.state == State.ACTIVE else is_to_send_found(order, at)


def may_withdraw(order: Order, at: datetime) -> bool:
    """Not after a swap, nor of a device that was given up: the lease asks for no later rent any more."""
    ending = _open_ending(order)
    is_return = ending is not None and ending.kind == Ending.Kind.RETURN and ending.basis != Ending.Basis.FOUND
    return order.received_at is not None and is_return and is_waiting_for_waybill(order, at)


def may_keep(order: Order, at: datetime) -> bool:
    return turned_back.may_keep(order)


def is_with_customer(order: Order, at: datetime) -> bool:
    """On lease, and no parcel brings it back; while the lease runs there is none to ask for."""
    has = order.received_at is not None
    return has and (order.state == State.ACTIVE or is_waiting_for_waybill(order, at))


def may_return_for_estate(order: Order, at: datetime) -> bool:
    return standstills.may_open_return(order)


def is_sent_for_estate(order: Order, at: datetime) -> bool:
    return is_unable(order) and standstills.is_returning(order) and is_waiting_for_waybill(order, at)


def is_unable(order: Order) -> bool:
    """The customer died or lost legal capacity."""
    return order.customer.user.in_peace_since is not None


def is_given_up(order: Order, at: datetime) -> bool:
    return losses.given_up(order) is not None


def may_be_retrieved(order: Order, at: datetime) -> bool:
    return retrievals.is_possible(order, calendar.business_date(at))


def is_retrieved(order: Order, at: datetime) -> bool:
    return retrievals.under_way(order) is not None


def is_to_send_found(order: Order, at: datetime) -> bool:
    found = retrievals.under_way(order)
    return found is not None and found.parcel_id is None


def may_be_switched_on(order: Order, at: datetime) -> bool:
    """Received, and not known to be activated."""
    return order.received_at is not None and not activations.is_known(order)


def is_under_way(order: Order, at: datetime) -> bool:
    return order.parcels.filter(way=Parcel.Way.OUT, delivered_at=None).exists()


def is_held_and_owed(order: Order, at: datetime) -> bool:
    return is_owed(order, at) and bool(holding.held(order.lease.deposit))


def is_held(order: Order, at: datetime) -> bool:
    return demands.is_held(order)


def is_free(order: Order, at: datetime) -> bool:
    return not is_held(order, at)


def may_ship(order: Order, at: datetime) -> bool:
    return is_free(order, at) and not is_looked_at(order, at)


def is_looked_at(order: Order, at: datetime) -> bool:
    return risks.is_held(order)


def is_owed(order: Order, at: datetime) -> bool:
    return order.lease.bills.filter(state=Bill.State.OPEN).exists()


def takes_money(order: Order, at: datetime) -> bool:
    """Something is owed, or was given up: what comes of that is a recovery."""
    return order.lease.bills.filter(state__in=[Bill.State.OPEN, Bill.State.WRITTEN_OFF]).exists()


def is_unclaimed(order: Order, at: datetime) -> bool:
    return not inspections.claimed(order)


def may_claim(order: Order, at: datetime) -> bool:
    """Of a device that its customer accepted; one that came back before has no lease to be damaged in."""
    return defects.was_accepted(order) and is_unclaimed(order, at)


def is_claimed(order: Order, at: datetime) -> bool:
    return inspections.claimed(order)


def is_never_locked(order: Order, at: datetime) -> bool:
    return is_unclaimed(order, at) and getattr(order, "account_lock", None) is None


def is_inspected(order: Order, at: datetime) -> bool:
    """Whether the customer has something to read of the inspection, or to do for it."""
    if getattr(order, "inspection", None) is not None:
        return True
    return order.state == State.INSPECTING and getattr(order, "account_lock", None) is not None


def may_ask_for_a_person(order: Order, at: datetime) -> bool:
    return review_requests.may_ask(order)


def is_asked_for_a_person(order: Order, at: datetime) -> bool:
    found = review_requests.of(order)
    return found is not None and found.is_open


def may_report_fault(order: Order, at: datetime) -> bool:
    if order.is_short or aftersales.is_over(order, at) or _open_ending(order) is not None:
        return False
    return aftersales.of(order) is None


@_while_able
def may_report_broken(order: Order, at: datetime) -> bool:
    return _open_ending(order) is None and defects.may_report(order, at)


def may_show_fault(order: Order, at: datetime) -> bool:
    """Until it is sent in, or sent back for a defect."""
    if order.state == State.RETURNING:
        return defects.is_to_send(order)
    return has_fault(*photos.BEFORE_SENDING)(order, at)


def has_fault(*states: str) -> When:
    """Whether its open fault is in one of these states."""

    def look(order: Order, at: datetime) -> bool:
        fault = aftersales.of(order)
        return fault is not None and fault.state in states

    return look


def _open_ending(order: Order) -> Ending | None:
    """Asked of all its endings, so that a page that fetched them asks once."""
    return next((one for one in order.endings.all() if one.state == Ending.State.OPEN), None)
