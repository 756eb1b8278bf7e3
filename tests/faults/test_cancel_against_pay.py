"""Pay and cancel exclude each other: never both, and the money is always back or the device on its way (10)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.models import Payment, Refund
from billing.services import payments as billing_payments
from credit.models import Hold
from integrations.payments import PaymentFact
from orders.models import Order, State
from orders.services import cancellations, payments, waits
from sandbox import visitors
from sandbox.models import Refund as PretendedRefund
from tests import make, walks
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
LATER = make.AT + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert walks.broken() == {}


def paid_at_the_provider(order: Order) -> PaymentFact:
    """The whole deposit is waived (812), so that this payment alone decides; its notice has not come."""
    with make.moment(LATER):
        payment = payments.pay_first(order, LATER)
        phone = order.customer.user.phone.open(by="test", purpose="test", at=LATER)
        visitors.pay(payments.page(payment, "http://testserver/"), phone)
        return billing_payments.ask(payment.pk)


def signed() -> Order:
    return make.order(State.SIGNED, slug="mini-4", months=3, of=make.customer(812))


def cancel(order: Order) -> Order:
    return cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", LATER)


def settled(order: Order) -> str:
    """After all work is done: PAID with the money here, or CANCELLED with the money back, never a mixture."""
    make.deliver_notices(LATER)
    payment = Payment.objects.get(items__bill__lease=order.lease)
    refunded = sum(refund.amount for refund in PretendedRefund.objects.filter(trade__out_trade_no=payment.number))
    state: str = walks.read(order).state
    holds = Hold.objects.filter(order_number=order.number, state=Hold.State.HELD).count()
    if state == State.PAID:
        assert (payment.refunded, refunded, holds) == (0, 0, 1)
    else:
        assert state == State.CANCELLED
        assert (payment.refunded, refunded, holds) == (payment.amount, payment.amount, 0)
        assert Refund.objects.get(payment=payment).state == Refund.State.SUCCEEDED
    return state


def test_cancelled_first_the_money_comes_back() -> None:
    order = signed()
    fact = paid_at_the_provider(order)
    cancel(order)
    payments.receive("alipay", fact, LATER)
    assert settled(order) == State.CANCELLED
    assert walks.told(order, "late_payment_returned") == 1


def test_paid_first_the_order_is_no_longer_the_customers_to_cancel() -> None:
    order = signed()
    fact = paid_at_the_provider(order)
    payments.receive("alipay", fact, LATER)
    with pytest.raises(cancellations.ShippingNotLateYet):
        cancel(order)
    assert settled(order) == State.PAID


@pytest.mark.parametrize("turn", range(3))
def test_at_once_one_of_the_two_happens(turn: int) -> None:
    order = signed()
    fact = paid_at_the_provider(order)
    acts = [lambda: payments.receive("alipay", fact, LATER), lambda: cancel(order)]
    together.at_once(acts if turn % 2 else acts[::-1])
    assert settled(order) in {State.PAID, State.CANCELLED}


def test_notice_cancel_expiry_and_question_at_once_agree_in_the_end() -> None:
    order = signed()
    fact = paid_at_the_provider(order)
    payment = Payment.objects.get(items__bill__lease=order.lease)
    assert order.waits_until is not None
    end = order.waits_until
    together.at_once(
        [
            lambda: payments.receive("alipay", fact, LATER),
            lambda: payments.receive("alipay", fact, LATER),
            lambda: cancel(order),
            lambda: waits.end(order, end),
            lambda: payments.receive("alipay", billing_payments.ask(payment.pk), LATER),
        ]
    )
    assert settled(order) in {State.PAID, State.CANCELLED}


def test_two_cancellations_at_once_give_back_once() -> None:
    order = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(None))
    acts = [lambda: cancellations.cancel(order.pk, "merchant:1", "no_stock", LATER)] * 4
    together.at_once(acts)
    make.drain(LATER)
    payment = Payment.objects.get(items__bill__lease=order.lease)
    assert Refund.objects.get(payment=payment).amount == payment.amount
    assert walks.told(order, "order_cancelled") == 1
