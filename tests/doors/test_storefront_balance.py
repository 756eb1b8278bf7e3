"""The customer's credit balance on the pages: seen, used on a bill, paid out, a part paid; the owner's alone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from billing.models import BalanceUse, Payment, Refund
from billing.services import statements
from billing.services.offline import Receipt
from core import calendar
from orders.models import Order, State
from orders.services import offline
from tests import make, walks

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        at = due_at(order, 2, -5)
        offline.record(order, [2], Receipt(Decimal(409), at, "B-1", "100 too much"), "operator:1", at)
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


@pytest.fixture
def client(order: Order) -> Client:
    return of(order.customer.user)


def of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def due_at(order: Order, number: int, days: int = 0) -> datetime:
    due = order.lease.bills.get(number=number).due_date
    assert due is not None
    return calendar.instant(due + timedelta(days=days), 12)


def told(client: Client, address: str, at: datetime) -> str:
    with make.moment(at):
        answer = client.get(address)
    assert answer.status_code == 200
    return read(answer)


def read(answer: Any) -> str:
    body = answer.content.decode().split("<main")[1].replace('<span class="sign">¥</span>', "¥")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def posted(client: Client, address: str, at: datetime, **fields: str) -> Any:
    with make.moment(at):
        return client.post(address, fields)


def test_it_is_seen_on_my_page_with_its_history(order: Order, client: Client) -> None:
    at = due_at(order, 3, -3)
    assert "Credit balance ¥100.00" in told(client, "/my/", at)
    assert "Credit balance ¥100.00" in told(client, "/my/leases/", at)
    text = told(client, "/my/balance/", at)
    assert "You paid more than was owed" in text
    assert "Pay ¥100.00 out to me" in text


def test_a_bill_is_paid_from_it_at_once(order: Order, client: Client) -> None:
    at = due_at(order, 3, -3)
    address = f"/leases/{order.number}/bills/3/"
    assert "It can pay ¥100.00 of this bill now; ¥209.00 would be left to pay." in told(client, address, at)
    answer = posted(client, f"{address}from-balance/", at)
    assert answer.headers["location"] == address
    text = told(client, address, at)
    assert "¥100.00 of your credit balance were used for bill 3." in text
    assert "¥100.00 paid from your balance" in text
    assert "To pay ¥209.00" in text
    assert "of this bill now" not in text
    assert BalanceUse.objects.get().why == "ASKED"
    again = posted(client, f"{address}from-balance/", at)
    assert again.status_code == 303
    assert "There is no credit balance." in told(client, address, at)
    assert f"Bill 3 of {order.number}" in told(client, "/my/balance/", at)


def test_it_is_paid_out_with_one_tap(order: Order, client: Client) -> None:
    at = due_at(order, 3, -3)
    posted(client, "/my/balance/", at)
    posted(client, "/my/balance/", at)
    assert Refund.objects.get().amount == Decimal("100.00")
    text = told(client, "/my/balance/", at)
    assert ("On its way back to you" in text, "Paid out to you" in text, "out to me" in text) == (True, False, False)
    Refund.objects.update(state="FAILED")
    text = told(client, "/my/balance/", at)
    assert ("our staff will pay it to you" in text, "Paid out to you" in text) == (True, False)
    assert statements.credit_balance(order.customer) == 0


def test_in_chinese(order: Order, client: Client) -> None:
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    at = due_at(order, 3, -3)
    assert "账户余额" in told(client, "/my/balance/", at)
    assert "用余额支付" in told(client, f"/leases/{order.number}/bills/3/", at)


def test_a_part_of_a_bill_is_paid(order: Order, client: Client) -> None:
    at, address = due_at(order, 3, -3), f"/leases/{order.number}/bills/3/part/"
    assert "Of bill 3, ¥309.00 is open today." in told(client, address, at)
    answer = posted(client, address, at, amount="200", channel="alipay")
    assert "alipay.trade" in answer.headers["location"]
    payment = Payment.objects.latest("pk")
    assert (payment.amount, payment.items.get().amount) == (Decimal("200.00"), Decimal("200.00"))
    again = posted(client, address, at, amount="300", channel="alipay")  # one is under way: it is shown first
    assert again.headers["location"] == f"/payments/{payment.number}/"


@pytest.mark.parametrize("amount", ["", "0", "0.99", "-5", "309.01", "1e3", "NaN", "12.345", "Infinity", "10000000"])
def test_an_amount_that_cannot_be_paid_is_refused(order: Order, client: Client, amount: str) -> None:
    before = Payment.objects.count()
    answer = posted(client, f"/leases/{order.number}/bills/3/part/", due_at(order, 3, -3), amount=amount)
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.content.decode()
    assert Payment.objects.count() == before


def test_a_paid_bill_takes_no_part(order: Order, client: Client) -> None:
    answer = posted(client, f"/leases/{order.number}/bills/2/part/", due_at(order, 3, -3), amount="5")
    assert answer.headers["location"] == f"/leases/{order.number}/bills/2/"


def test_nobody_else_uses_it(order: Order) -> None:
    at = due_at(order, 3, -3)
    use, part = (f"/leases/{order.number}/bills/3/{name}/" for name in ("from-balance", "part"))
    for user in (make.signed_up().user, make.merchant_member(), make.operator()):
        client = of(user)
        assert posted(client, use, at).status_code in (302, 303, 403, 404)
        assert posted(client, part, at, amount="5").status_code in (302, 303, 403, 404)
        posted(client, "/my/balance/", at)
    assert Client().post(use).status_code in (302, 303)
    assert not BalanceUse.objects.exists()
    assert not Refund.objects.exists()
    assert statements.credit_balance(order.customer) == Decimal("100.00")


def test_the_page_makes_few_queries(order: Order, client: Client, django_assert_max_num_queries: Any) -> None:
    with make.moment(due_at(order, 3, -3)):
        for address in ("/my/balance/", f"/leases/{order.number}/bills/3/", "/my/"):
            with django_assert_max_num_queries(MOST_QUERIES):
                client.get(address)
