"""Twenty clicks on one button: one order, one answer; without the request key, as many orders as clicks."""

import itertools

import pytest

from accounts.models import Customer
from catalog.services import stock
from core import calendar
from core.models import IdempotencyKey
from orders.models import Checkout, Order
from orders.services import checkout
from tests import make, walks
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 20


def clicks(of: Customer, keys: "itertools.cycle[str]") -> list[object]:
    plan, address = make.plan("mini-4"), make.address(of)
    shown = checkout.quote(of, plan, 3, calendar.business_date(make.AT)).digest
    chosen = [next(keys) for _ in range(CLICKS)]
    return together.at_once(
        [lambda key=key: checkout.place(of, plan.pk, 3, address, shown, key, make.AT) for key in chosen]  # type: ignore[misc]
    )


def test_twenty_clicks_at_once_make_one_order() -> None:
    answers = clicks(make.verified(), itertools.cycle(["the one key"]))
    assert set(answers) == {Checkout.objects.get()}
    assert Order.objects.count() == IdempotencyKey.objects.count() == 1
    order = Order.objects.get()
    assert order.lease.bills.count() == 3
    assert stock.available(order.merchant_id, order.plan.sku_id) == 5
    assert walks.broken() == {}


def test_twenty_clicks_with_keys_of_their_own_make_more_than_one() -> None:
    """The twin: it is the key that makes them one."""
    clicks(make.verified(), itertools.cycle([f"key-{n}" for n in range(CLICKS)]))
    assert Order.objects.count() > 1
    assert walks.broken() == {}
