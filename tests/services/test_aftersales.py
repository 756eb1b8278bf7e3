"""A fault within the lease: answered, mended, credited; every wait of it ends by itself; no date moves."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Refund
from billing.services import balance, statements
from catalog.models import DeviceUnit, Sku, StockLevel
from core import calendar
from integrations.logistics import Condition, Scan, Tracking
from orders.models import Ending, Fault, Order, State
from orders.services import (
    aftersales,
    buyouts,
    day_rents,
    endings,
    exchanges,
    inspections,
    losses,
    payments,
    photos,
    returns,
    shipping,
    tracking,
    waits,
)
from sandbox import visitors
from tests import make, walks, worked
from tests.evidence import picture

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 3, 2), 10)  # a Monday
DAY = timedelta(days=1)
ROWS = worked.table("end-of-lease", "A fault within the lease: the days without the device")


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


def moment(day: str) -> datetime:
    return calendar.instant(date.fromisoformat(day), 10)


def pay_ahead(order: Order) -> None:
    """All twelve rents, on the first day."""
    ids = order.lease.bills.filter(number__gt=1).values_list("pk", flat=True)
    with make.moment(AT):
        paid = payments.pay_bills(order, list(ids), AT)
        visitors.pay(payments.page(paid, "http://testserver/"), make.phone_of(order.customer, AT))
    make.deliver_notices(AT)


def come(order: Order, taken: datetime, delivered: datetime | None) -> None:
    """The carrier tells of the newest parcel that it took it, and brought it."""
    parcel = order.parcels.order_by("-pk")[0]
    scans = [Scan(taken, "已揽收", "", Condition.COLLECTED)]
    if delivered is not None:
        scans.append(Scan(delivered, "已签收", "", Condition.DELIVERED))
    told = Tracking(parcel.carrier, parcel.waybill, scans[-1].condition, tuple(scans))
    tracking.record(parcel.pk, told, scans[-1].at)


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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['scanned']} {row['said to be there']} {row['rents']}")
def test_the_days_without_it_are_credited_as_the_page_says(order: Order, row: dict[str, str]) -> None:
    if row["rents"] == "paid ahead":
        pay_ahead(order)
    sent, said = moment(row["handed over"]), moment(row["said to be there"])
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), sent)
    if row["scanned"] != "–":
        come(order, moment(row["scanned"]), None)
    aftersales.arrive(order.pk, "merchant:1", min(sent + DAY, said))
    aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", sent)
    if row["delivered"] != "–":
        come(order, sent, moment(row["delivered"]))
    fault = aftersales.receive(order.pk, me(order), said)
    reduced = order.lease.bills.filter(reduced__gt=0).order_by("number").values_list("number", "reduced")
    told = ", ".join(f"{number}: {amount}" for number, amount in reduced)
    assert (str(fault.days), str(fault.credited), told) == (row["days"], row["credit"], row["off bills"])
    assert str(statements.credit_balance(order.customer)) == row["as credit"]
    assert walks.broken() == {}


def test_what_no_later_bill_takes_is_credit_and_can_be_paid_out(order: Order) -> None:
    pay_ahead(order)
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
    worn = Sku.objects.create(device_model=order.plan.sku.device_model, specification="旧", condition="GOOD")
    worn_unit = DeviceUnit.objects.create(merchant=order.merchant, sku=worn, serial="WORN-1", added_at=AT)
    other_specification = (worn_unit.serial, exchanges.OtherSpecification)
    for code, error in (
        ("", aftersales.UnitNeeded), ("NO-SUCH", shipping.UnitNotFound), (old.serial, exchanges.FaultyItself),
        other_specification,
    ):  # fmt: skip
        with pytest.raises(error):
            aftersales.send_back(order.pk, code, "sf", make.waybill(), "merchant:1", at)
    aftersales.send_back(order.pk, other.serial, "sf", make.waybill(), "merchant:1", at)
    order = walks.read(order)
    assert order.unit == other
    assert type(old).objects.get(pk=old.pk).retired_at == at
    assert StockLevel.objects.get(sku=order.plan.sku_id).on_hand == on_hand - 1
    come(order, at + DAY, at + 2 * DAY)
    waits.end_due(at + 2 * DAY + aftersales.RECEIVED_AFTER)
    fault = Fault.objects.get()
    # received by the clock, since the delivery on 9 March: 6 days × 309 × 12 / 365 = 60.95
    assert (fault.state, fault.days, fault.credited) == (Fault.State.DONE, 6, Decimal("60.95"))
    assert walks.broken() == {}


def test_no_exchange_is_promised_when_no_other_unit_is_there(order: Order) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    order.merchant.units.filter(sku=order.plan.sku).exclude(pk=order.unit_id or 0).update(retired_at=AT)
    with walks.nothing_changes(), pytest.raises(exchanges.NoOtherUnit):
        aftersales.accept(order.pk, "EXCHANGE", "merchant:1", AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)


def test_the_carriers_delivery_begins_the_merchants_days(order: Order) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), AT + DAY)
    come(order, AT + 2 * DAY, AT + 4 * DAY)
    fault = Fault.objects.get()
    assert (fault.state, fault.waits_until) == (Fault.State.ARRIVED, AT + 4 * DAY + aftersales.AT_MERCHANT)


def test_a_waybill_that_no_carrier_scanned_sends_nothing_in(order: Order) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), AT + DAY)
    waits.end_due(AT + DAY + aftersales.ON_ITS_WAY)
    fault = Fault.objects.get()
    assert (fault.state, fault.credited, walks.told(order, "fault_never_sent")) == (Fault.State.CLOSED, 0, 1)
    assert walks.broken() == {}


@pytest.mark.parametrize("way", ["TO_REPAIR", "FROM_REPAIR"])
def test_a_parcel_that_is_lost_on_either_way_is_the_merchants_and_another_unit_comes(order: Order, way: str) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), AT + DAY)
    come(order, AT + DAY, AT + 3 * DAY if way == "FROM_REPAIR" else None)
    at = AT + DAY
    if way == "FROM_REPAIR":
        at = AT + 6 * DAY
        aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", at)
        come(order, at, None)
    with walks.nothing_changes():
        waits.end_due(at + shipping.CARRIER_WAIT - timedelta(seconds=1))
    at += shipping.CARRIER_WAIT
    waits.end_due(at)
    fault = Fault.objects.get()
    assert (fault.state, fault.remedy, fault.lost_at) == (Fault.State.ARRIVED, "EXCHANGE", at)
    assert fault.parcels.get(way=way).void_at == at
    lost, other = order.unit, order.merchant.units.filter(sku=order.plan.sku).exclude(pk=order.unit_id or 0)[0]
    assert lost is not None
    aftersales.send_back(order.pk, other.serial, "sf", make.waybill(), "merchant:1", at + DAY)
    assert aftersales.receive(order.pk, me(order), at + 2 * DAY).state == Fault.State.DONE
    assert (walks.read(order).unit, type(lost).objects.get(pk=lost.pk).retired_at) == (other, at + DAY)
    assert walks.broken() == {}


def test_a_lost_device_that_nobody_replaces_ends_the_lease_with_nothing_to_inspect(order: Order) -> None:
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), AT + DAY)
    come(order, AT + DAY, None)
    for days in (16, 30):
        waits.end_due(AT + days * DAY)
    order = walks.read(order)
    assert (order.state, order.reason, Fault.objects.get().days) == (State.COMPLETED, "returned", 30)
    assert order.unit is not None
    assert order.unit.retired_at is not None
    assert walks.broken() == {}


def test_a_way_back_that_no_carrier_took_is_none_and_the_second_one_ends_the_lease(order: Order) -> None:
    at = arrived(order, "REPAIR")
    for state in (Fault.State.ARRIVED, Fault.State.CLOSED):
        aftersales.send_back(order.pk, "", "sf", make.waybill(), "merchant:1", at)
        at += aftersales.ON_ITS_WAY
        waits.end_due(at)
        assert Fault.objects.get().state == state
    assert walks.read(order).state == State.INSPECTING
    assert walks.broken() == {}


def test_photos_of_a_fault_are_taken_until_it_is_sent_in(order: Order) -> None:
    assert photos.open_moment(order, photos.OF_CUSTOMER) == "RECEIVED"
    aftersales.report(order.pk, "屏幕不亮", me(order), AT)
    order = walks.read(order)
    assert photos.open_moment(order, photos.OF_CUSTOMER) == "FAULTY"
    row = photos.add(order.pk, "FAULTY", "SCREEN", picture(), me(order), AT)
    assert row.fault == Fault.objects.get()
    assert photos.add(order.pk, "FAULTY", "SCREEN", picture(), me(order), AT).pk == row.pk
    arrived_at = AT + DAY
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT)
    aftersales.send_in(order.pk, "sf", make.waybill(), me(order), arrived_at)
    with walks.nothing_changes(), pytest.raises(photos.PhotoTooLate):
        photos.add(order.pk, "FAULTY", "BACK", picture(), me(order), arrived_at)


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


def told_of(order: Order, waybill: str, *conditions: Condition, at: datetime) -> None:
    """The carrier's words of one parcel, an hour apart, the last one now."""
    parcel = order.parcels.get(waybill=waybill)
    first = at - (len(conditions) - 1) * timedelta(hours=1)
    scans = tuple(Scan(first + n * timedelta(hours=1), "…", "", what) for n, what in enumerate(conditions))
    tracking.record(parcel.pk, Tracking(parcel.carrier, waybill, conditions[-1], scans), at)


