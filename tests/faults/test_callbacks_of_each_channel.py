"""What every provider does to us in life, through the real door: orders of arrival, traps, wrong words, lost answers.

The traps of a single wire stand beside its adapter (tests/integrations: test_alipay_traps.py,
test_wechat_wire.py, test_stripe_wire.py).
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
import stamina
from django.core.cache import cache
from django.db import OperationalError, transaction
from django.test import Client

from billing.models import Allocation, Bill, Lease, Payment, Refund
from billing.services import payments as billing_payments
from billing.services import refunds
from core.models import InboxNotice
from core.services import events, inbox
from integrations import http
from integrations.errors import ProviderUnavailable
from orders.services import payments, polling
from sandbox import keys, visitors
from sandbox import models as there
from sandbox.cards import CardRefund
from sandbox.models import FaultOrder, OutgoingNotice
from sandbox.services import cards, faults, notices, trades, wechat
from tests import make, things, walks

pytestmark = pytest.mark.django_db
AT = things.AT
LATER = AT + timedelta(minutes=10)
MUCH_LATER = AT + timedelta(days=3)
PART = Decimal("100.00")
CHANNELS = ["alipay", "wechat", "stripe"]
REFUND = {"alipay": "alipay.trade.refund", "wechat": "wechat.refund", "stripe": "stripe.refund"}
SUCCESS = {
    "alipay": "notice:trade_status_sync",
    "wechat": "notice:TRANSACTION.SUCCESS",
    "stripe": "notice:charge.succeeded",
}
TOLD = {"alipay": (trades, "told"), "wechat": (wechat, "told"), "stripe": (cards, "told_charge")}
Kind = FaultOrder.Kind
State = Payment.State


@pytest.fixture(autouse=True)
def _sound_afterwards() -> Iterator[None]:
    keys.make_all()
    with stamina.set_testing(True, attempts=http.ATTEMPTS):
        yield
    assert walks.broken() == {}


@pytest.fixture(params=CHANNELS)
def channel(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def lease() -> Lease:
    return things.lease()


def attempt(lease: Lease, channel: str) -> Payment:
    bill = things.bill(lease)
    return billing_payments.open(lease.customer, [bill.pk], channel, at=AT, expires_at=AT + timedelta(minutes=30))


def paid_there(payment: Payment) -> Payment:
    """The customer paid; the notice waits at the provider."""
    with make.moment(AT):
        visitors.pay(billing_payments.page(payment, things.RETURN_URL), things.PHONE)
    return payment


def received(lease: Lease, channel: str) -> Payment:
    payment = paid_there(attempt(lease, channel))
    make.deliver_notices(LATER)
    return things.again(payment)


def settled(at: Any) -> None:
    """Banks, courier and workers at `at`."""
    with make.moment(at):
        wechat.settle_due(at)
        cards.settle_due(at)
    make.deliver_notices(at)


def ask(at: Any) -> int:
    cache.clear()  # the breaker's memory: time has passed
    with make.moment(at):
        return polling.ask_open(at)


# in every order


def test_success_and_refunds_in_every_order_post_each_once(channel: str, lease: Lease) -> None:
    payment = paid_there(attempt(lease, channel))
    with make.moment(AT):
        fact = billing_payments.ask(payment.pk)
    payments.receive(channel, fact, AT)  # so that refunds can be intended; its notice is still to come
    made = [
        refunds.request(payment.pk, amount, "test", AT, things.lease_of(payment))
        for amount in (PART, payment.amount - PART)
    ]
    make.drain(AT)
    with make.moment(LATER):
        wechat.settle_due(LATER)
    waiting = list(OutgoingNotice.objects.order_by("pk"))
    assert len(waiting) == 3
    for order in permutations(waiting):
        with transaction.atomic():
            transaction.get_connection().atomic_blocks[-1]._from_testcase = True
            for turn, notice in enumerate(order):
                OutgoingNotice.objects.filter(pk=notice.pk).update(due_at=LATER + timedelta(seconds=turn))
                OutgoingNotice.objects.exclude(pk__in=[one.pk for one in order[: turn + 1]]).update(due_at=None)
                make.deliver_notices(LATER + timedelta(seconds=turn))
            ask(LATER + timedelta(minutes=5))
            assert things.again(payment).state == State.SUCCEEDED
            assert {things.again(one).state for one in made} == {"SUCCEEDED"}
            assert events.of(payment).filter(kind="payment_received").count() == 1
            assert walks.broken() == {}
            transaction.set_rollback(True)


def test_a_close_that_the_provider_tells_after_its_time_out_frees_the_bill(lease: Lease) -> None:
    """Alipay's TRADE_CLOSED of a trade that nobody paid; a full refund sends the same word."""
    payment = attempt(lease, "alipay")
    with make.moment(AT):
        visitors.look(billing_payments.page(payment, things.RETURN_URL), things.PHONE)
    with make.moment(AT + timedelta(minutes=31)), transaction.atomic():
        trades.known(payment.number, AT + timedelta(minutes=31))
    assert OutgoingNotice.objects.get().form["trade_status"] == "TRADE_CLOSED"
    make.deliver_notices(AT + timedelta(minutes=32))
    assert things.again(payment).state == State.CLOSED
    assert attempt(lease, "alipay").number != payment.number


