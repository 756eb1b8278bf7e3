"""A faulty device that is handed over after the clock closed its report: the report goes on, or the next one has it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core import calendar
from integrations.logistics import Condition, Scan, Tracking
from orders.models import Fault, Order, Parcel, State
from orders.services import aftersales, returns, shipping, tracking, waits
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 3, 2), 10)
DAY = timedelta(days=1)
CLOSED = AT + aftersales.ON_ITS_WAY


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def closed(order: Order) -> tuple[Fault, Parcel]:
    """A waybill was typed, and for fifteen days no carrier took the parcel."""
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), AT)
    waits.end_due(CLOSED)
    fault = Fault.objects.get(order=order)
    assert fault.state == Fault.State.CLOSED
    return fault, fault.parcels.get()


def read(fault: Fault) -> Fault:
    return Fault.objects.get(pk=fault.pk)


def tell(parcel: Parcel, at: datetime, *conditions: Condition) -> None:
    scans = tuple(Scan(at, "…", "", what) for what in conditions)
    tracking.record(parcel.pk, Tracking(parcel.carrier, parcel.waybill, conditions[-1], scans), at)


def test_a_parcel_that_a_carrier_takes_late_takes_its_closed_report_up_again(order: Order) -> None:
    fault, parcel = closed(order)
    taken = CLOSED + 3 * DAY
    assert parcel.pk in tracking.to_ask(taken)
    tell(parcel, taken, Condition.COLLECTED)
    fault = read(fault)
    assert (fault.state, fault.sent_at, fault.closed_at) == (Fault.State.SENT, taken, None)
    assert fault.waits_until == taken + shipping.CARRIER_WAIT
    assert walks.told(order, "fault_resumed") == 1
    tell(parcel, taken + DAY, Condition.DELIVERED)
    aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", taken + 2 * DAY)
    assert aftersales.receive(order.pk, me(order), taken + 4 * DAY).days == 4
    assert walks.broken() == {}


def test_taken_late_and_then_lost_it_is_the_merchants_as_ever(order: Order) -> None:
    fault, parcel = closed(order)
    tell(parcel, CLOSED + 3 * DAY, Condition.COLLECTED)
    waits.end_due(CLOSED + 3 * DAY + shipping.CARRIER_WAIT)
    fault = read(fault)
    assert (fault.state, fault.lost_at) == (Fault.State.ARRIVED, CLOSED + 3 * DAY + shipping.CARRIER_WAIT)
    assert walks.broken() == {}


def test_taken_much_later_it_wants_a_new_report_that_may_use_the_same_waybill(order: Order) -> None:
    fault, parcel = closed(order)
    late = CLOSED + aftersales.COMES_LATE
    assert parcel.pk not in tracking.to_ask(late)
    tell(parcel, late, Condition.COLLECTED, Condition.DELIVERED)
    fault = read(fault)
    assert fault.state == Fault.State.CLOSED
    aftersales.report(order.pk, "还是不亮", me(order), late + DAY)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", late + DAY)
    newer = aftersales.send_in(order.pk, "sf", parcel.waybill.lower(), me(order), late + 2 * DAY)
    assert (newer.state, newer.sent_at) == (Fault.State.ARRIVED, late)
    assert newer.parcels.get() == parcel
    assert walks.broken() == {}


def test_a_new_report_may_use_the_waybill_that_no_carrier_took_and_waits_anew(order: Order) -> None:
    _, parcel = closed(order)
    again = CLOSED + DAY
    aftersales.report(order.pk, "还是不亮", me(order), again)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", again)
    newer = aftersales.send_in(order.pk, "sf", parcel.waybill, me(order), again)
    parcel.refresh_from_db()
    assert (parcel.fault, parcel.void_at, parcel.handed_over_at) == (newer, None, again)
    waits.end_due(again + aftersales.ON_ITS_WAY)
    newer = read(newer)
    assert newer.state == Fault.State.CLOSED  # and the clock ends this one as it ended the first


@pytest.mark.parametrize("is_accepted", [False, True])
def test_a_parcel_that_comes_late_belongs_to_the_newer_report(order: Order, is_accepted: bool) -> None:
    fault, parcel = closed(order)
    newer = aftersales.report(order.pk, "还是不亮", me(order), CLOSED + DAY)
    if is_accepted:
        aftersales.accept(order.pk, "REPAIR", "merchant:1", CLOSED + DAY)
    tell(parcel, CLOSED + 2 * DAY, Condition.COLLECTED)
    newer = read(newer)
    fault = read(fault)
    assert (newer.state, newer.remedy, fault.state) == (Fault.State.SENT, "REPAIR", Fault.State.CLOSED)
    assert newer.parcels.get() == parcel
    assert walks.broken() == {}


def test_nobody_else_and_no_other_way_uses_the_waybill_of_a_closed_report(order: Order) -> None:
    _, parcel = closed(order)
    other = make.order(State.ACTIVE, of=make.customer(731, at=AT), slug="q7-pro", months=12, at=AT)
    aftersales.report(other.pk, "屏幕不亮", me(other), CLOSED)
    aftersales.accept(other.pk, "REPAIR", "merchant:1", CLOSED)
    with walks.nothing_changes(), pytest.raises(shipping.WaybillUsed):
        aftersales.send_in(other.pk, "sf", parcel.waybill, me(other), CLOSED)
    with walks.nothing_changes(), pytest.raises(shipping.WaybillUsed):
        shipping.hand_parcel(other, Parcel.Way.OUT, "sf", parcel.waybill, CLOSED)


def test_while_the_customer_goes_another_way_a_late_scan_takes_nothing_up(order: Order) -> None:
    fault, parcel = closed(order)
    first = returns.opens_on(order)
    assert first is not None
    Fault.objects.filter(pk=fault.pk).update(closed_at=calendar.instant(first, 10))
    returns.open_return(order.pk, me(order), calendar.instant(first, 10))
    tell(parcel, calendar.instant(first, 10) + DAY, Condition.COLLECTED)
    fault = read(fault)
    assert fault.state == Fault.State.CLOSED
