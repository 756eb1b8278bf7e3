"""The customer's pages of a renewal: the whole price before the yes, the addendum, the code; nobody else gets in."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from contracts.models import Agreement
from core import calendar
from orders.models import Ending, Order, State
from orders.services import renewals
from sandbox.services import sms
from tests import make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2025, 8, 31), 10)
ON = calendar.instant(date(2026, 2, 10), 12)
POINTS = ["TERM", "RENT", "REST", "SIGNATURE"]


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=6, at=AT)
        for number in range(2, 7):
            make.pay_bill(order, number, ON)
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def signed_in(order: Order) -> Client:
    client = Client()
    client.force_login(order.customer.user)
    return client


def test_from_the_lease_page_to_the_signed_paper(order: Order) -> None:
    client, address = signed_in(order), f"/orders/{order.number}/renew/"
    with make.moment(ON), quick_paper():
        assert address in client.get(f"/leases/{order.number}/").content.decode()
        page = client.get(address).content.decode()
        offer = renewals.offers(order, ON.date())[1]
        assert f"{offer.total:,.2f}" in page
        assert f"{offer.price_after:,.2f}" in page
        choice = re.findall(r'name="choice" value="([^"]+)"', page)[1]
        assert client.post(address, {"choice": choice}).headers["Location"] == address
        make.drain(ON)
        assert 'name="confirmed"' in client.get(address).content.decode()
        client.post(f"{address}code/", {"confirmed": POINTS})
        make.drain(ON)
        code = sms.latest(make.phone_of(order.customer, ON)).params["code"]
        left = client.post(f"{address}sign/", {"confirmed": POINTS[:3], "code": code})
        assert left.status_code == 422  # nothing was ticked beforehand, and nothing is done without it
        assert client.post(f"{address}sign/", {"confirmed": POINTS, "code": code}).status_code == 303
        make.drain(ON)
        paper = Agreement.objects.get(kind=Agreement.Kind.RENEWAL)
        link = f"/leases/{order.number}/papers/{paper.number}.pdf"
        assert link in client.get(address).content.decode()
        assert client.get(link).headers["Content-Type"] == "application/pdf"
        seller = Client()
        seller.force_login(make.merchant_member("shiguang"))
        assert paper.number in seller.get("/portal/agreements/").content.decode()
        assert seller.get(f"/portal/agreements/{paper.number}.pdf").status_code == 200
        stranger = Client()
        stranger.force_login(make.customer(at=ON).user)
        assert {stranger.get(url).status_code for url in (address, link)} == {404}
        assert client.post(f"/orders/{order.number}/do-not-renew/").status_code == 303
    assert Ending.objects.get(order=order).state == Ending.State.WITHDRAWN


@pytest.mark.parametrize("choice", ["", "3", "3:forged/figures", "999:x", "three:x", "1:" + "9" * 200])
def test_a_choice_that_nobody_was_shown_opens_nothing(order: Order, choice: str) -> None:
    client = signed_in(order)
    with make.moment(ON), walks.nothing_changes():
        answer = client.post(f"/orders/{order.number}/renew/", {"choice": choice})
    assert answer.status_code == 422
