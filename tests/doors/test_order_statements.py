"""What one order costs the database, from the press to PLACED: its statements, and the device that led to it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from catalog.models import LeasePlan
from catalog.services import offers, prices, versions
from core.calendar import business_date
from credit.models import Hold
from orders.models import Order
from storefront.views import chosen
from tests import make, walks

pytestmark = pytest.mark.django_db
MOST = 25  # performance.md; BEGIN and COMMIT count


@pytest.fixture(scope="module", autouse=True)
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    with walks.kept(django_db_blocker):
        customer = make.customer(726)
        make.address(customer)
        yield {"customer": customer.pk, "plan": make.plan().pk}


@pytest.fixture
def plan(stage: dict[str, int]) -> LeasePlan:
    return LeasePlan.objects.get(pk=stage["plan"])


@pytest.fixture
def client(stage: dict[str, int]) -> Client:
    client = Client()
    client.force_login(Customer.objects.get(pk=stage["customer"]).user)
    return client


def shown(client: Client, plan: LeasePlan) -> dict[str, str]:
    """The fields of the form as a browser would send them."""
    page = client.get(f"/checkout/{plan.pk}/?months=12").content.decode()
    return dict(re.findall(r'<input type="hidden" name="(address|digest|request_key)" value="([^"]+)"', page))


def test_an_order_takes_at_most_25_statements(client: Client, plan: LeasePlan, settings: Any) -> None:
    settings.CATALOGUE_LOOKED_AT_EVERY_S = 3600.0  # as in production, where a process knows the catalogue
    settings.CLOCK_MOVABLE = False
    versions.forget()
    with make.moment(make.AT):
        fields = shown(client, plan)
        prices.cost_cap(business_date(make.AT))  # so it does of the day's lending rate
        offers.damage_list(plan)  # and of what each damage costs
        with CaptureQueriesContext(connection) as seen:
            answer = client.post(f"/checkout/{plan.pk}/?months=12", fields)
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/orders/{order.number}/"
    assert (order.lease.bills.count(), Hold.objects.filter(order_number=order.number).count()) == (12, 1)
    assert len(seen) <= MOST, "\n".join(query["sql"][:120] for query in seen)


def test_an_order_writes_no_session(client: Client, plan: LeasePlan) -> None:
    """A second commit would cost as much as the order's own."""
    with make.moment(make.AT):
        fields = shown(client, plan)
        prices.cost_cap(business_date(make.AT))  # so it does of the day's lending rate
        offers.damage_list(plan)  # and of what each damage costs
        with CaptureQueriesContext(connection) as seen:
            client.post(f"/checkout/{plan.pk}/?months=12", fields)
    written = {query["sql"].split()[2 if query["sql"].startswith("INSERT") else 1] for query in writes(seen)}
    assert '"orders_order"' in written
    assert '"django_session"' not in written


def test_the_device_about_to_be_ordered_is_known_until_it_is(client: Client, plan: LeasePlan) -> None:
    with make.moment(make.AT):
        assert f"/checkout/{plan.pk}/" not in client.get("/my/credit/").content.decode()
        fields = shown(client, plan)
        assert f"/checkout/{plan.pk}/?months=12" in client.get("/my/credit/").content.decode()
        client.post(f"/checkout/{plan.pk}/?months=12", fields)
        assert f"/checkout/{plan.pk}/" not in client.get("/my/credit/").content.decode()


@pytest.mark.parametrize("typed", ["", "1", "0.12", "1.0", "1.123", "../../.12", "1.12 2", "1.12.3"])
def test_a_cookie_that_is_not_ours_leads_nowhere(client: Client, typed: str) -> None:
    client.cookies[chosen.COOKIE] = typed
    with make.moment(make.AT):
        answer = client.get("/my/credit/")
    assert answer.status_code == 200
    assert "/checkout/" not in answer.content.decode()


def writes(seen: CaptureQueriesContext) -> list[dict[str, str]]:
    return [query for query in seen.captured_queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
