"""Shipping: one free unit of the right kind, a waybill of its own, nothing that is not signed (domain.md §5)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from catalog.models import DeviceUnit, StockLevel
from contracts.services import agreements
from core.services import events
from orders.models import Order, Parcel, State
from orders.services import shipping, steps
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(hours=1)
WAYBILL = "SF2000000000001"


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        of = make.customer(812)
        shipped = make.order(State.SHIPPED, of=of, months=6)
        make.plan("lan-x2")  # another model, with units of its own
        yield {"shipped": shipped.pk, "paid": make.order(State.PAID, of=of, months=6).pk}


@pytest.fixture
def paid(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["paid"])


@pytest.fixture
def shipped(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["shipped"])


def free_unit(order: Order) -> DeviceUnit:
    taken = Order.objects.exclude(unit=None).values("unit")
    found = DeviceUnit.objects.filter(merchant=order.merchant, sku=order.plan.sku).exclude(pk__in=taken).first()
    assert found is not None
    return found


def ship(order: Order, code: str, waybill: str = WAYBILL, carrier: str = "sf") -> Order:
    return shipping.ship(order.pk, "merchant:1", code, carrier, waybill, LATER)


def test_a_shipped_order_has_its_unit_its_parcel_and_fifteen_days(paid: Order) -> None:
    unit = free_unit(paid)
    level = StockLevel.objects.get(merchant=paid.merchant, sku=paid.plan.sku)
    order = ship(paid, unit.serial)
    assert (order.state, order.unit, order.shipped_at) == (State.SHIPPED, unit, LATER)
    assert order.waits_until == LATER + timedelta(days=15)
    parcel = order.parcels.get()
    assert (parcel.way, parcel.carrier, parcel.waybill, parcel.delivered_at) == (Parcel.Way.OUT, "sf", WAYBILL, None)
    after = StockLevel.objects.get(pk=level.pk)
    assert (after.reserved, after.on_hand) == (level.reserved - 1, level.on_hand - 1)
    last = events.of(order).filter(kind="transition").last()
    assert last is not None
    assert (last.target, last.actor, last.facts["unit"]) == ("SHIPPED", "merchant:1", unit.serial)
    assert walks.broken() == {}


def test_the_imei_names_the_unit_as_well(paid: Order) -> None:
    unit = free_unit(paid)
    assert unit.imei
    assert ship(paid, f" {unit.imei} ").unit == unit


def test_a_waybill_is_written_in_any_usual_way(paid: Order) -> None:
    assert ship(paid, free_unit(paid).serial, f" {WAYBILL.lower()} ").parcels.get().waybill == WAYBILL


@pytest.mark.parametrize("code", ["", "NO-SUCH-SERIAL", "other model"])
def test_a_unit_of_another_kind_is_refused(paid: Order, code: str) -> None:
    if code == "other model":
        code = DeviceUnit.objects.filter(sku__device_model__slug="lan-x2").first().serial  # type: ignore[union-attr]
    with walks.nothing_changes(), pytest.raises(shipping.UnitNotFound):
        ship(paid, code)


def test_a_retired_unit_is_refused(paid: Order) -> None:
    unit = free_unit(paid)
    DeviceUnit.objects.filter(pk=unit.pk).update(retired_at=AT)
    with walks.nothing_changes(), pytest.raises(shipping.UnitNotFound):
        ship(paid, unit.serial)


def test_a_unit_in_custody_is_refused(paid: Order, shipped: Order) -> None:
    assert shipped.unit is not None
    with walks.nothing_changes(), pytest.raises(shipping.UnitOut):
        ship(paid, shipped.unit.serial)


def test_a_used_waybill_is_refused(paid: Order, shipped: Order) -> None:
    used = shipped.parcels.get()
    with walks.nothing_changes(), pytest.raises(shipping.WaybillUsed):
        ship(paid, free_unit(paid).serial, used.waybill, used.carrier)


def test_a_waybill_used_between_check_and_writing_is_refused(
    paid: Order, shipped: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = shipped.parcels.get()
    monkeypatch.setattr(shipping, "check_waybill", lambda carrier, waybill: waybill)
    with walks.nothing_changes(), pytest.raises(shipping.WaybillUsed):
        ship(paid, free_unit(paid).serial, used.waybill, used.carrier)


@pytest.mark.parametrize(
    ("carrier", "waybill"),
    [("dhl", WAYBILL), ("sf", ""),
     ("sf", "SF12345"), ("sf", "S" * 31), ("sf", "SF 2000-000-001"), ("sf", "ＳＦ２００００００００１")],
)  # fmt: skip
def test_what_is_no_waybill_is_refused(paid: Order, carrier: str, waybill: str) -> None:
    with walks.nothing_changes(), pytest.raises(shipping.WaybillInvalid):
        ship(paid, free_unit(paid).serial, waybill, carrier)


def test_an_order_whose_agreement_is_not_signed_is_never_shipped(paid: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreements, "is_signed", lambda agreement_id: False)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        ship(paid, free_unit(paid).serial)


def test_an_order_that_is_not_paid_is_not_shipped(paid: Order, shipped: Order) -> None:
    placed = make.order(slug="q7-pro", months=6, of=make.verified())
    for order in (placed, shipped):
        with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
            ship(order, free_unit(paid).serial)


def test_delivery_starts_seven_days_for_the_receipt_once(shipped: Order) -> None:
    order = shipping.record_delivery(shipped.pk, "operator:1", LATER)
    assert order.waits_until == LATER + timedelta(days=7)
    assert order.parcels.get().delivered_at == LATER
    with walks.nothing_changes():
        shipping.record_delivery(shipped.pk, "operator:1", LATER + timedelta(days=1))


def test_what_was_not_shipped_is_not_delivered(paid: Order) -> None:
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        shipping.record_delivery(paid.pk, "operator:1", LATER)


def test_the_database_refuses_a_unit_in_two_custodies(paid: Order, shipped: Order) -> None:
    from django.db import IntegrityError, transaction

    ship(paid, free_unit(paid).serial)
    with pytest.raises(IntegrityError, match="orders_unit_in_one_custody"), transaction.atomic():
        connection.cursor().execute("UPDATE orders_order SET unit_id = %s WHERE id = %s", [shipped.unit_id, paid.pk])
