"""Finding orders and units, adding a list of units, the life of a unit, packing slips, checking an agreement."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import DeviceUnit
from core.models import Event
from orders.models import Order, Parcel, State
from tests import make

pytestmark = pytest.mark.django_db

LATER = make.AT + timedelta(hours=1)
IMEIS = ("490154203237518", "356938035643809")


def client_of(login: str = "shiguang") -> Client:
    client = Client()
    client.force_login(make.merchant_member(login))
    return client


def numbers(page: Any) -> list[str]:
    return [row["order"].number for row in page.context["listed"]]


def test_an_order_is_found_by_what_stands_on_its_parcel_device_or_paper(
    django_assert_max_num_queries: Any,
) -> None:
    order = make.order(State.SHIPPED)
    other = make.order(State.PLACED, slug="pad-11")
    assert order.unit is not None
    parcel = Parcel.objects.get(order=order)
    client, address = client_of(), reverse("portal:orders")
    with make.moment(LATER):
        client.get(address)
        for text in (order.number, order.number[-5:], parcel.waybill.lower(), order.unit.serial, order.unit.imei, "Q7"):
            with django_assert_max_num_queries(8):
                assert numbers(client.get(address, {"q": text})) == [order.number], text
        assert numbers(client.get(address, {"q": "平板"})) == [other.number]
        for garbled in ("%", "_", "'; --", "x" * 300):
            assert client.get(address, {"q": garbled}).status_code == 200
        assert numbers(client.get(address, {"q": "no such thing"})) == []
        assert numbers(client_of("qinghe").get(address, {"q": order.number})) == []
        units = client.get(reverse("portal:units"), {"place": "out"}).context["rows"]
        free = client.get(reverse("portal:units"), {"place": "free"}).context["rows"]
        life = client.get(reverse("portal:unit", args=[order.unit.pk]))
    assert units == [order.unit]
    assert order.unit not in free
    assert [entry.text for entry in life.context["log"]] == ["", order.number]
    assert client_of("qinghe").get(reverse("portal:unit", args=[order.unit.pk])).status_code == 404


def test_a_list_of_units_comes_in_whole_or_not_at_all() -> None:
    plan, client, address = make.plan(), client_of(), reverse("portal:units_add")
    count = DeviceUnit.objects.count()
    wrong = client.post(address, {"sku": plan.sku_id, "lines": f"Q7-A1, {IMEIS[0]}\n\nQ7-A2, 123\nQ7-A3"})
    assert wrong.status_code == 422
    assert len(wrong.context["form"].errors["lines"]) == 2
    assert DeviceUnit.objects.count() == count
    right = client.post(address, {"sku": plan.sku_id, "lines": f" q7-a1，{IMEIS[0]} \r\nQ7-A2\t{IMEIS[1]}\n"})
    assert right.status_code == 303
    assert set(DeviceUnit.objects.filter(serial__in=("Q7-A1", "Q7-A2")).values_list("imei", flat=True)) == set(IMEIS)
    assert Event.objects.filter(kind="unit_added", actor__startswith="merchant:").count() == 2
    assert client.get(reverse("portal:stock")).context["listed"][0]["free"] == count + 2


@pytest.mark.parametrize("lines", ["", "a b c d", "\n".join(f"SN-{n}" for n in range(201)), "x" * 20000])
def test_a_garbled_list_is_refused_at_its_field(lines: str) -> None:
    plan = make.plan()
    answer = client_of().post(reverse("portal:units_add"), {"sku": plan.sku_id, "lines": lines})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["lines"])


def test_slips_open_the_chosen_addresses_and_each_opening_is_recorded() -> None:
    order = make.order(State.PAID)
    client, address = client_of(), reverse("portal:labels")
    with make.moment(LATER):
        asked = client.get(address)
        none = client.post(address, {})
        printed = client.post(address, {"number": [order.number, "XO-FOREIGN"]})
        foreign = client_of("qinghe").post(address, {"number": order.number})
    assert make.NAME not in asked.content.decode()
    assert (none.status_code, foreign.status_code) == (303, 303)
    assert "科苑路 15 号 3 栋 1201" in printed.content.decode()
    assert "no-store" in printed["Cache-Control"]
    assert Event.objects.filter(kind="unsealed", facts__purpose="shipping").count() == 3


def test_a_unit_of_another_specification_is_named_as_what_it_is() -> None:
    order, other = make.order(State.PAID), make.plan("pad-11")
    wrong = DeviceUnit.objects.filter(sku=other.sku).first()
    assert wrong is not None
    facts = {"code": wrong.serial.lower(), "carrier": "sf", "waybill": make.waybill()}
    with make.moment(LATER):
        client, address = client_of(), reverse("portal:act", args=[order.number, "ship"])
        answer = client.post(address, facts)
        shelf = client.get(address).context["shelf"]
    assert str(other.sku) in str(answer.context["form"].errors["code"])
    assert {unit.sku_id for unit in shelf} == {order.plan.sku_id}


def test_an_agreement_is_checked_and_the_answer_stays() -> None:
    order = make.order(State.SIGNED, on_paper=True)
    assert order.agreement is not None
    client, address = client_of(), reverse("portal:agreement_check", args=[order.agreement.number])
    with make.moment(LATER):
        assert client_of("qinghe").post(address).status_code == 404
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 303
        listed = client.get(reverse("portal:agreements")).context["listed"]
    assert listed[0]["check"].facts["genuine"] is True
    assert Event.objects.get(kind="agreement_checked").subject_id == order.agreement.pk


def test_new_pages_are_for_members_only() -> None:
    order: Order = make.order(State.PLACED)
    names = ("portal:labels", "portal:units_add", "portal:stock", "portal:shop", "portal:password")
    for name in names:
        assert Client().get(reverse(name)).status_code == 302
        client = Client()
        client.force_login(order.customer.user)
        assert client.get(reverse(name)).status_code == 404