def test_a_payment_told_as_finished_instead_of_success_is_posted(lease: Lease) -> None:
    """TRADE_FINISHED: it came in and can no longer be refunded there; a refund of it waits for an operator."""
    faults.order("notice", Kind.DROP)
    payment = paid_there(attempt(lease, "alipay"))
    with make.moment(AT):
        trades.finish(payment.number, AT)
    assert OutgoingNotice.objects.get().form["trade_status"] == "TRADE_FINISHED"
    make.deliver_notices(LATER)
    assert things.again(payment).state == State.SUCCEEDED
    refund = refunds.request(payment.pk, PART, "test", LATER, things.lease_of(payment))
    make.drain(LATER)
    assert things.again(refund).state == Refund.State.FAILED
    assert events.of(refund).filter(kind="refund_refused", facts__provider_code="ACQ.TRADE_HAS_FINISHED").exists()


# wrong words under a valid signature


def test_a_wrong_amount_is_quarantined_and_the_bill_stays_owed(channel: str, lease: Lease) -> None:
    faults.order(SUCCESS[channel], Kind.WRONG_AMOUNT)
    payment = received(lease, channel)
    assert payment.state == State.QUARANTINED
    assert things.bill(lease).state == Bill.State.OPEN
    assert InboxNotice.objects.get().outcome == "quarantined"


