"""Building, reading and signing an extension plan: figures before the yes, and nobody else gets in."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Bill
from core import calendar
from orders.models import ExtensionOffer, Order, State
from sandbox.services import sms
from tests import make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 3, 2), 10)
ON = date(2026, 5, 20)
NOW = calendar.instant(ON, 12)
POINTS = ["SUM", "PARTS", "BROKEN", "SIGNATURE"]


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=6, at=AT).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_from_the_desk_to_the_signed_plan_and_nobody_else(order: Order) -> None:
    desk, renter = signed_in(make.operator()), signed_in(order.customer.user)
    builder, address = f"/desk/orders/{order.number}/extension/", f"/orders/{order.number}/extension/"
    with make.moment(NOW), quick_paper():
        assert builder in desk.get(f"/desk/orders/{order.number}/").content.decode()
        picked: dict[str, Any] = {
            "bills": [2, 3],
            "parts": 2,
            "first_day": (ON + timedelta(days=10)).isoformat(),
            "fee": "0.00",
        }
        page = desk.get(builder, picked)
        total = page.context["shown"].proposal.total
        assert f"{total:,.2f}" in page.content.decode()
        assert desk.post(builder, {**picked, "shown": "1.00"}).status_code == 422  # other figures than were shown
        assert not ExtensionOffer.objects.exists()
        assert desk.post(builder, {**picked, "shown": str(total)}).status_code == 303
        make.drain(NOW)
        assert desk.post(builder, {**picked, "shown": str(total)}).status_code == 422
        assert address in renter.get(f"/leases/{order.number}/").content.decode()
        assert f"{total:,.2f}" in renter.get(address).content.decode()
        for client in (signed_in(make.customer(at=NOW).user), signed_in(make.merchant_member("shiguang")), Client()):
            answers = {client.get(address).status_code, client.post(f"{address}sign/").status_code}
            assert answers <= {302, 303, 403, 404}
            assert client.get(builder).status_code in {302, 303, 403, 404}
        renter.post(f"{address}code/", {"confirmed": POINTS})
        make.drain(NOW)
        code = sms.latest(make.phone_of(order.customer, NOW)).params["code"]
        assert renter.post(f"{address}sign/", {"confirmed": POINTS[1:], "code": code}).status_code == 422
        assert renter.post(f"{address}sign/", {"confirmed": POINTS, "code": code}).status_code == 303
        make.drain(NOW)
        paper = ExtensionOffer.objects.get().paper
        link = f"/leases/{order.number}/papers/{paper.number}.pdf"
        assert link in renter.get(address).content.decode()
        assert renter.get(link).headers["Content-Type"] == "application/pdf"
        seller = signed_in(make.merchant_member("shiguang"))
        assert paper.number in seller.get("/portal/agreements/").content.decode()
        part = Bill.objects.get(lease=order.lease_id, number=2001)
        for number in (2, part.number):
            assert renter.get(f"/leases/{order.number}/bills/{number}/").status_code == 200


def test_what_cannot_be_is_said_on_the_builder(order: Order) -> None:
    desk, builder = signed_in(make.operator()), f"/desk/orders/{order.number}/extension/"
    picked: dict[str, Any] = {
        "bills": [2],
        "parts": 2,
        "first_day": (ON + timedelta(days=10)).isoformat(),
        "fee": "0.00",
    }
    with make.moment(NOW):
        for wrong in ({"parts": 99}, {"first_day": ON.isoformat()}, {"fee": "500"}, {"bills": [9]}, {"parts": "x"}):
            assert desk.get(builder, {**picked, **wrong}).status_code == 422
        assert desk.get("/desk/orders/XZ-0/extension/").status_code == 404
