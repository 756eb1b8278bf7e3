"""First money: PAID is bill 1 and the deposit; late, wrong and unknown money never moves an order (domain.md §5)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Allocation, Bill, Deposit, DepositFreeze, DepositRelease, Payment, Refund
from billing.services import deposits as billing_deposits
from billing.services import payments as billing_payments
from core.models import InboxNotice
from core.services import events
from integrations.payments import FreezeFact, PaymentFact, Status
from orders.models import Order, State
from orders.services import cancellations, payments, waits
from sandbox import conf, visitors
from sandbox.models import FaultOrder
from sandbox.models import Refund as PretendedRefund
from sandbox.models import Release as PretendedRelease
from sandbox.services import faults
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(minutes=5)
BACK = "http://testserver/"
RENT = Decimal("431.00")  # mini-4: 4,788 × 0.09 = 430.92, whole yuan
TO_HOLD = Decimal("636.81")  # 4,788 × 0.95 × 0.70 = 3,184.02; 80 % = 2,547.21(6) waived


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.SIGNED, slug="mini-4", months=3).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def phone(order: Order) -> str:
    opened: str = order.customer.user.phone.open(by="test", purpose="test", at=AT)
    return opened


def pay(order: Order) -> Payment:
    """The customer pays at the provider; the notice has not come yet."""
    with make.moment(LATER):
        payment = payments.pay_first(order, LATER)
        visitors.pay(payments.page(payment, BACK), phone(order))
    return payment


def freeze(order: Order) -> DepositFreeze:
    """The customer agrees to the freeze; the notice has not come yet."""
    with make.moment(LATER):
        made = payments.freeze_deposit(order, LATER)
        visitors.pay(payments.freeze_page(made, BACK), phone(order))
    return made


def fact(payment: Payment, **changes: Any) -> PaymentFact:
    told: dict[str, Any] = {
        "request_no": payment.number,
        "trade_no": "2026030222001400000000000001",
        "status": Status.SUCCEEDED,
        "amount": payment.amount,
        "currency": "CNY",
        "payer": "2088",
        "paid_at": LATER,
        "merchant_id": conf.seller_id(),
    }
    return PaymentFact(**{**told, **changes})


def frozen_fact(freeze: DepositFreeze, **changes: Any) -> FreezeFact:
    told: dict[str, Any] = {
        "order_no": freeze.number,
        "request_no": freeze.request_number,
        "auth_no": "2026030210002001000000000001",
        "operation_id": "1",
        "status": Status.SUCCEEDED,
        "amount": freeze.amount,
        "mode": "FUND",
        "payer": "2088",
        "frozen_at": LATER,
        "merchant_id": conf.seller_id(),
    }
    return FreezeFact(**{**told, **changes})


# both, in any order


@pytest.mark.parametrize("first", ["bill", "deposit"])
def test_only_bill_one_and_the_deposit_together_make_it_paid(order: Order, first: str) -> None:
    steps = [pay, freeze] if first == "bill" else [freeze, pay]
    steps[0](order)
    make.deliver_notices(LATER)
    assert walks.read(order).state == State.SIGNED
    assert walks.told(order, "order_paid") == 0
    steps[1](walks.read(order))
    make.deliver_notices(LATER)
    order = walks.read(order)
    assert (order.state, order.paid_at, order.waits_until) == (State.PAID, LATER, LATER + timedelta(days=5))
    assert walks.told(order, "order_paid") == 1
    assert order.lease.bills.get(number=1).paid == RENT
    assert order.lease.deposit.state == Deposit.State.SECURED
    last = events.of(order).last()
    assert last is not None
    assert (last.source, last.target, last.actor) == ("SIGNED", "PAID", events.PLATFORM)
    assert walks.broken() == {}


def test_the_attempts_ask_for_exactly_what_was_shown(order: Order) -> None:
    payment, held = pay(order), freeze(order)
    assert (payment.amount, held.amount) == (RENT, TO_HOLD)
    assert payment.expires_at == held.expires_at == LATER + timedelta(minutes=30)


def test_an_attempt_never_outlives_the_orders_wait(order: Order) -> None:
    assert order.waits_until is not None
    late = order.waits_until - timedelta(minutes=10)
    assert payments.pay_first(order, late).expires_at == order.waits_until


def test_an_order_whose_wait_is_over_takes_no_new_money(order: Order) -> None:
    """The sweeper has not come by yet."""
    assert order.waits_until is not None
    with walks.nothing_changes():
        with pytest.raises(billing_payments.AttemptOver):
            payments.pay_first(order, order.waits_until)
        with pytest.raises(billing_payments.AttemptOver):
            payments.freeze_deposit(order, order.waits_until)


def test_a_second_attempt_while_one_is_open_leads_to_the_first(order: Order) -> None:
    payment, held = payments.pay_first(order, LATER), payments.freeze_deposit(order, LATER)
    with walks.nothing_changes():
        with pytest.raises(billing_payments.AttemptOpen) as paying:
            payments.pay_first(order, LATER)
        with pytest.raises(billing_deposits.FreezeOpen) as freezing:
            payments.freeze_deposit(order, LATER)
    assert (paying.value.payment, freezing.value.freeze) == (payment, held)


def test_a_notice_told_again_posts_nothing_more(order: Order) -> None:
    payment = payments.pay_first(order, LATER)
    assert payments.receive("alipay", fact(payment), LATER) == "posted"
    with walks.nothing_changes():
        assert payments.receive("alipay", fact(payment), LATER + timedelta(hours=1)) == "known"
    assert Allocation.objects.filter(payment=payment).count() == 1


def test_another_leases_bill_is_not_paid_by_this_order(order: Order) -> None:
    other = make.order(slug="mini-4", months=3)
    with walks.nothing_changes(), pytest.raises(billing_payments.BillUnknown):
        payments.pay_bills(order, [other.lease.bills.get(number=1).pk], LATER)


# late money


def test_a_success_after_expiry_is_posted_and_refunded_by_itself(order: Order) -> None:
    payment = pay(order)
    assert order.waits_until is not None
    expiry = order.waits_until
    waits.end_due(expiry)
    assert walks.read(order).state == State.CANCELLED
    make.deliver_notices(expiry)
    payment.refresh_from_db(fields=["refunded", "paid_at"])
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.SUCCEEDED
    assert (payment.paid_at, payment.refunded) == (LATER, RENT)
    refund = Refund.objects.get(payment=payment)
    assert (refund.state, refund.amount, refund.reason) == (Refund.State.SUCCEEDED, RENT, "late_payment")
    assert PretendedRefund.objects.get(trade__out_trade_no=payment.number).amount == RENT
    assert walks.told(order, "late_payment_returned") == 1
    assert walks.read(order).state == State.CANCELLED
    assert walks.broken() == {}


def test_a_freeze_after_expiry_is_released_by_itself(order: Order) -> None:
    held = freeze(order)
    assert order.waits_until is not None
    waits.end_due(order.waits_until)
    make.deliver_notices(order.waits_until)
    release = DepositRelease.objects.get(freeze=held)
    assert (release.state, release.amount) == (DepositRelease.State.SUCCEEDED, TO_HOLD)
    assert PretendedRelease.objects.get(freeze__out_order_no=held.number).amount == TO_HOLD
    assert walks.told(order, "late_payment_returned") == 1
    assert walks.broken() == {}


def test_one_of_the_two_at_expiry_is_given_back(order: Order) -> None:
    payment = pay(order)
    make.deliver_notices(LATER)
    assert order.waits_until is not None
    waits.end_due(order.waits_until)
    assert Refund.objects.get(payment=payment).state == Refund.State.REQUESTED  # an intent, committed with the end
    make.drain(order.waits_until)
    assert Refund.objects.get(payment=payment).state == Refund.State.SUCCEEDED
    assert walks.broken() == {}


def test_the_frozen_deposit_of_a_cancelled_order_is_released(order: Order) -> None:
    held = freeze(order)
    make.deliver_notices(LATER)
    cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", LATER)
    deposit = Deposit.objects.get(lease=order.lease_id)
    assert deposit.state == Deposit.State.RELEASING
    assert str(deposit.promised_on) == "2026-03-05"  # Monday 2 March and three working days
    make.drain(LATER)
    assert Deposit.objects.get(pk=deposit.pk).state == Deposit.State.RELEASED
    assert DepositFreeze.objects.get(pk=held.pk).held == 0
    assert walks.broken() == {}


def test_an_attempt_that_closes_after_the_cancellation_tells_of_no_money(order: Order) -> None:
    payment, held = payments.pay_first(order, LATER), payments.freeze_deposit(order, LATER)
    cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", LATER)
    assert payments.receive("alipay", fact(payment, status=Status.CLOSED), LATER) == "posted"
    assert payments.receive_freeze("alipay", frozen_fact(held, status=Status.CLOSED), LATER) == "posted"
    assert walks.told(order, "late_payment_returned") == 0


# money that is not ours


@pytest.mark.parametrize("changes", [{"amount": RENT - Decimal("0.01")}, {"currency": "USD"}, {"merchant_id": "2088x"}])
def test_money_that_does_not_match_is_quarantined_and_nothing_steps(order: Order, changes: dict[str, Any]) -> None:
    freeze(order)
    make.deliver_notices(LATER)
    payment = payments.pay_first(order, LATER)
    assert payments.receive("alipay", fact(payment, **changes), LATER) == "quarantined"
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.QUARANTINED
    assert events.of(payment).get().kind == "payment_quarantined"
    assert not Allocation.objects.exists()
    assert Bill.objects.get(lease=order.lease, number=1).state == Bill.State.OPEN
    assert walks.read(order).state == State.SIGNED
    assert walks.broken() == {}


def test_a_freeze_of_another_amount_is_quarantined_and_secures_nothing(order: Order) -> None:
    held = payments.freeze_deposit(order, LATER)
    told = frozen_fact(held, amount=TO_HOLD - Decimal("0.01"))
    assert payments.receive_freeze("alipay", told, LATER) == "quarantined"
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.DUE
    assert walks.broken() == {}


def test_a_signed_notice_with_a_wrong_amount_is_quarantined(order: Order) -> None:
    faults.order("notice:trade_status_sync", FaultOrder.Kind.WRONG_AMOUNT, argument="0.01")
    pay(order)
    make.deliver_notices(LATER)
    assert InboxNotice.objects.get().outcome == "quarantined"
    assert walks.read(order).state == State.SIGNED
    assert walks.broken() == {}


def test_facts_about_unknown_numbers_change_nothing(order: Order) -> None:
    payment, held = payments.pay_first(order, LATER), payments.freeze_deposit(order, LATER)
    with walks.nothing_changes():
        assert payments.receive("alipay", fact(payment, request_no="P0"), LATER) == "unknown number"
        assert payments.receive_freeze("alipay", frozen_fact(held, order_no="D0"), LATER) == "unknown number"
        assert payments.receive("another", fact(payment), LATER) == "unknown number"
