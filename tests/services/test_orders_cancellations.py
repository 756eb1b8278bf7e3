"""Ending an order before shipping: who may, when, and everything held or paid goes back, each once (domain.md §5)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from billing.models import Deposit, DepositRelease, Lease, Payment, Refund
from catalog.services import stock
from contracts.models import Agreement
from core.models import OutboxMessage
from core.services import events
from credit.models import Hold
from credit.services import quota
from orders.models import Order, State
from orders.services import cancellations, payments, steps
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(hours=1)
BEFORE = [State.PLACED, State.APPROVED, State.SIGNED, State.PAID]


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """An order in each state, of two customers (two devices each with a waiver)."""
    with walks.kept(django_db_blocker):
        late, early = make.customer(812), make.customer(812)  # tier A: the whole deposit, quota 12,000
        walked: dict[str, int] = {
            state: make.order(state, slug="mini-4", months=3, of=of).pk
            for state, of in ((State.SHIPPED, late), (State.PAID, late), (State.SIGNED, early), (State.APPROVED, early))
        }
        full = make.customer(None)  # no score: the full deposit
        walked["held"] = make.order(State.PAID, slug="mini-4", months=3, of=full).pk
        walked[State.PLACED] = make.order(State.PLACED, slug="mini-4", months=3, of=full).pk
        yield walked


def find(staged: dict[str, int], state: str) -> Order:
    order = Order.objects.get(pk=staged[state])
    assert state in (order.state, "held")
    return order


def by_customer(order: Order) -> str:
    return f"customer:{order.customer_id}"


@pytest.mark.parametrize("state", BEFORE)
def test_everything_is_void_and_back_after_a_cancellation(staged: dict[str, int], state: str) -> None:
    order = find(staged, state)
    free = stock.available(order.merchant_id, order.plan.sku_id)
    left = quota.available(order.customer)
    cancellations.cancel(order.pk, "operator:1", "asked", LATER)
    order = walks.read(order)
    assert (order.state, order.reason, order.closed_at, order.waits_until) == (State.CANCELLED, "asked", LATER, None)
    assert order.lease.state == Lease.State.VOID
    assert {bill.state for bill in order.lease.bills.all()} == {"VOID"}
    assert stock.available(order.merchant_id, order.plan.sku_id) == free + 1
    assert quota.available(order.customer) == left + order.lease.deposit.waived
    assert not Hold.objects.filter(order_number=order.number, state=Hold.State.HELD).exists()
    assert walks.told(order, "order_cancelled") >= 1
    last = events.of(order).filter(kind="transition").last()
    assert last is not None
    assert (last.source, last.target, last.actor) == (state, "CANCELLED", "operator:1")
    assert walks.broken() == {}


def test_a_paid_order_gives_rent_and_deposit_back_once(staged: dict[str, int]) -> None:
    order = find(staged, "held")
    [payment] = Payment.objects.filter(items__bill__lease=order.lease)
    cancellations.cancel(order.pk, "merchant:1", "no_stock", LATER)
    assert Refund.objects.get(payment=payment).amount == payment.amount
    assert DepositRelease.objects.get(freeze__deposit__lease=order.lease).amount == order.lease.deposit.to_hold
    make.drain(LATER)
    assert Refund.objects.get(payment=payment).state == Refund.State.SUCCEEDED
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.RELEASED
    with walks.nothing_changes():
        cancellations.give_back(order, "again", LATER + timedelta(hours=1))
    assert walks.broken() == {}


def test_a_signed_agreement_stays_what_it_is_and_an_unsigned_one_is_void(staged: dict[str, int]) -> None:
    unsigned, signed = find(staged, State.APPROVED), find(staged, State.SIGNED)
    for order in (unsigned, signed):
        cancellations.cancel(order.pk, by_customer(order), "by_customer", LATER)
    kept = {order.agreement.state for order in (walks.read(unsigned), walks.read(signed)) if order.agreement}
    assert kept == {Agreement.State.VOID, Agreement.State.SIGNED}


def test_open_attempts_are_asked_to_be_closed(staged: dict[str, int]) -> None:
    order = find(staged, State.SIGNED)
    payment = payments.pay_first(order, LATER)
    cancellations.cancel(order.pk, by_customer(order), "by_customer", LATER)
    asked = OutboxMessage.objects.filter(topic="attempt.close_requested", done_at=None)
    assert [message.payload for message in asked] == [{"payment_id": payment.pk}]
    make.drain(LATER)
    # nobody opened the page: the provider does not know it, and it closes once it has surely ended
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.OPEN
    with make.moment(payment.expires_at + timedelta(minutes=2)):
        payments.close(payment.pk, payment.expires_at + timedelta(minutes=2))
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.CLOSED


def test_a_customer_waits_48_hours_before_he_cancels_a_paid_order(staged: dict[str, int]) -> None:
    order = find(staged, State.PAID)
    assert order.paid_at is not None
    first = order.paid_at + timedelta(hours=48)
    with walks.nothing_changes(), pytest.raises(cancellations.ShippingNotLateYet):
        cancellations.cancel(order.pk, by_customer(order), "by_customer", first - timedelta(seconds=1))
    assert cancellations.cancel(order.pk, by_customer(order), "by_customer", first).state == State.CANCELLED


@pytest.mark.parametrize("actor", ["customer", "merchant:1", "operator:1"])
def test_a_shipped_order_is_not_cancelled(staged: dict[str, int], actor: str) -> None:
    order = find(staged, State.SHIPPED)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        cancellations.cancel(order.pk, by_customer(order) if actor == "customer" else actor, "x", LATER)


def test_a_cancelled_order_is_not_cancelled_again(staged: dict[str, int]) -> None:
    order = find(staged, State.APPROVED)
    cancellations.cancel(order.pk, by_customer(order), "by_customer", LATER)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        cancellations.cancel(order.pk, by_customer(order), "by_customer", LATER)
