"""When a step is open, beyond the order's state: predicates of the rows of the table."""

from datetime import datetime

from billing.models import Bill
from billing.services import holding
from core import calendar
from orders.models import Order, Parcel
from orders.services import cancellations, demands, returns, review_requests, risks


def may_cancel(order: Order, at: datetime) -> bool:
    first = cancellations.may_cancel_from(order)
    return first is None or at >= first


def may_return(order: Order, at: datetime) -> bool:
    first = returns.opens_on(order)
    return first is not None and calendar.business_date(at) >= first


def is_waiting_for_waybill(order: Order, at: datetime) -> bool:
    return not order.parcels.filter(way=Parcel.Way.BACK, void_at=None).exists()


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


def may_ask_for_a_person(order: Order, at: datetime) -> bool:
    return review_requests.may_ask(order)


def is_asked_for_a_person(order: Order, at: datetime) -> bool:
    found = review_requests.of(order)
    return found is not None and found.is_open
