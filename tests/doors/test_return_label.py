"""The label of a parcel to the merchant: for its customer alone, while there is something to send, with who pays."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Payer
from core import calendar
from orders.models import Order, State
from orders.services import aftersales, returns
from storefront.pages import labels
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726), slug="mini-4", months=3).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def test_it_names_where_to_and_who_pays_and_only_its_customer_sees_it(order: Order) -> None:
    me, address = make.signed_in(order.customer.user), f"/orders/{order.number}/label/"
    me_word = f"customer:{order.customer_id}"
    assert order.lease.last_day is not None
    at = calendar.instant(order.lease.last_day, 10)
    with make.moment(at):
        assert me.get(address)["Location"] == f"/orders/{order.number}/"  # nothing to send yet
        returns.open_return(order.pk, me_word, at)
        for page in (f"/orders/{order.number}/", f"/leases/{order.number}/", f"/orders/{order.number}/hand-over/"):
            assert address in me.get(page).content.decode()
        seen = me.get(address).content.decode()
        for word in (order.number, order.merchant.return_address, order.merchant.telephone, "商家付运费", "<svg"):
            assert word in seen
        others = (make.customer().user, make.merchant_member(), make.operator())
        assert {make.signed_in(who).get(address).status_code for who in others} <= {302, 403, 404}
        returns.hand_over(order.pk, me_word, "sf", make.waybill(), at)
        assert me.get(address)["Location"] == f"/orders/{order.number}/"  # it is under way


def test_of_a_repair_the_merchant_pays_both_ways_whatever_the_plan_says(order: Order) -> None:
    order.plan.ships_back = order.plan.ships_out = Payer.CUSTOMER  # in memory: a published plan is never changed
    assert labels.of(order).there == labels.BY_YOU
    aftersales.report(order.pk, "屏幕不亮", f"customer:{order.customer_id}", AT + DAY)
    aftersales.accept(order.pk, "REPAIR", "merchant:1", AT + DAY)
    order = walks.read(order)
    order.plan.ships_back = order.plan.ships_out = Payer.CUSTOMER
    assert {labels.payer(order, to_merchant=there) for there in (True, False)} == {labels.BY_MERCHANT}
    with make.moment(AT + DAY):
        seen = make.signed_in(order.customer.user).get(f"/orders/{order.number}/label/").content.decode()
    assert "寄修" in seen
    assert "你付运费" not in seen
    assert seen.count("商家付运费") == 3  # to him, back, and on the slip
