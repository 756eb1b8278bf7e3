"""What a lost parcel or a merchant who never ships leaves behind: a retired unit, a mark in the merchant's record."""

from datetime import timedelta

import pytest

from core.services import events
from orders.models import Order, Parcel, State
from orders.services import cancellations, shipping, waits
from tests import make, walks

pytestmark = pytest.mark.django_db


def marks(order: Order) -> list[str]:
    return [event.facts["reason"] for event in events.of(order.merchant).filter(kind="marked")]


def test_who_never_ships_is_marked_and_nobody_else() -> None:
    order = make.order(State.PAID, slug="mini-4", months=3)
    assert order.waits_until is not None
    waits.end(order, order.waits_until)
    assert marks(order) == ["not_shipped"]
    other = make.order(State.PLACED, of=order.customer, slug="mini-4", months=3)
    cancellations.cancel(other.pk, f"customer:{other.customer_id}", "by_customer", make.AT)
    assert marks(order) == ["not_shipped"]
    assert walks.broken() == {}


def test_a_unit_lost_on_the_way_out_is_never_shipped_again() -> None:
    order = make.order(State.SHIPPED, slug="mini-4", months=3)
    assert order.waits_until is not None
    assert order.unit is not None
    waits.end(order, order.waits_until)
    order = Order.objects.get(pk=order.pk)
    assert (order.state, marks(order)) == (State.CANCELLED, ["lost_outbound"])
    assert order.unit is not None
    assert order.unit.retired_at is not None
    after = order.unit.retired_at + timedelta(hours=1)
    paid = make.order(State.PAID, of=order.customer, slug="mini-4", months=3, at=after)
    with pytest.raises(shipping.UnitNotFound):
        shipping.ship(paid.pk, "merchant:1", order.unit.serial, "sf", make.waybill(), after + timedelta(hours=1))
    assert walks.broken() == {}


def test_a_unit_lost_on_the_way_back_is_retired() -> None:
    order = make.order(State.RETURNING, slug="mini-4", months=3)
    back = Parcel.objects.get(order=order, way=Parcel.Way.BACK)
    make.scan(order, back.handed_over_at)
    waits.end(Order.objects.get(pk=order.pk), back.handed_over_at + timedelta(days=15))
    order = Order.objects.get(pk=order.pk)
    assert order.state == State.COMPLETED
    assert order.unit is not None
    assert order.unit.retired_at is not None
    assert walks.broken() == {}
