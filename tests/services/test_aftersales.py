"""A fault within the lease: answered, mended, credited; every wait of it ends by itself; no date moves."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Refund
from billing.services import balance, statements
from catalog.models import StockLevel
from core import calendar
from orders.models import Ending, Fault, Order, State
from orders.services import aftersales, buyouts, day_rents, endings, inspections, losses, payments, returns, waits
from sandbox import visitors
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 3, 2), 10)  # a Monday
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def arrived(order: Order, remedy: str) -> datetime:
    """Reported on the first day, sent in on the second, there on the third."""
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, remedy, "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), AT + DAY)
    aftersales.arrive(order.pk, "merchant:1", AT + 2 * DAY)
    return AT + 5 * DAY


def test_a_repair_credits_the_days_on_the_next_bill_and_moves_no_date(order: Order) -> None:
    dates = list(order.lease.bills.order_by("number").values_list("due_date", flat=True))
    at = arrived(order, "REPAIR")
    with pytest.raises(aftersales.UnitNeeded):
        aftersales.send_back(order.pk, "SN1", "sf", make.waybill(), "merchant:1", at)
    aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", at)
    fault = aftersales.receive(order.pk, me(order), at + 3 * DAY)
    # sent on 3 March, back on 10 March: 7 days × 309 × 12 / 365 = 71.11
    assert (fault.state, fault.days, fault.credited) == (Fault.State.DONE, 7, Decimal("71.11"))
    assert order.lease.bills.get(number=2).reduced == Decimal("71.11")
    assert list(order.lease.bills.order_by("number").values_list("due_date", flat=True)) == dates
    assert walks.told(order, "fault_done") == 1
    assert walks.broken() == {}


def test_more_days_than_a_rent_go_on_to_the_bill_after_it(order: Order) -> None:
    at = arrived(order, "REPAIR")
    aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", at)
    fault = aftersales.receive(order.pk, me(order), AT + 41 * DAY)
    # 40 days: 406.36, of which bill 2 takes 309.00
    reduced = list(order.lease.bills.filter(reduced__gt=0).order_by("number").values_list("number", "reduced"))
    assert fault.credited == Decimal("406.36")
    assert reduced == [(2, Decimal("309.00")), (3, Decimal("97.36"))]
    assert walks.broken() == {}


def test_what_no_later_bill_takes_is_credit_and_can_be_paid_out(order: Order) -> None:
    ids = order.lease.bills.filter(number__gt=1).values_list("pk", flat=True)
    with make.moment(AT):
        paid = payments.pay_bills(order, list(ids), AT)
        visitors.pay(payments.page(paid, "http://testserver/"), make.phone_of(order.customer, AT))
    make.deliver_notices(AT)
    at = arrived(order, "REPAIR")
    aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", at)
    fault = aftersales.receive(order.pk, me(order), at + 3 * DAY)
    last = order.lease.bills.get(number=12)
    assert (fault.credited, last.reduced, last.state) == (Decimal("71.11"), Decimal("71.11"), "PAID")
    assert statements.credit_balance(order.customer) == Decimal("71.11")
    [back] = balance.pay_out(order.customer, at + 3 * DAY)
    assert back.amount == Decimal("71.11")
    assert walks.broken() == {}


def test_no_day_rent_while_it_is_away_and_the_return_window_begins_with_its_coming_back(order: Order) -> None:
    last = order.lease.last_day
    assert last is not None
    end = calendar.instant(last, 10)
    aftersales.report(order.pk, "屏幕不亮", me(order), end - 10 * DAY)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", end - 10 * DAY)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), end - 9 * DAY)
    assert day_rents.run_on(order.pk, last + 5 * DAY, end + 5 * DAY) == 0
    aftersales.arrive(order.pk, "merchant:1", end + 3 * DAY)
    aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", end + 4 * DAY)
    aftersales.receive(order.pk, me(order), end + 6 * DAY)
    found = day_rents.agreed(walks.read(order))
    assert found is not None
    assert found.first == last + 10 * DAY  # 7 March 2027, and three days to send it
    with pytest.raises(aftersales.TermPast):
        aftersales.report(order.pk, "又坏了", me(order), end + 7 * DAY)
    assert day_rents.run_on(order.pk, last + 17 * DAY, end + 17 * DAY) == Decimal("71.11")


def test_an_exchange_binds_another_unit_and_retires_the_faulty_one(order: Order) -> None:
    assert order.unit is not None
    old, on_hand = order.unit, StockLevel.objects.get(sku=order.plan.sku_id).on_hand
    at = arrived(order, "EXCHANGE")
    other = order.merchant.units.filter(sku=order.plan.sku).exclude(pk=old.pk).order_by("pk")[0]
    for code, error in (("", aftersales.UnitNeeded), (old.serial, Exception)):
        with pytest.raises(error):
            aftersales.send_back(order.pk, code, "sf", make.waybill(), "merchant:1", at)
    aftersales.send_back(order.pk, other.serial, "sf", make.waybill(), "merchant:1", at)
    order = walks.read(order)
    assert order.unit == other
    assert type(old).objects.get(pk=old.pk).retired_at == at
    assert StockLevel.objects.get(sku=order.plan.sku_id).on_hand == on_hand - 1
    waits.end_due(at + aftersales.RECEIVED_AFTER)
    assert Fault.objects.get().state == Fault.State.DONE  # received by the clock
    assert walks.broken() == {}


def test_silence_of_the_merchant_and_of_the_desk_gives_the_repair(order: Order) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    for state in (Fault.State.AT_DESK, Fault.State.ACCEPTED, Fault.State.CLOSED):
        until = Fault.objects.get().waits_until
        assert until is not None
        with walks.nothing_changes():
            waits.end_due(until - timedelta(seconds=1))
        waits.end_due(until)
        assert Fault.objects.get().state == state
    assert Fault.objects.get().remedy == "REPAIR"
    assert walks.broken() == {}
    aftersales.report(order.pk, "还是不亮", me(order), AT + 30 * DAY)  # not sent in, it may be reported again


def test_a_device_that_the_merchant_keeps_ends_the_lease_without_a_charge(order: Order) -> None:
    arrived(order, "REPAIR")
    with pytest.raises(endings.DeviceAway):
        returns.open_return(order.pk, me(order), AT + 360 * DAY)
    with pytest.raises(endings.DeviceAway):
        buyouts.open(order.pk, me(order), AT + 3 * DAY)
    with pytest.raises(losses.OnItsWay):
        losses.report(order.pk, me(order), losses.LOST, "丢了", "", AT + 3 * DAY)
    waits.end_due(AT + 2 * DAY + aftersales.AT_MERCHANT)
    order = walks.read(order)
    assert (order.state, order.endings.get().state) == (State.INSPECTING, Ending.State.OPEN)
    inspections.pass_device(
        order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=AT + 17 * DAY
    )
    assert walks.read(order).state == State.COMPLETED  # the running month was paid, nothing else is asked
    # from 3 March to 1 April: 30 days × 309 × 12 / 365 = 304.77, of the 309.00 that were paid
    assert Fault.objects.get().credited == Decimal("304.77")
    assert Refund.objects.filter(payment__customer=order.customer, amount=Decimal("304.77"), deposit=None).exists()
    assert walks.broken() == {}


def test_declined_with_a_reason_and_one_at_a_time(order: Order) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    with pytest.raises(aftersales.FaultOpen):
        aftersales.report(order.pk, "又坏了", me(order), AT)
    with pytest.raises(aftersales.FaultMoved):
        aftersales.arrive(order.pk, "merchant:1", AT)
    aftersales.decline(order.pk, "进水不保", "merchant:1", AT)
    assert (Fault.objects.get().answer, walks.told(order, "fault_declined")) == ("进水不保", 1)
    with pytest.raises(aftersales.NoFault):
        aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
