"""The list of what is ordered together: kept in a cookie and the address, one table, one yes (capability D3)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from catalog.models import LeasePlan
from orders.models import Checkout, Order
from storefront.views import chosen
from tests import make, walks

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        of = make.customer(726)
        make.address(of)
        yield {"of": of.pk, "q7": make.plan().pk, "x2": make.plan("lan-x2").pk}


@pytest.fixture
def client(stage: dict[str, int]) -> Client:
    made = Client()
    made.force_login(Customer.objects.get(pk=stage["of"]).user)
    return made


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with make.moment(make.AT):
        yield


def add(client: Client, picked: str) -> str:
    answer = client.get(f"/basket/?add={picked}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(address|digest|request_key)" value="([^"]+)"', page))


def action(page: str) -> str:
    found = re.search(r'id="order" action="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_two_devices_are_added_shown_and_ordered_with_one_press(client: Client, stage: dict[str, int]) -> None:
    device = client.get(f"/devices/{stage['q7']}/?months=12").content.decode()
    assert f"/basket/?add={stage['q7']}.12" in device
    add(client, f"{stage['q7']}.12")
    page = add(client, f"{stage['x2']}.12")
    assert page.count('class="cost-table"') == 3  # all together, and each
    answer = client.post(action(page), fields(page))
    placed = Checkout.objects.get()
    assert answer.headers["Location"] == f"/checkouts/{placed.number}/"
    assert placed.orders.count() == 2
    assert client.cookies[chosen.LIST].value == ""
    listed = client.get(f"/checkouts/{placed.number}/").content.decode()
    for order in placed.orders.all():
        assert f"/orders/{order.number}/" in listed
    assert f"/checkouts/{placed.number}/" in client.get(f"/orders/{order.number}/").content.decode()


def test_the_way_to_one_device_is_as_short_as_before(client: Client, stage: dict[str, int]) -> None:
    device = client.get(f"/devices/{stage['q7']}/?months=12").content.decode()
    assert f'href="/checkout/{stage["q7"]}/?months=12"' in device
    page = client.get(f"/checkout/{stage['q7']}/?months=12").content.decode()
    assert client.post(f"/checkout/{stage['q7']}/?months=12", fields(page)).status_code == 303
    order = Order.objects.get()
    assert "/checkouts/" not in client.get(f"/orders/{order.number}/").content.decode()


def test_changed_figures_come_back_and_nothing_is_ordered(client: Client, stage: dict[str, int]) -> None:
    add(client, f"{stage['q7']}.12")
    page = add(client, f"{stage['x2']}.12")
    answer = client.post(action(page), fields(page) | {"digest": "0" * 32})
    assert answer.status_code == 422
    assert not Order.objects.exists()
    assert client.post(action(page), fields(page) | {"digest": ""}).status_code == 422


def test_a_visitor_sees_every_amount_and_signs_in_on_the_way(stage: dict[str, int]) -> None:
    visitor = Client()
    page = add(visitor, f"{stage['q7']}.12")
    assert "5,699.05" in page
    assert "/sign-in/?next=/basket/" in page
    assert visitor.post(action(page), {}).status_code == 302
    # and his other pages know of it: they are no longer the ones kept for everybody
    assert 'href="/basket/"' in visitor.get("/devices/").content.decode()
    assert 'href="/basket/"' not in Client().get("/devices/").content.decode()


def test_a_line_is_taken_off_and_an_empty_list_is_forgotten(client: Client, stage: dict[str, int]) -> None:
    page = add(client, f"{stage['q7']}.12")
    off = re.search(r'href="(/basket/\?line=)"', page)
    assert off is not None
    assert client.get(off[1]).status_code == 200
    assert client.cookies[chosen.LIST].value == ""
    assert client.get("/basket/").headers["Location"] == "/basket/?line="


def test_the_list_leads_back_from_the_proofs(client: Client, stage: dict[str, int]) -> None:
    add(client, f"{stage['q7']}.12")
    assert f"/basket/?line={stage['q7']}.12" in client.get("/my/credit/").content.decode()


@pytest.mark.parametrize("typed", ["", "x", "1", "999999.12", "{q7}.99", "{q7}.2026-12-01.2026-12-03"])
def test_a_line_that_is_not_offered_is_said_and_left_out(client: Client, stage: dict[str, int], typed: str) -> None:
    answer = client.get(f"/basket/?line={typed.format(**stage)}")
    assert answer.status_code == 200
    assert "cost-table" not in answer.content.decode()


def test_no_more_devices_than_orders_one_may_have(client: Client, stage: dict[str, int]) -> None:
    for _ in range(7):
        page = add(client, f"{stage['q7']}.12")
    assert page.count('class="cost-table"') == 1 + 5
    assert client.get("/basket/?" + f"line={stage['q7']}.12&" * 9).content.decode().count("cost-table") == 1 + 5


def test_a_stranger_finds_no_checkout_of_others(client: Client, stage: dict[str, int]) -> None:
    page = add(client, f"{stage['q7']}.12")
    client.post(action(page), fields(page))
    stranger = Client()
    assert stranger.get(f"/checkouts/{Checkout.objects.get().number}/").status_code == 302
    stranger.force_login(make.customer(726).user)
    assert stranger.get(f"/checkouts/{Checkout.objects.get().number}/").status_code == 404


def test_another_customers_address_is_not_used(client: Client, stage: dict[str, int]) -> None:
    other = make.address(make.customer(726))
    page = add(client, f"{stage['q7']}.12")
    assert client.post(action(page), fields(page) | {"address": str(other.pk)}).status_code == 404
    assert not Order.objects.exists()
    assert LeasePlan.objects.filter(pk=stage["q7"]).exists()
