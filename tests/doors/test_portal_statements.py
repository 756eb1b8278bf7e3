"""A merchant's statements in the portal: his own ones only, with every line, and as a table to keep."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import MerchantStatement, Payment
from billing.services import refunds, settlements
from core import calendar
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
NOW = calendar.instant(APRIL, 10)


@pytest.fixture(scope="module")
def active(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Order]:
    """A running lease of which 9.00 were given back; its merchant's March is settled."""
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        settlements.set_commission(order.merchant, Decimal("0.08"), MARCH, make.operator())
        payment = Payment.objects.get(allocations__bill__lease=order.lease, allocations__part="RENT")
        refunds.request(payment.pk, Decimal(9), "test", make.AT, order.lease)
        settlements.issue(order.merchant_id, MARCH, NOW)
        yield order


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses() -> list[str]:
    number = MerchantStatement.objects.get().number
    return [reverse("portal:statement", args=[number]), reverse("portal:statement_export", args=[number])]


def test_whoever_works_for_the_merchant_finds_them_and_nobody_else(active: Order) -> None:
    listed = reverse("portal:statements")
    with make.moment(NOW):
        mine, other = client_of(make.merchant_member()), client_of(make.merchant_member("qinghe"))
        assert {mine.get(address).status_code for address in (listed, *addresses())} == {200}
        assert {other.get(address).status_code for address in addresses()} == {404}
        assert not other.get(listed).context["listed"]
        for user in (active.customer.user, make.operator()):
            assert {client_of(user).get(address).status_code for address in (listed, *addresses())} == {404}
        for address in (listed, *addresses()):
            assert Client().get(address)["Location"].startswith(f"{reverse('portal:sign_in')}?next=")
            assert mine.post(address).status_code == 405


def test_the_page_adds_up_and_leads_to_its_orders(active: Order) -> None:
    with make.moment(NOW):
        page = client_of(make.merchant_member()).get(addresses()[0])
    statement, lines = page.context["statement"], page.context["lines"]
    came_in = sum(line.parts.total for line in lines if not line.is_refund)
    assert came_in - sum(line.parts.total for line in lines if line.is_refund) == statement.gross - statement.refunded
    assert statement.refunded == 9
    assert page.context["came_in"].total == statement.gross
    assert {line.lease.order for line in lines} == {active}
    assert reverse("portal:order", args=[active.number]) in page.content.decode()


def test_more_lines_ask_no_more_queries(active: Order, django_assert_max_num_queries: Any) -> None:
    second = make.order(State.ACTIVE, at=make.AT)
    settlements.issue(second.merchant_id, APRIL, calendar.instant(date(2026, 5, 1), 10))
    number = MerchantStatement.objects.get(month=APRIL).number
    with make.moment(NOW):
        client = client_of(make.merchant_member())
        client.get(reverse("portal:board"))
        for one in (MerchantStatement.objects.get(month=MARCH).number, number):
            with django_assert_max_num_queries(12):
                client.get(reverse("portal:statement", args=[one]))


def test_the_table_to_keep_has_the_sums_and_every_line(active: Order) -> None:
    with make.moment(NOW):
        answer = client_of(make.merchant_member()).get(addresses()[1])
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    statement = MerchantStatement.objects.get()
    assert answer["Content-Disposition"] == f'attachment; filename="xinzu-{statement.number}.csv"'
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[1][1] == str(statement.gross)
    assert rows[5][1] == str(statement.payable)
    lines = rows[rows.index([]) + 2 :]
    assert {row[1] for row in lines} == {active.number}
    assert sum(Decimal(row[-1]) for row in lines) == statement.gross + statement.refunded
