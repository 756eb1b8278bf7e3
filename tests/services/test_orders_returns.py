"""From the receipt to the settlement: start, return, withdrawal, inspection, dues (domain.md §5, §8)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill, Deposit, Lease
from catalog.models import StockLevel
from catalog.services import stock
from core import calendar
from core.services import events
from credit.models import Hold
from orders.models import Ending, Inspection, Order, Parcel, State
from orders.services import inspections, receipts, returns, settlements, shipping, steps
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)  # three months from 31 January: clamped in February
LATER = AT + timedelta(hours=1)
LAST_DAY = date(2026, 4, 29)  # 30 April, the third month's clamped end, less a day
OPENS = date(2026, 3, 30)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """One order on its way, one on lease with bill 1 paid, one on lease with every bill paid."""
    with walks.kept(django_db_blocker):
        of = make.customer(812, at=AT)
        shipped = make.order(State.SHIPPED, of=of, slug="mini-4", months=3, at=AT)
        owing = make.order(State.ACTIVE, of=of, slug="mini-4", months=3, at=AT)
        paid_up = make.order(State.ACTIVE, of=make.customer(None, at=AT), slug="mini-4", months=3, at=AT)
        for number in (2, 3):
            make.pay_bill(paid_up, number, LATER)
        yield {"shipped": shipped.pk, "owing": owing.pk, "paid_up": paid_up.pk}


@pytest.fixture
def shipped(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["shipped"])


@pytest.fixture
def owing(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["owing"])


@pytest.fixture
def paid_up(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["paid_up"])


def customer(order: Order) -> str:
    return f"customer:{order.customer_id}"


def noon(on: date) -> Any:
    return calendar.instant(on, 12)


def sent_back(order: Order, on: date = LAST_DAY) -> Order:
    returns.open_return(order.pk, customer(order), noon(on))
    returns.hand_over(order.pk, customer(order), "sf", make.waybill(), noon(on))
    return walks.read(order)


def arrived(order: Order, on: date = LAST_DAY) -> Order:
    sent_back(order, on)
    return inspections.arrive(order.pk, "merchant:1", noon(on) + timedelta(hours=1))


def passed(order: Order, on: date = LAST_DAY) -> Order:
    arrived(order, on)
    inspections.pass_device(
        order.pk,
        make.merchant_member("qinghe"),
        serial_matches=True,
        wiped=True,
        note="ok",
        at=noon(on) + timedelta(hours=2),
    )
    return walks.read(order)


# receipt


def test_the_receipt_starts_the_lease_and_sets_every_due_date_from_the_day_of_receipt(shipped: Order) -> None:
    on = date(2026, 1, 31)
    order = receipts.confirm(shipped.pk, customer(shipped), LATER)
    lease = Lease.objects.get(pk=order.lease_id)
    assert (order.state, order.received_at, order.waits_until) == (State.ACTIVE, LATER, None)
    assert (lease.state, lease.start, lease.last_day) == (Lease.State.LIVE, on, LAST_DAY)
    assert [bill.due_date for bill in lease.bills.all()] == [on, date(2026, 2, 28), date(2026, 3, 31)]
    assert order.parcels.get().delivered_at == LATER
    assert walks.broken() == {}


def test_a_receipt_after_midnight_in_shanghai_starts_the_lease_on_that_day(shipped: Order) -> None:
    receipts.confirm(shipped.pk, customer(shipped), calendar.instant(date(2026, 2, 3), 0, 5))  # still 2 Feb in UTC
    assert Lease.objects.get(pk=shipped.lease_id).start == date(2026, 2, 3)


def test_a_receipt_is_confirmed_once(shipped: Order) -> None:
    receipts.confirm(shipped.pk, customer(shipped), LATER)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        receipts.confirm(shipped.pk, customer(shipped), LATER + timedelta(days=3))
    with walks.nothing_changes():
        receipts.confirm_by_time(shipped.pk, LATER + timedelta(days=30))


# return


def test_a_return_opens_thirty_days_before_the_last_day(owing: Order) -> None:
    with walks.nothing_changes(), pytest.raises(returns.ReturnTooEarly):
        returns.open_return(owing.pk, customer(owing), noon(OPENS - timedelta(days=1)))
    ending = returns.open_return(owing.pk, customer(owing), noon(OPENS))
    assert (ending.kind, ending.state) == (Ending.Kind.RETURN, Ending.State.OPEN)
    assert (walks.read(owing).state, walks.read(owing).waits_until) == (State.RETURNING, None)


def test_what_is_not_on_lease_is_not_returned(shipped: Order) -> None:
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        returns.open_return(shipped.pk, customer(shipped), noon(LAST_DAY))


def test_a_return_is_withdrawn_while_no_parcel_is_on_its_way_and_may_be_opened_again(owing: Order) -> None:
    returns.open_return(owing.pk, customer(owing), noon(OPENS))
    returns.withdraw(owing.pk, customer(owing), noon(OPENS))
    assert walks.read(owing).state == State.ACTIVE
    assert [ending.state for ending in owing.endings.all()] == [Ending.State.WITHDRAWN]
    returns.open_return(owing.pk, customer(owing), noon(LAST_DAY))
    assert sorted(ending.state for ending in owing.endings.all()) == ["OPEN", "WITHDRAWN"]
    assert walks.broken() == {}


def test_a_handed_over_return_is_not_withdrawn(owing: Order) -> None:
    sent_back(owing)
    with walks.nothing_changes(), pytest.raises(returns.AlreadyOnItsWay):
        returns.withdraw(owing.pk, customer(owing), noon(LAST_DAY))


def test_handing_over_starts_fifteen_days_once(owing: Order) -> None:
    order = sent_back(owing)
    assert order.waits_until == noon(LAST_DAY) + timedelta(days=15)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        returns.hand_over(owing.pk, customer(owing), "sf", make.waybill(), noon(LAST_DAY))


def test_the_parcel_that_came_does_not_go_back_under_its_old_waybill(owing: Order) -> None:
    returns.open_return(owing.pk, customer(owing), noon(OPENS))
    out = owing.parcels.get(way=Parcel.Way.OUT)
    with walks.nothing_changes(), pytest.raises(shipping.WaybillUsed):
        returns.hand_over(owing.pk, customer(owing), out.carrier, out.waybill, noon(OPENS))


@pytest.mark.parametrize("verb", ["withdraw", "hand_over", "arrive", "pass"])
def test_nothing_of_a_return_happens_to_an_order_on_lease(owing: Order, verb: str) -> None:
    at = noon(LAST_DAY)
    runs: dict[str, Callable[[], Any]] = {
        "withdraw": lambda: returns.withdraw(owing.pk, customer(owing), at),
        "hand_over": lambda: returns.hand_over(owing.pk, customer(owing), "sf", make.waybill(), at),
        "arrive": lambda: inspections.arrive(owing.pk, "merchant:1", at),
        "pass": lambda: inspections.pass_device(
            owing.pk, make.operator(), serial_matches=True, wiped=True, note="", at=at
        ),
    }
    make.operator()
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        runs[verb]()


# inspection


def test_an_arrived_parcel_is_inspected_until_the_end_of_the_third_working_day(owing: Order) -> None:
    order = arrived(owing)
    assert order.state == State.INSPECTING
    # Wednesday 29 April: Thursday, Friday, Monday 4 May (weekdays; the holidays' table is empty here)
    assert order.waits_until == calendar.instant(date(2026, 5, 4), 23, 59)
    back = order.parcels.get(way=Parcel.Way.BACK)
    assert back.delivered_at == noon(LAST_DAY) + timedelta(hours=1)


def test_a_passed_device_is_back_on_the_shelf_and_its_report_is_kept(paid_up: Order) -> None:
    level = StockLevel.objects.get(merchant=paid_up.merchant, sku=paid_up.plan.sku)
    order = passed(paid_up)
    assert StockLevel.objects.get(pk=level.pk).on_hand == level.on_hand + 1
    assert (order.inspection.result, order.inspection.note) == (Inspection.Result.PASSED, "ok")
    assert order.endings.get().state == Ending.State.DONE
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        inspections.pass_device(
            order.pk, make.merchant_member("qinghe"), serial_matches=True, wiped=True, note="", at=noon(LAST_DAY)
        )


def test_the_unit_that_came_back_may_go_out_again(paid_up: Order) -> None:
    order = passed(paid_up)
    assert order.unit is not None
    again = make.order(State.PAID, slug="mini-4", months=3, at=noon(date(2026, 5, 6)), of=make.customer(812, at=AT))
    shipping.ship(again.pk, "merchant:1", order.unit.serial, "sf", make.waybill(), noon(date(2026, 5, 7)))
    assert walks.broken() == {}


# settlement


def test_a_lease_without_dues_is_completed_and_everything_comes_back(paid_up: Order) -> None:
    order = passed(paid_up)
    assert (order.state, order.reason, order.waits_until) == (State.COMPLETED, "returned", None)
    assert order.lease.state == Lease.State.CLOSED
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.RELEASING
    make.drain(noon(LAST_DAY) + timedelta(hours=3))
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.RELEASED
    assert walks.told(order, "order_completed") == 1
    steps_taken = [event.target for event in events.of(order).filter(kind="transition")][-4:]
    assert steps_taken == ["RETURNING", "INSPECTING", "SETTLING", "COMPLETED"]
    assert walks.broken() == {}


def test_unpaid_bills_keep_deposit_and_quota_until_they_are_paid(owing: Order) -> None:
    order = passed(owing)
    hold = Hold.objects.get(order_number=order.number)
    assert (order.state, hold.state) == (State.SETTLING, Hold.State.HELD)
    at = noon(LAST_DAY) + timedelta(hours=3)
    with walks.nothing_changes():
        assert settlements.settle(order.pk, at) is False
    make.pay_bill(order, 2, at)
    assert walks.read(order).state == State.SETTLING
    make.pay_bill(order, 3, at)
    order = walks.read(order)
    assert (order.state, order.lease.state) == (State.COMPLETED, Lease.State.CLOSED)
    assert Hold.objects.get(pk=hold.pk).state == Hold.State.RELEASED
    with walks.nothing_changes():
        assert settlements.settle(order.pk, at) is True
    assert walks.broken() == {}


def test_a_device_that_is_back_before_the_last_period_still_owes_it(owing: Order) -> None:
    """The return opens on 30 March, the third bill is due on 31 March: sending it back on the 30th saves no rent."""
    make.pay_bill(owing, 2, noon(date(2026, 2, 28)))
    order = passed(owing, OPENS)
    assert settlements.owed(order, OPENS) == Decimal("431.00")
    assert order.state == State.SETTLING
    assert Bill.objects.get(lease=order.lease, number=3).state == Bill.State.OPEN
    make.pay_bill(order, 3, noon(OPENS) + timedelta(hours=3))
    assert walks.read(order).state == State.COMPLETED
    assert walks.broken() == {}


def test_a_parcel_lost_inbound_is_the_merchants_risk(paid_up: Order) -> None:
    order = sent_back(paid_up)
    free = stock.available(order.merchant_id, order.plan.sku_id)
    assert order.waits_until is not None
    with walks.nothing_changes():
        inspections.lose_inbound(order.pk, order.waits_until - timedelta(seconds=1))
    inspections.lose_inbound(order.pk, order.waits_until)
    assert walks.read(order).state == State.COMPLETED
    assert stock.available(order.merchant_id, order.plan.sku_id) == free
    assert walks.broken() == {}
