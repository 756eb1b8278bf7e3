"""Turning automatic payment on and off, and what a bill tells of it: the owner's alone, in both languages."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from billing.models import AutopayAgreement
from billing.services import autopay, deductions
from core import calendar
from orders.models import Order, State
from sandbox import visitors
from sandbox.services import faults
from sandbox.services.faults import Kind
from tests import make, walks

pytestmark = pytest.mark.django_db
MOST_QUERIES = 22  # the lease page, which asks for its agreement to deduct and for its faults


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


@pytest.fixture
def client(order: Order) -> Client:
    client = Client()
    client.force_login(order.customer.user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def due_at(order: Order, days: int = 0, hour: int = 12) -> datetime:
    due = order.lease.bills.get(number=2).due_date
    assert due is not None
    return calendar.instant(due + timedelta(days=days), hour)


def page(order: Order) -> str:
    return f"/leases/{order.number}/autopay/"


def told(client: Client, address: str, at: datetime) -> str:
    with make.moment(at):
        answer = client.get(address)
    assert answer.status_code == 200
    body = answer.content.decode().split("<main")[1].replace('<span class="sign">¥</span>', "¥")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def turn(client: Client, order: Order, way: str, at: datetime) -> str:
    with make.moment(at):
        return client.post(page(order), {"turn": way}).headers["location"]


def short(order: Order, days: int) -> str:
    on = due_at(order, days)
    return f"{on.day} {on:%b}"


def phone(order: Order) -> str:
    opened: str = order.customer.user.phone.open(by="test", purpose="test", at=make.AT)
    return opened


def turned_on(client: Client, order: Order, at: datetime) -> None:
    with make.moment(at):
        visitors.pay(client.post(page(order), {"turn": "on"}).headers["location"], phone(order))
    make.deliver_notices(at)


def test_it_is_off_until_the_customer_agrees_at_the_provider(order: Order, client: Client) -> None:
    at = due_at(order, -10)
    assert "Automatic payment Off" in told(client, f"/leases/{order.number}/", at)
    assert "I want this: agree at Alipay" in told(client, page(order), at)
    assert not AutopayAgreement.objects.exists()  # looking turns nothing on
    leads_to = turn(client, order, "on", at)
    assert "alipay.user.agreement.page.sign" in leads_to
    assert "Waiting for your consent at Alipay" in told(client, page(order), at)
    with make.moment(at):
        visitors.pay(leads_to, phone(order))
    text = told(client, page(order), at)  # back from the provider: it is asked
    assert "at most ¥370.80 each time" in text
    lease = told(client, f"/leases/{order.number}/", at)
    assert "Automatic payment On Next: ¥309.00 from Alipay" in lease


def test_one_tap_turns_it_off(order: Order, client: Client) -> None:
    at = due_at(order, -10)
    turned_on(client, order, at)
    assert turn(client, order, "off", at) == page(order)
    assert AutopayAgreement.objects.get().state == AutopayAgreement.State.ENDED
    assert "From now on nothing more is deducted." in told(client, f"/leases/{order.number}/", at)
    turn(client, order, "off", at)  # a second tap changes nothing


def test_the_bill_tells_what_was_tried_and_what_comes(order: Order, client: Client) -> None:
    turned_on(client, order, due_at(order, -10))
    address = f"/leases/{order.number}/bills/2/"
    assert "10:00 deducted automatically If you pay before" in told(client, address, due_at(order, -5))
    faults.order("alipay.trade.pay", Kind.NO_BALANCE, times=2)
    for day in (0, 1):
        at = due_at(order, day, 10)
        deductions.due(calendar.business_date(at), at)
        make.drain(at)
    assert f"from Alipay on {short(order, 3)} at 10:00" in told(client, f"/leases/{order.number}/", due_at(order, 1))
    text = told(client, address, due_at(order, 1))
    assert text.count("not successful Alipay: Not enough money in the account") == 2
    assert text.count("one more try") == 1
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    text = told(client, address, due_at(order, 1))
    assert text.count("未成功 支付宝：余额不足") == 2
    assert "再试一次 你先付了，就不会再扣" in text


def test_a_deducted_bill_says_so(order: Order, client: Client) -> None:
    turned_on(client, order, due_at(order, -10))
    at = due_at(order, 0, 10)
    deductions.due(calendar.business_date(at), at)
    make.drain(at)
    text = told(client, f"/leases/{order.number}/bills/2/", due_at(order))
    assert "10:00 deducted Alipay" in text
    assert "one more try" not in text


def test_while_it_is_deducted_the_customer_is_told_to_wait(order: Order, client: Client) -> None:
    turned_on(client, order, due_at(order, -10))
    at = due_at(order, 0, 10)
    deductions.due(calendar.business_date(at), at)
    with make.moment(at):
        back = client.post(f"/leases/{order.number}/pay/", {"bill": "2"}, follow=True)
    assert "is being deducted automatically at this moment" in back.content.decode()
    assert "10:00 being deducted Alipay has not said yet" in told(client, f"/leases/{order.number}/bills/2/", at)


def test_nobody_else_sees_or_turns_it(order: Order) -> None:
    stranger, staff = make.signed_up().user, make.merchant_member()
    for user in (stranger, staff):
        client = Client()
        client.force_login(user)
        assert client.get(page(order)).status_code == 404
        assert client.post(page(order), {"turn": "on"}).status_code == 404
    assert Client().get(page(order)).status_code == 302
    assert not AutopayAgreement.objects.exists()


def test_an_unknown_turn_or_an_order_without_a_lease_turns_nothing_on(order: Order, client: Client) -> None:
    turn(client, order, "perhaps", due_at(order, -10))
    assert not AutopayAgreement.objects.exists()
    young = make.order(State.APPROVED, of=order.customer, slug="lan-x2")
    assert client.get(page(young)).headers["location"] == f"/orders/{young.number}/"


def test_a_provider_that_is_down_leaves_the_page_standing(order: Order, client: Client) -> None:
    at = due_at(order, -10)
    turn(client, order, "on", at)
    faults.order("alipay.user.agreement.query", Kind.DOWN, times=9)
    assert "Waiting for your consent at Alipay" in told(client, page(order), at)


def test_the_pages_ask_few_questions(order: Order, client: Client, django_assert_max_num_queries: Any) -> None:
    turned_on(client, order, due_at(order, -10))
    with make.moment(due_at(order, -5)):
        for address in (page(order), f"/leases/{order.number}/", f"/leases/{order.number}/bills/2/"):
            with django_assert_max_num_queries(MOST_QUERIES):
                assert client.get(address).status_code == 200


def test_an_ended_agreement_can_be_made_anew(order: Order, client: Client) -> None:
    at = due_at(order, -10)
    turned_on(client, order, at)
    turn(client, order, "off", at)
    turned_on(client, order, at + timedelta(hours=1))
    assert autopay.standing(order.lease) is not None
    assert AutopayAgreement.objects.count() == 2