WRONG_WORDS: dict[str, dict[str, dict[str, Any]]] = {
    "another merchant": {
        "alipay": {"seller_id": "2088000000000009"}, "wechat": {"mchid": "1900009999"}, "stripe": {"livemode": True},
    },
    "another app": {"wechat": {"appid": "wx0000000000009999"}},
    "no merchant": {"alipay": {"seller_id": ""}, "wechat": {"mchid": ""}, "stripe": {"livemode": None}},
    "another currency": {
        "alipay": {"trans_currency": "USD"}, "wechat": {"amount": {"currency": "USD"}}, "stripe": {"currency": "usd"},
    },
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_WORDS)
def test_money_for_somebody_else_or_of_another_currency_is_quarantined(
    channel: str, wrong: str, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = WRONG_WORDS[wrong].get(channel)
    if changes is None:
        assert (channel != "wechat", wrong) == (True, "another app")  # Alipay's name it: BadSignature, in the traps
        return
    module, name = TOLD[channel]
    told = getattr(module, name)

    def wrongly(*args: Any, **named: Any) -> dict[str, Any]:
        words: dict[str, Any] = told(*args, **named)
        for word, value in changes.items():
            words[word] = {**words[word], **value} if isinstance(value, dict) else value
        return words

    with monkeypatch.context() as patch:
        patch.setattr(module, name, wrongly)
        payment = paid_there(attempt(lease, channel))
    make.deliver_notices(LATER)
    assert things.again(payment).state == State.QUARANTINED
    assert not Allocation.objects.exists()
    assert InboxNotice.objects.get().outcome == "quarantined"


def test_a_refund_told_with_a_wrong_amount_is_noted_and_not_posted(lease: Lease) -> None:
    """Only WeChat tells of refunds by themselves; asking afterwards finds the right word."""
    payment = received(lease, "wechat")
    faults.order("notice:REFUND.SUCCESS", Kind.WRONG_AMOUNT)
    refund = refunds.request(payment.pk, PART, "test", LATER, things.lease_of(payment))
    make.drain(LATER)
    settled(LATER + timedelta(minutes=1))
    assert things.again(refund).state == Refund.State.REQUESTED
    assert events.of(refund).filter(kind="refund_mismatch", facts__amount="99.99").exists()
    assert ask(LATER + timedelta(minutes=3)) == 1
    assert things.again(refund).state == Refund.State.SUCCEEDED


def test_a_forged_notice_is_refused_and_the_provider_is_asked_instead(channel: str, lease: Lease) -> None:
    faults.order(SUCCESS[channel], Kind.FORGED)
    payment = received(lease, channel)
    assert (payment.state, InboxNotice.objects.count()) == (State.OPEN, 0)
    assert ask(AT + timedelta(minutes=5)) == 1
    assert things.again(payment).state == State.SUCCEEDED


# answers and notices that are lost


def test_a_notice_that_never_comes_is_made_good_at_the_first_question(channel: str, lease: Lease) -> None:
    faults.order("notice", Kind.DROP, times=9)
    payment = received(lease, channel)
    assert payment.state == State.OPEN
    assert ask(AT + timedelta(minutes=1)) == 1
    assert things.again(payment).state == State.SUCCEEDED


@pytest.mark.parametrize("kind", [Kind.LOSE_REPLY, Kind.UNKNOWN, Kind.DOWN, Kind.FORGED])
def test_a_refund_whose_answer_is_lost_keeps_its_number_and_moves_money_once(
    channel: str, kind: FaultOrder.Kind, lease: Lease
) -> None:
    payment = received(lease, channel)
    refund = refunds.request(payment.pk, PART, "test", LATER, things.lease_of(payment))
    faults.order(REFUND[channel], kind, times=5)
    with make.moment(LATER), pytest.raises(ProviderUnavailable):
        refunds.send(refund.pk, LATER)
    assert things.again(refund).state == Refund.State.REQUESTED
    faults.forget()
    ask(LATER + timedelta(minutes=3))
    ask(LATER + timedelta(minutes=6))
    assert things.again(refund).state == Refund.State.SUCCEEDED
    assert moved(channel) == [(refund.number, PART)]


def moved(channel: str) -> list[tuple[str, Decimal]]:
    """The refunds that the provider made."""
    if channel == "alipay":
        return [(one.out_request_no, one.amount) for one in there.Refund.objects.filter(fails_at=None)]
    if channel == "stripe":
        done = CardRefund.objects.filter(status="succeeded")
        return [(one.marks["number"], Decimal(one.amount) / 100) for one in done]
    return [
        (one.out_refund_no, Decimal(one.amount) / 100) for one in there.WechatRefund.objects.filter(state="SUCCESS")
    ]


def test_a_refund_that_fails_later_is_sent_again_or_left_to_an_operator(channel: str, lease: Lease) -> None:
    """Alipay forgets it, and takes the same number again; WeChat and Stripe say that it failed, their last word."""
    payment = received(lease, channel)
    target = REFUND[channel] + (":later" if channel == "wechat" else "")
    faults.order(target, Kind.FAIL_LATER)
    refund = refunds.request(payment.pk, PART, "test", LATER, things.lease_of(payment))
    make.drain(LATER)
    assert things.again(refund).state == Refund.State.REQUESTED
    ask(LATER + timedelta(hours=1))
    assert (things.again(refund).state, moved(channel)) == (Refund.State.REQUESTED, [])
    settled(MUCH_LATER)
    ask(MUCH_LATER)
    assert moved(channel) == ([(refund.number, PART)] if channel == "alipay" else [])
    assert things.again(refund).state == ("SUCCEEDED" if channel == "alipay" else "FAILED")


def test_accepted_is_not_refunded(lease: Lease) -> None:
    """Alipay's code 10000 without fund_change Y: the refund waits until a question finds it done."""
    payment = received(lease, "alipay")
    faults.order("alipay.trade.refund", Kind.FAIL_LATER)
    refund = refunds.request(payment.pk, PART, "test", LATER, things.lease_of(payment))
    with make.moment(LATER):
        assert refunds.send(refund.pk, LATER).state == Refund.State.REQUESTED


# the door


def test_a_notice_that_could_not_be_stored_is_not_acknowledged_and_comes_again(
    channel: str, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above all for WeChat, who takes any 2xx as accepted for ever."""
    payment = paid_there(attempt(lease, channel))

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as patch, make.moment(AT):
        patch.setattr(inbox, "store", fail)
        notices.deliver_due(AT, notices.into(Client(raise_request_exception=False)))
    told = OutgoingNotice.objects.get()
    assert (told.delivered_at, told.answered[:3]) == (None, "500")
    make.deliver_notices(LATER)
    assert things.again(payment).state == State.SUCCEEDED


def test_the_door_answers_at_once_and_acts_after(channel: str, lease: Lease) -> None:
    """Within WeChat's five seconds whatever the posting costs: it stores the notice and asks for the work, no more."""
    paid_there(attempt(lease, channel))
    with make.moment(AT):
        letter = notices._letter(OutgoingNotice.objects.get(), AT)
        post = notices.into(Client())
        with walks.nothing_changes("core_inboxnotice", "core_outboxmessage"):
            assert post(letter).status == 200


def test_the_first_words_of_the_sandbox_are_true(channel: str, lease: Lease) -> None:
    """The counterpart of the wrong words above: what is told without a fault is posted."""
    assert received(lease, channel).state == State.SUCCEEDED
    assert things.bill(lease).state == Bill.State.PAID
