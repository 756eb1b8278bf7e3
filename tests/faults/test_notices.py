"""What providers' notices do to us: in fifties, in any order, forged, wrong, for nobody, and never (reliability.md)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.utils.module_loading import import_string

from billing.models import Allocation, Bill, Deposit, Payment
from billing.services import payments as billing_payments
from core.models import InboxNotice, OutboxMessage
from core.services import events
from integrations.payments import PaymentFact, Status
from orders.models import Order, State
from orders.services import payments, polling
from rental.routes import ROUTES
from sandbox import conf, visitors
from sandbox.models import FaultOrder, OutgoingNotice
from sandbox.services import faults, notices, trades
from tests import make, walks
from tests.faults import together

AT = make.AT
LATER = AT + timedelta(minutes=10)
BACK = "http://testserver/"
FORM = "application/x-www-form-urlencoded"
Kind = FaultOrder.Kind
within = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker.kwargs else "db")
    yield
    assert walks.broken() == {}


def signed(score: int | None = 812) -> Order:
    """By default of a customer whose deposit is waived whole: bill 1 alone decides."""
    return make.order(State.SIGNED, slug="mini-4", months=3, of=make.customer(score))


def pay(order: Order, at: Any = LATER) -> Payment:
    """Paid at the provider, who has queued its notice."""
    with make.moment(at):
        payment = payments.pay_first(order, at)
        return paid(order, payment, at)


def paid(order: Order, payment: Payment, at: Any) -> Payment:
    with make.moment(at):
        visitors.pay(payments.page(payment, BACK), order.customer.user.phone.open(by="t", purpose="t", at=at))
    return payment


def post(form: dict[str, str]) -> tuple[int, str]:
    with make.moment(LATER):
        answer = Client().post("/api/notices/alipay/", urlencode(form), content_type=FORM)
    return answer.status_code, answer.content.decode()


def forms() -> list[dict[str, str]]:
    return [row.form for row in OutgoingNotice.objects.order_by("pk")]


# many


@committed
def test_fifty_duplicates_at_once_are_stored_once_and_posted_once() -> None:
    order = signed()
    payment = pay(order)
    [form] = forms()
    answers = together.at_once([lambda: post(form)] * 50)
    assert set(answers) == {(200, "success")}
    notice = InboxNotice.objects.get()
    message = OutboxMessage.objects.get(topic="notice.stored")
    task = import_string(ROUTES[message.topic])
    together.at_once([lambda: task(message.pk, message.payload)] * 20)
    assert InboxNotice.objects.get(pk=notice.pk).outcome == "posted"
    assert Allocation.objects.filter(payment=payment).count() == 1
    assert events.of(payment).filter(kind="payment_received").count() == 1
    assert walks.read(order).state == State.PAID
    assert walks.told(order, "order_paid") == 1


@committed
def test_one_success_under_fifty_ids_is_posted_once() -> None:
    """Alipay tells the same trade under new ids: the store lets them in, the posting does not."""
    order = signed()
    payment = pay(order)
    with make.moment(LATER):
        fact = billing_payments.ask(payment.pk)
    answers = together.at_once([lambda: payments.receive("alipay", fact, LATER)] * 50)
    assert sorted(answers) == ["known"] * 49 + ["posted"]
    assert Allocation.objects.filter(payment=payment).count() == 1


# in any order


@within
def test_success_part_refund_and_close_in_every_order_post_the_payment_once() -> None:
    order = signed()
    payment = pay(order)
    with make.moment(LATER):
        trades.refund(payment.number, "R1", payment.amount / 2, LATER)
        trades.refund(payment.number, "R2", payment.amount / 2, LATER)
    told = forms()
    assert [form["trade_status"] for form in told] == ["TRADE_SUCCESS", "TRADE_SUCCESS", "TRADE_CLOSED"]
    for order_of_arrival in permutations(told):
        with transaction.atomic():
            transaction.get_connection().atomic_blocks[-1]._from_testcase = True
            for form in order_of_arrival:
                assert post(form) == (200, "success")
                make.drain(LATER)
            assert Payment.objects.get(pk=payment.pk).state == Payment.State.SUCCEEDED
            assert Allocation.objects.filter(payment=payment).count() == 1
            assert walks.read(order).state == State.PAID
            assert sorted(InboxNotice.objects.values_list("outcome", flat=True)) == ["known", "known", "posted"]
            transaction.set_rollback(True)


@within
@pytest.mark.parametrize("closed_first", [True, False])
def test_a_success_that_comes_after_the_close_is_not_lost(closed_first: bool) -> None:
    order = signed()
    payment = payments.pay_first(order, LATER)
    facts = [payment_fact(payment, status=Status.CLOSED), payment_fact(payment)]
    for fact in facts if closed_first else facts[::-1]:
        payments.receive("alipay", fact, LATER)
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.SUCCEEDED
    assert walks.read(order).state == State.PAID


def payment_fact(payment: Payment, **changes: Any) -> PaymentFact:
    told: dict[str, Any] = {
        "request_no": payment.number, "trade_no": "T1", "status": Status.SUCCEEDED, "amount": payment.amount,
        "currency": "CNY", "payer": "2088", "paid_at": LATER, "merchant_id": conf.seller_id(),
    }  # fmt: skip
    return PaymentFact(**{**told, **changes})


# not for us


@within
def test_a_genuine_notice_for_an_unknown_number_is_kept_and_changes_nothing() -> None:
    order = signed()
    payment = payments.pay_first(order, LATER)
    put_unknown("P2026030200000000000000")
    assert post(forms()[-1]) == (200, "success")
    make.drain(LATER)
    assert InboxNotice.objects.get().outcome == "unknown number"
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.OPEN


def put_unknown(number: str) -> None:
    told = {
        "trade_no": "T9", "out_trade_no": number, "seller_id": conf.seller_id(), "buyer_id": "2088",
        "trade_status": "TRADE_SUCCESS", "total_amount": "431.00", "gmt_payment": "2026-03-02 10:10:00",
    }  # fmt: skip
    notices.put("http://testserver/api/notices/alipay/", "trade_status_sync", told, LATER)


@within
def test_a_forged_notice_is_refused_and_nothing_is_kept() -> None:
    order = signed()
    faults.order("notice:trade_status_sync", Kind.FORGED)
    pay(order)
    with walks.nothing_changes():
        status, _text = post(forms()[-1])
    assert status == 400
    assert not InboxNotice.objects.exists()


@within
def test_a_genuine_notice_with_a_wrong_amount_is_quarantined_and_nothing_steps() -> None:
    order = signed()
    faults.order("notice:trade_status_sync", Kind.WRONG_AMOUNT, argument="0.01")
    payment = pay(order)
    post(forms()[-1])
    make.drain(LATER)
    assert InboxNotice.objects.get().outcome == "quarantined"
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.QUARANTINED
    assert walks.read(order).state == State.SIGNED
    assert Bill.objects.get(lease=order.lease, number=1).state == Bill.State.OPEN


# never


@within
def test_without_any_notice_the_poller_asks_at_1_5_15_and_60_minutes_and_between_them_nobody() -> None:
    order = signed(726)
    faults.order("notice", Kind.DROP, times=9)
    with make.moment(AT):
        freeze = payments.freeze_deposit(order, AT)
        payment = payments.pay_first(order, AT)
        Payment.objects.filter(pk=payment.pk).update(expires_at=AT + timedelta(hours=2))
        freeze.expires_at = AT + timedelta(hours=2)
        freeze.save(update_fields=["expires_at"])
    asked = {}
    for minute in range(1, 121):
        at = AT + timedelta(minutes=minute)
        with make.moment(at):
            asked[minute] = polling.ask_open(at)
    assert {minute: count for minute, count in asked.items() if count} == {1: 2, 5: 2, 15: 2, 60: 2, 120: 2}


@within
def test_money_whose_notice_was_dropped_is_found_by_the_next_question() -> None:
    order = signed(726)
    faults.order("notice", Kind.DROP, times=9)
    paid_at = AT + timedelta(minutes=7)
    with make.moment(paid_at):
        payment = payments.pay_first(order, AT)
        freeze = payments.freeze_deposit(order, AT)
        phone = order.customer.user.phone.open(by="t", purpose="t", at=AT)
        visitors.pay(payments.page(payment, BACK), phone)
        visitors.pay(payments.freeze_page(freeze, BACK), phone)
    assert make.deliver_notices(paid_at) == 0
    at = AT + timedelta(minutes=15)
    with make.moment(at):
        assert polling.ask_open(at) == 2
    assert walks.read(order).state == State.PAID
    assert Payment.objects.get(pk=payment.pk).paid_at == paid_at
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.SECURED


@within
def test_an_attempt_past_its_end_is_closed_by_the_poller_and_the_bill_is_free_for_the_next() -> None:
    order = signed()
    first = payments.pay_first(order, LATER)
    end = first.expires_at + timedelta(minutes=2)
    with make.moment(end):
        polling.ask_open(end)
    assert Payment.objects.get(pk=first.pk).state == Payment.State.CLOSED
    assert payments.pay_first(order, end).number != first.number


@within
def test_an_unreachable_provider_costs_nothing_and_is_asked_again() -> None:
    order = signed()
    faults.order("notice", Kind.DROP)
    payment = pay(order, AT + timedelta(minutes=1))
    faults.order("alipay.trade.query", Kind.DOWN, times=3)
    first, later = AT + timedelta(minutes=3), AT + timedelta(minutes=7)
    with make.moment(first):
        assert polling.ask_open(first) == 0
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.OPEN
    faults.forget()
    from django.core.cache import cache

    cache.clear()  # the breaker's memory: minutes have passed
    with make.moment(later):
        assert polling.ask_open(later) == 1
    assert walks.read(order).state == State.PAID
