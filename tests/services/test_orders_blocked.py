"""A hard stop holds after checkout too: nothing of a blocked customer's order goes on (domain.md §4)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.services import customers
from billing.services import payments as billing
from orders.models import Order, State
from orders.services import approvals, payments, shipping, signing, steps
from tests import make, walks

pytestmark = pytest.mark.django_db
LATER = make.AT + timedelta(minutes=20)


def blocked(state: str) -> Order:
    order = make.order(state, slug="mini-4", months=3)
    customers.block(order.customer_id, "confirmed fraud", "operator:1", LATER)
    return Order.objects.get(pk=order.pk)


def test_the_platform_refuses_what_waits_for_review_and_gives_all_back() -> None:
    order = blocked(State.PLACED)
    approvals.review(order.pk, LATER)
    order = Order.objects.get(pk=order.pk)
    assert (order.state, order.reason) == (State.REFUSED, "blocked")
    assert walks.broken() == {}


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (State.PLACED, lambda o: approvals.approve(o.pk, "operator:1", LATER)),
        (State.APPROVED, lambda o: signing.intend(o.pk, [], "000000", {}, LATER)),
        (State.SIGNED, lambda o: payments.pay_first(o, LATER)),
        (State.SIGNED, lambda o: payments.freeze_deposit(o, LATER)),
        (State.PAID, lambda o: shipping.ship(o.pk, "merchant:1", "X", "sf", make.waybill(), LATER)),
    ],
)
def test_no_step_forward_is_taken(state: str, act: Any) -> None:
    order = blocked(state)
    with walks.nothing_changes(), pytest.raises(steps.CustomerBlocked):
        act(order)


def test_bill_one_is_not_paid_by_the_other_address_once_the_wait_is_over() -> None:
    order = make.order(State.SIGNED, slug="mini-4", months=3)
    assert order.waits_until is not None
    first = order.lease.bills.get(number=1)
    with walks.nothing_changes(), pytest.raises(billing.AttemptOver):
        payments.pay_bills(order, [first.pk], order.waits_until)
    just = order.waits_until - timedelta(minutes=5)
    assert payments.pay_bills(order, [first.pk], just).expires_at == order.waits_until
