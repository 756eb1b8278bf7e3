"""Opinions: once a moment, on the order's page, never in arrears, and nothing else hangs on them (ADR 33)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrears.models import CollectionCase
from arrears.services import cases, hardship
from core import calendar
from core.invariants import violations
from orders import invariants
from orders.models import Opinion, Order, State
from orders.services import opinions
from orders.services.opinions import Figure
from tests import make, walks

pytestmark = pytest.mark.django_db
NEXT = make.AT + timedelta(days=1)
OVERDUE = make.AT + timedelta(days=40)
RECEIPT = "RECEIPT-0"


@pytest.fixture(scope="module")
def received(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE).pk


@pytest.fixture
def order(received: int) -> Order:
    return Order.objects.get(pk=received)


def on(at: datetime) -> date:
    return calendar.business_date(at)


def asked(order: Order, at: datetime) -> list[str]:
    return [moment.code for moment in opinions.waiting(walks.read(order), on(at))]


def say(order: Order, stars: int | None, words: str = "", at: datetime = NEXT, code: str = RECEIPT) -> Opinion:
    return opinions.give(order.pk, code, stars, words, f"customer:{order.customer_id}", at)


def test_a_receipt_may_be_rated_for_thirty_days_and_once(order: Order) -> None:
    assert order.received_at is not None
    assert asked(order, order.received_at + timedelta(days=30)) == [RECEIPT]
    assert asked(order, order.received_at + timedelta(days=31)) == []
    with walks.nothing_changes("orders_opinion", "core_event"):
        assert say(order, 2, " 盒子是湿的 ").words == "盒子是湿的"
    assert asked(order, NEXT) == []
    with pytest.raises(opinions.NothingToRate):
        say(order, 5)


def test_who_would_rather_not_say_is_not_asked_again(order: Order) -> None:
    assert say(order, None, "dropped").words == ""
    assert asked(order, NEXT) == []
    assert not opinions.said().exists()


@pytest.mark.parametrize("code", ["RECEIPT-1", "END-0", "CASE-1", "", "x"])
def test_what_did_not_happen_cannot_be_rated(order: Order, code: str) -> None:
    with pytest.raises(opinions.NothingToRate):
        say(order, 5, code=code)


def test_nobody_is_asked_in_arrears_and_after_them_about_them(order: Order) -> None:
    asked_for = hardship.ask(order.lease_id, "in hospital", None, f"customer:{order.customer_id}", NEXT)
    assert asked(order, NEXT) == []
    hardship.answer(asked_for.pk, "take your time", "operator:1", NEXT)
    assert asked(order, NEXT) == [RECEIPT]
    late = order.received_at + timedelta(days=36) if order.received_at else OVERDUE
    cases.open_due(on(late), late)
    with pytest.raises(opinions.NothingToRate):
        say(order, 1, at=late)
    make.pay_bill(order, 2, late)
    cases.close_settled(on(late), late)
    case = CollectionCase.objects.get()
    assert asked(order, late) == [f"CASE-{case.pk}"]
    say(order, 4, "问了我能付多少", late, f"CASE-{case.pk}")
    assert walks.broken() == {}


def test_the_figures_are_by_month_and_moment(order: Order) -> None:
    say(order, 2, "late")
    assert opinions.figures(date(2026, 1, 1)) == [Figure(date(2026, 3, 1), "RECEIPT", 1, 2, 1)]
    assert opinions.figures(date(2026, 4, 1)) == []
    assert [one.stars for one in opinions.said(low=True)] == [2]
    assert not opinions.said("END").exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders_opinion SET stars = 5",
        "DELETE FROM orders_opinion",
        "INSERT INTO orders_opinion (order_id, touchpoint, occasion, happened_on, stars, words, given_by, given_at)"
        " SELECT order_id, touchpoint, occasion, happened_on, 5, '', given_by, given_at FROM orders_opinion",
        "INSERT INTO orders_opinion (order_id, touchpoint, occasion, happened_on, stars, words, given_by, given_at)"
        " SELECT order_id, 'END', 0, happened_on, 6, '', given_by, given_at FROM orders_opinion",
        "INSERT INTO orders_opinion (order_id, touchpoint, occasion, happened_on, stars, words, given_by, given_at)"
        " SELECT order_id, 'END', 0, happened_on, 5, '', 'operator:1', given_at FROM orders_opinion",
    ],
)
def test_the_database_keeps_it_as_it_was_said(order: Order, change: str) -> None:
    say(order, 2)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_an_opinion_of_nothing_is_counted(order: Order) -> None:
    say(order, 2)
    known = next(each for each in invariants.INVARIANTS if each.number == "67")
    assert violations(known) == 0
    connection.check_constraints()  # nothing deferred waits, else ALTER TABLE is refused for that
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_opinion DISABLE TRIGGER USER")
        for number, plant in enumerate(("touchpoint = 'END'", "given_by = 'customer:0'", "happened_on = '2027-01-01'")):
            cursor.execute(f"SAVEPOINT s{number}")
            cursor.execute(f"UPDATE orders_opinion SET {plant}")
            assert violations(known) == 1, plant
            cursor.execute(f"ROLLBACK TO SAVEPOINT s{number}")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def test_it_is_said_on_the_orders_page_and_read_at_the_desk_alone(order: Order) -> None:
    page, board = reverse("storefront:opinion", args=[order.number]), reverse("desk:opinions")
    with make.moment(NEXT):
        mine, stranger = client_of(order.customer.user), client_of(make.customer(at=NEXT).user)
        merchant, desk = client_of(make.merchant_member("qinghe")), client_of(make.operator())
        with walks.nothing_changes():
            for each in (stranger, merchant):
                assert each.post(page, {"stars": "1", "moment": RECEIPT}).status_code != 200
                assert each.get(board).status_code != 200
            assert mine.get(board).status_code != 200
            assert mine.post(page, {"stars": "7", "moment": RECEIPT}).status_code == 422
        assert page in mine.get(reverse("storefront:order", args=[order.number])).content.decode()
        assert mine.post(page, {"stars": "2", "note": "box was wet", "moment": RECEIPT}).status_code == 303
        assert page not in mine.get(reverse("storefront:order", args=[order.number])).content.decode()
        assert mine.get(page).status_code == 303
        for view, shown in (("", True), ("low", True), ("RECEIPT", True), ("END", False)):
            assert ("box was wet" in desk.get(board, {"view": view}).content.decode()) is shown
        assert desk.get(board, {"view": "x"}).status_code == 404
        assert "box was wet" in desk.get(reverse("desk:order", args=[order.number])).content.decode()
