"""The customer's way from a lease to another device: prices before the yes, one checkout; nobody else gets in."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from core import calendar
from orders.models import Ending, Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
ON = calendar.instant(date(2026, 3, 3), 12)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        make.plan("q7", AT)
        made = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT)
        make.pay_bill(made, 2, ON - timedelta(days=3))
        yield made.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def hidden(page: str) -> dict[str, str]:
    """What the checkout sends back of itself."""
    form = page[page.index('id="order"') :]
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form))


def test_from_the_lease_page_to_two_linked_orders_and_back(order: Order) -> None:
    client, address = signed_in(order.customer.user), f"/orders/{order.number}/swap/"
    with make.moment(ON):
        assert address in client.get(f"/leases/{order.number}/").content.decode()
        page = client.get(address).content.decode()
        six = re.search(rf'href="(/checkout/\d+/\?months=6&amp;swap={order.number})"', page)
        assert six is not None
        assert "309.00" in page  # a term of six months costs one rent of the old lease, ten being left
        there = six[1].replace("&amp;", "&")
        told = client.get(there).content.decode()
        fields = hidden(told)
        assert "309.00" in fields["swap_shown"]
        forged = client.post(there, fields | {"swap_shown": fields["swap_shown"].replace("309.00", "0.00")})
        assert (forged.status_code, Order.objects.count()) == (422, 1)
        placed = client.post(there, hidden(forged.content.decode()))
        new = Order.objects.exclude(pk=order.pk).get()
        assert placed.headers["Location"] == f"/orders/{new.number}/"
        assert order.number in client.get(f"/orders/{new.number}/").content.decode()
        assert new.number in client.get(f"/leases/{order.number}/").content.decode()
        assert new.number in client.get(address).content.decode()
        for other, seen in ((order, new), (new, order)):
            for who, prefix in ((make.merchant_member("shiguang"), "/portal"), (make.operator(), "/desk")):
                staff = signed_in(who)
                make.gave_second_factor(staff)
                assert seen.number in staff.get(f"{prefix}/orders/{other.number}/").content.decode()
        assert client.post(f"/orders/{order.number}/do-not-swap/").status_code == 303
        make.drain(ON)
    assert (walks.read(new).state, Ending.objects.get().state) == (State.CANCELLED, Ending.State.LAPSED)


def test_nobody_swaps_anothers_lease(order: Order) -> None:
    others = [signed_in(make.customer(at=ON).user), signed_in(make.merchant_member("shiguang"))]
    plan = make.plan("q7", ON)
    with make.moment(ON):
        for who in others:
            assert who.get(f"/orders/{order.number}/swap/").status_code == 404
            assert who.get(f"/checkout/{plan.pk}/?months=12&swap={order.number}").status_code == 404


def test_what_cannot_be_swapped_is_told_on_its_page(order: Order) -> None:
    client, plan = signed_in(order.customer.user), make.plan("q7", ON)
    with make.moment(calendar.instant(date(2026, 4, 1), 12)), walks.nothing_changes():  # bill 3 of 31 March is open
        answer = client.get(f"/checkout/{plan.pk}/?months=12&swap={order.number}")
        assert answer.headers["Location"] == f"/orders/{order.number}/swap/"
        assert "/checkout/" not in client.get(f"/orders/{order.number}/swap/").content.decode()