def test_the_last_word_of_a_parcel_that_turned_round_leaves_the_next_one_alone(order: Order) -> None:
    at = arrived(order, "REPAIR")
    first, second = make.waybill(), make.waybill()
    aftersales.send_back(order.pk, "", "sf", first, "merchant:1", at)
    told_of(order, first, Condition.COLLECTED, Condition.TURNED_BACK, at=at + DAY)
    assert Fault.objects.get().state == Fault.State.ARRIVED
    aftersales.send_back(order.pk, "", "sf", second, "merchant:1", at + 2 * DAY)
    told_of(order, first, Condition.COLLECTED, Condition.TURNED_BACK, Condition.RETURNED, at=at + 3 * DAY)
    assert order.parcels.get(waybill=second).void_at is None
    told_of(order, second, Condition.COLLECTED, Condition.DELIVERED, at=at + 4 * DAY)
    waits.end_due(at + 4 * DAY + aftersales.RECEIVED_AFTER)
    assert Fault.objects.get().state == Fault.State.DONE
    assert walks.broken() == {}


def test_a_way_back_that_the_carrier_took_late_counts_after_all(order: Order) -> None:
    at = arrived(order, "REPAIR")
    waybill = make.waybill()
    aftersales.send_back(order.pk, "", "sf", waybill, "merchant:1", at)
    waits.end_due(at + aftersales.ON_ITS_WAY)
    assert Fault.objects.get().state == Fault.State.ARRIVED
    late = at + aftersales.ON_ITS_WAY + DAY
    told_of(order, waybill, Condition.COLLECTED, at=late)
    assert Fault.objects.get().state == Fault.State.BACK
    told_of(order, waybill, Condition.COLLECTED, Condition.DELIVERED, at=late + DAY)
    assert aftersales.receive(order.pk, me(order), late + 2 * DAY).state == Fault.State.DONE
    assert walks.broken() == {}


def test_the_unit_of_an_exchange_whose_parcel_turned_round_is_sent_again(order: Order) -> None:
    at = arrived(order, "EXCHANGE")
    other = order.merchant.units.filter(sku=order.plan.sku).exclude(pk=order.unit_id or 0)[0]
    lent = StockLevel.objects.get(merchant=order.merchant, sku=order.plan.sku)
    first = make.waybill()
    aftersales.send_back(order.pk, other.serial, "sf", first, "merchant:1", at)
    told_of(order, first, Condition.COLLECTED, Condition.TURNED_BACK, at=at + DAY)
    stock_once = StockLevel.objects.get(pk=lent.pk)
    aftersales.send_back(order.pk, other.serial.lower(), "sf", make.waybill(), "merchant:1", at + 2 * DAY)
    assert aftersales.receive(order.pk, me(order), at + 3 * DAY).new_unit == other
    after = StockLevel.objects.get(pk=lent.pk)
    assert (after.on_hand, after.reserved) == (stock_once.on_hand, stock_once.reserved)
    other.refresh_from_db()
    assert other.retired_at is None
    assert walks.broken() == {}
