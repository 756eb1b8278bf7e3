"""Disputes at the desk: recorded, answered, decided; read on the customer's bill; by operators alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Chargeback, Payment
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db
NOW = make.AT + timedelta(days=10)
NEW = {
    "dispute_no": "D-77", "amount": "309.00", "opened_at": "2026-03-11T09:00", "respond_by": "2026-03-20T23:59",
    "withheld": "on", "reason": "not recognised; seen in the portal",
}  # fmt: skip
LOST = {"status": "LOST", "decided_at": "2026-03-12T08:00"}


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


@pytest.fixture
def payment(order: Order) -> Payment:
    return Payment.objects.filter(items__bill__lease=order.lease_id, state="SUCCEEDED").earliest("pk")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(NOW):
        yield client_of(make.operator())


def recorded(desk: Client, payment: Payment) -> Chargeback:
    answer = desk.post(reverse("desk:dispute_record", args=[payment.number]), NEW)
    made = Chargeback.objects.get()
    assert answer.headers["location"] == reverse("desk:dispute", args=[made.number])
    return made


def test_it_is_recorded_answered_and_lost_and_the_bill_says_so(desk: Client, order: Order, payment: Payment) -> None:
    made = recorded(desk, payment)
    address = reverse("desk:dispute", args=[made.number])
    (row,) = desk.get(reverse("desk:queue", args=["disputes"])).context["shown"].rows
    assert row.href == address
    assert "Signed agreement of" in desk.get(address).content.decode()
    desk.post(address, {"answer": "agreement and receipt, sent in the portal"})
    customer = client_of(order.customer.user)
    bill = f"/leases/{order.number}/bills/1/"
    assert "disputed at your provider" in customer.get(bill).content.decode()
    assert desk.post(address, LOST).status_code == 303
    assert Chargeback.objects.get().state == "LOST"
    text = customer.get(bill).content.decode()
    assert "please pay it yourself" in text
    assert order.lease.bills.get(number=1).state == "OPEN"
    assert desk.post(address, LOST).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "309.01"), ("amount", "0"), ("dispute_no", ""), ("opened_at", "2026-03-13T09:00"), ("reason", "")],
)
def test_what_cannot_be_is_refused(desk: Client, payment: Payment, field: str, value: str) -> None:
    answer = desk.post(reverse("desk:dispute_record", args=[payment.number]), {**NEW, field: value})
    assert answer.status_code == 422
    assert not Chargeback.objects.exists()


def test_nobody_else_records_or_decides(desk: Client, order: Order, payment: Payment) -> None:
    made = recorded(desk, payment)
    for user in (order.customer.user, make.merchant_member()):
        client = client_of(user)
        assert client.post(reverse("desk:dispute_record", args=[payment.number]), NEW).status_code == 404
        assert client.post(reverse("desk:dispute", args=[made.number]), LOST).status_code == 404
    assert Chargeback.objects.get().is_open
