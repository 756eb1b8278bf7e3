"""The customer's pages of the ways out: figures shown are figures charged, nobody else gets in (domain.md §8)."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import Payment
from core import calendar
from orders.models import Ending, Order, State
from orders.services import buyouts
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
ON = calendar.instant(date(2026, 3, 1), 12)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT)
        make.pay_bill(order, 2, ON)
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def signed_in(order: Order) -> Client:
    client = Client()
    client.force_login(order.customer.user)
    return client


def code(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_the_lease_page_leads_to_the_figures_and_the_yes_leads_to_paying_them(order: Order) -> None:
    client = signed_in(order)
    with make.moment(ON):
        lease = client.get(f"/leases/{order.number}/").content.decode()
        assert f"/orders/{order.number}/buy/" in lease
        assert f"/orders/{order.number}/return-early/" in lease
        page = client.get(f"/orders/{order.number}/buy/").content.decode()
        assert "5,430.99" in page
        done = client.post(f"/orders/{order.number}/buy/", {"shown": code(page)})
        assert done.headers["Location"] == f"/leases/{order.number}/"
        offered = client.get(f"/leases/{order.number}/").content.decode()
        assert f'name="bill" value="{buyouts.offer_of(order).bill.number}"' in offered  # type: ignore[union-attr]
        client.post(f"/leases/{order.number}/pay/", {"bill": "901"})
        assert Payment.objects.get(state=Payment.State.OPEN).amount == Decimal("5430.99")


def test_an_offer_is_taken_back_by_its_button(order: Order) -> None:
    buyouts.open(order.pk, f"customer:{order.customer_id}", ON)
    client = signed_in(order)
    with make.moment(ON):
        address = f"/orders/{order.number}/do-not-buy/"
        assert address in client.get(f"/leases/{order.number}/").content.decode()
        assert client.get(address).status_code == 200
        client.post(address)
    assert buyouts.offer_of(order) is None
    assert walks.read(order).state == State.ACTIVE


def test_other_figures_are_refused_and_today_s_are_shown(order: Order) -> None:
    client = signed_in(order)
    with make.moment(ON):
        for name in ("buy", "return-early"):
            answer = client.post(f"/orders/{order.number}/{name}/", {"shown": "2026-02-28/2/0/1.00/0/0/0/0"})
            assert answer.status_code == 422
            assert code(answer.content.decode()).startswith("2026-03-01/2/0/")
    assert not order.endings.exists()


@pytest.mark.parametrize("name", ["buy", "do-not-buy", "return-early"])
def test_a_stranger_and_staff_do_not_get_in(order: Order, name: str) -> None:
    if name == "do-not-buy":
        buyouts.open(order.pk, f"customer:{order.customer_id}", ON)
    stranger, visitor = make.signed_up(at=ON), Client()
    client = Client()
    client.force_login(stranger.user)
    staff = Client()
    staff.force_login(make.operator())
    make.gave_second_factor(staff)
    address = f"/orders/{order.number}/{name}/"
    before = order.endings.count()
    with make.moment(ON):
        assert client.get(address).status_code == 404
        assert client.post(address, {"shown": "x"}).status_code == 404
        for other in (visitor, staff):
            assert other.post(address, {"shown": "x"}).status_code in (302, 403, 404)
    assert order.endings.count() == before
    assert not order.endings.exclude(state=Ending.State.OPEN).exists()


def test_a_yes_to_sending_it_back_early_and_a_withdrawal(order: Order) -> None:
    client = signed_in(order)
    with make.moment(ON):
        page = client.get(f"/orders/{order.number}/return-early/").content.decode()
        assert "309.00" in page
        client.post(f"/orders/{order.number}/return-early/", {"shown": code(page)})
        assert walks.read(order).state == State.RETURNING
        client.post(f"/orders/{order.number}/withdraw/")
    assert walks.read(order).state == State.ACTIVE
