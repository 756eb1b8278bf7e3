"""Returning the device: at the end of the term, and what every return has in common once its parcel is on its way.

The carrier's first scan says when it left: the price of an early return and the last day of a day rent hang on it.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import calendar
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Order, Parcel, State
from orders.services import day_rents, early_returns, endings, shipping, steps

OPENS_DAYS_BEFORE = 30
INBOUND_WAIT = timedelta(days=15)
KEEP_WAIT = timedelta(days=7)  # a defective device whose parcel was never scanned: then it counts as kept


class ReturnTooEarly(DomainError):
    code = "return_too_early"
    message = _("You can send the device back from %(from_day)s on.")


class AlreadyOnItsWay(DomainError):
    code = "already_on_its_way"
    message = _("The parcel was handed over; the return can no longer be withdrawn.")


def opens_on(order: Order) -> date | None:
    """The first day on which a return at term may be opened; None before the lease runs."""
    return order.lease.last_day - timedelta(days=OPENS_DAYS_BEFORE) if order.lease.last_day else None


def open_return(order_id: int, actor: str, at: datetime) -> Ending:
    """The customer begins the return; every bill stays owed until its term."""
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "begin_return")
        first = opens_on(order)
        if first is None or calendar.business_date(at) < first:
            raise ReturnTooEarly(from_day=first)
        endings.require_here(order)
        steps.take(order, "begin_return", at=at, actor=actor)
        endings.require_none(order)
        return Ending.objects.create(order=order, kind=Ending.Kind.RETURN, basis=Ending.Basis.TERM, opened_at=at)


def withdraw(order_id: int, actor: str, at: datetime) -> Order:
    """Back to renting, as long as no parcel is on its way; not after a swap, whose new device is there, nor of a
    device that was given up: its later rents fell away."""
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "withdraw_return")
        ending = order.endings.select_for_update().filter(state=Ending.State.OPEN).first()
        is_return = ending is not None and ending.kind == Ending.Kind.RETURN and ending.basis != Ending.Basis.FOUND
        if order.received_at is None or ending is None or not is_return:
            raise steps.StepNotPossible(state=order.get_state_display())
        if _parcel_back(order) is not None:
            raise AlreadyOnItsWay
        steps.take(order, "withdraw_return", at=at, actor=actor)
        endings.drop(ending, "withdraw", actor, at)
    return order


def hand_over(order_id: int, actor: str, carrier: str, waybill: str, at: datetime) -> Parcel:
    """The customer says that the device is with the carrier; the carrier's first scan says when it left.

    Never scanned in 15 days it does not count as on its way; scanned and not arrived, the loss is the merchant's.
    """
    waybill = shipping.check_waybill(carrier, waybill)
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.RETURNING or _parcel_back(order) is not None or is_turned_back(order):
            raise steps.StepNotPossible(state=order.get_state_display())
        parcel = shipping.hand_parcel(order, Parcel.Way.BACK, carrier, waybill, at)
        order.waits_until = at + INBOUND_WAIT
        order.save(update_fields=["waits_until"])
        events.record("sent_back", order, at=at, actor=actor, facts={"waybill": waybill})
    return parcel


def left(order: Order, when: datetime, at: datetime) -> None:
    """The carrier has it since `when`: fix what an early return costs, end the day rent. Order locked; repeatable."""
    early_returns.prove(order, when, at)
    day_rents.stop(order, calendar.business_date(when), at)


def not_scanned(order_id: int, at: datetime) -> None:
    """A waybill that no carrier ever scanned does not count: a day rent runs on, an early return lapses."""
    with transaction.atomic():
        order = steps.lock(order_id)
        parcel = _parcel_back(order)
        over = order.state == State.RETURNING and order.waits_until is not None and order.waits_until <= at
        if not over or parcel is None or parcel.scanned_at is not None:
            return
        parcel.void_at = at
        parcel.save(update_fields=["void_at"])
        order.waits_until = None if order.received_at else at + KEEP_WAIT
        order.save(update_fields=["waits_until"])
        events.record("never_scanned", order, at=at, actor=PLATFORM, facts={"waybill": parcel.waybill})
        ending = order.endings.select_for_update().filter(state=Ending.State.OPEN).first()
        if ending is not None and ending.basis in early_returns.BEFORE_TERM:
            steps.take(order, "withdraw_return", at=at, actor=PLATFORM)
            endings.drop(ending, "lapse", PLATFORM, at)
        messages.inform(
            order.customer.user,
            "return_not_scanned",
            {"order": order.number, "waybill": parcel.waybill},
            step=f"parcel:{parcel.pk}:not-scanned",
            at=at,
            link=f"/leases/{order.number}/",
        )


def came_after_all(order: Order, parcel: Parcel, at: datetime) -> None:
    """A late first scan of a waybill that was given up: it counts again, unless another one stands. Both locked."""
    gave_up = parcel.way == Parcel.Way.BACK and parcel.void_at is not None and order.state == State.RETURNING
    if gave_up and _parcel_back(order) is None:
        parcel.void_at = None
        parcel.save(update_fields=["void_at"])
        order.waits_until = at + INBOUND_WAIT
        order.save(update_fields=["waits_until"])


def is_turned_back(order: Order) -> bool:
    """The carrier itself brings the parcel back: the customer has nothing to hand over."""
    return order.parcels.filter(way=Parcel.Way.OUT, turned_back_at__isnull=False).exists()


def _parcel_back(order: Order) -> Parcel | None:
    return order.parcels.filter(way=Parcel.Way.BACK, void_at=None).first()
