"""What must cost nothing: duplicates at once, lost answers, wrong notices, and a process that dies in between.

Facts in every order, late success and quarantine without parallelism stand in tests/services/test_payments.py.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from billing.models import Allocation, Deposit, DepositFreeze, DepositRelease, Lease, Payment, Refund
from billing.services import deposits, leases, payments, refunds
from core import invariants
from core.faults import KILLED
from integrations.errors import ProviderUnavailable
from integrations.payments import PaymentFact, RefundStatus
from sandbox import models as sandbox
from sandbox.services import faults
from tests import things
from tests.faults import together
from tests.integrations import adapters

child = partial(together.child, module="tests.faults.dying")
pytestmark = pytest.mark.django_db(transaction=True)
LATER = things.AT + timedelta(minutes=5)
Kind = sandbox.FaultOrder.Kind


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "guards_off" not in request.fixturenames:
        broken = {i.number: invariants.violations(i) for i in invariants.all_invariants()}
        assert {number: count for number, count in broken.items() if count} == {}


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """What `count` threads got from the same act, all set off together; a DomainError counts as an answer."""
    return together.at_once([act] * count)


def paid_at_cashier(lease: Lease) -> Payment:
    """Money came in at the provider; we have not heard of it."""
    with things.at_work:
        payment = things.attempt(things.bill(lease))
        things.pay_at_cashier(payment)
    return payment


# duplicates


def test_fifty_duplicates_at_once_are_posted_once() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    captured = at_once(50, lambda: payments.capture(things.ALIPAY, things.success(payment), LATER))
    assert sum(one.news for one in captured) == 1
    assert (things.bill(lease).paid, Allocation.objects.count()) == (Decimal("551.83"), 2)


@pytest.fixture
def guards_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read without locks, several at once."""
    meeting = threading.Barrier(4)
    succeeded = payments._succeeded

    def meet_first(payment: Payment, *rest: Any) -> Any:
        meeting.wait(10)
        return succeeded(payment, *rest)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *_, **__: self.all())
    monkeypatch.setattr(payments, "_succeeded", meet_first)


def test_the_race_is_real_with_the_guards_off(guards_off: None) -> None:
    """The twin: the same duplicates post several times, and the invariant sees it."""
    payment = things.attempt(things.bill(things.lease()))
    captured = at_once(4, lambda: payments.capture(things.ALIPAY, things.success(payment), LATER))
    assert sum(one.news for one in captured) > 1
    broken = {i.number for i in invariants.all_invariants() if invariants.violations(i)}
    assert broken == {"11"}


def test_a_bill_opened_many_times_at_once_has_one_attempt() -> None:
    bill = things.bill(things.lease())
    opened = at_once(8, lambda: things.attempt(bill))
    assert [type(one) for one in opened].count(Payment) == 1
    assert [type(one) for one in opened].count(payments.AttemptOpen) == 7


def test_refunds_at_once_never_come_to_more_than_was_received() -> None:
    """551.83 holds five times 100."""
    payment = things.paid(things.bill(things.lease()))
    made = at_once(8, lambda: refunds.request(payment.pk, Decimal(100), "test", LATER, things.lease_of(payment)))
    assert [type(one) for one in made].count(Refund) == 5
    assert things.again(payment).refunded == Decimal(500)


def test_a_cancelled_lease_gives_back_once_however_many_ask() -> None:
    lease = things.lease()
    things.paid(things.bill(lease))
    leases.void(lease.pk, LATER)
    at_once(8, lambda: refunds.give_back(lease.pk, "cancelled", LATER))
    assert Refund.objects.get().amount == Decimal("551.83")


def test_a_freeze_told_many_times_at_once_secures_once() -> None:
    freeze = things.freeze(things.lease(deposit="2000"))
    told = at_once(8, lambda: deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER))
    assert sum(one.secured for one in told) == 1


def test_success_and_cancel_at_once_leave_nothing_with_us() -> None:
    """Whichever is first: the money is laid and given back, or given back by itself."""
    for _ in range(5):
        lease = things.lease()
        payment = things.attempt(things.bill(lease))
        _cancel_and_capture(lease, payment)
        refunds.give_back(lease.pk, "cancelled", LATER)
        assert things.again(payment).refunded == payment.amount


def _cancel_and_capture(lease: Lease, payment: Payment) -> None:
    acts = queue.SimpleQueue[Callable[[], Any]]()
    acts.put(lambda: _cancel(lease))
    acts.put(lambda: payments.capture(things.ALIPAY, things.success(payment), LATER))

    def next_act() -> Any:
        return acts.get()()

    at_once(2, next_act)


def _cancel(lease: Lease) -> None:
    leases.void(lease.pk, LATER)
    refunds.give_back(lease.pk, "cancelled", LATER)


# what the provider does


def told() -> list[PaymentFact]:
    """The facts of the notices that are due, each signature checked."""
    facts = [notice.fact for notice in adapters.PAYMENTS[things.ALIPAY].told(LATER)]
    return [fact for fact in facts if isinstance(fact, PaymentFact)]


def test_a_genuine_notice_of_a_wrong_amount_is_quarantined() -> None:
    faults.order("notice:trade_status_sync", Kind.WRONG_AMOUNT)
    lease = things.lease()
    payment = paid_at_cashier(lease)
    (fact,) = told()
    assert payments.capture(things.ALIPAY, fact, LATER).quarantined
    assert (things.again(payment).state, things.bill(lease).paid) == ("QUARANTINED", 0)


def test_a_dropped_notice_is_made_good_by_asking() -> None:
    faults.order("notice:trade_status_sync", Kind.DROP)
    lease = things.lease()
    payment = paid_at_cashier(lease)
    assert told() == []
    assert payments.to_ask(LATER) == [payment.pk]
    assert payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER).news
    assert things.bill(lease).state == "PAID"


@pytest.mark.parametrize("kind", [Kind.LOSE_REPLY, Kind.UNKNOWN, Kind.DOWN, Kind.FORGED])
def test_a_refund_whose_answer_is_lost_moves_money_once(kind: sandbox.FaultOrder.Kind) -> None:
    lease = things.lease()
    payment = paid_at_cashier(lease)
    payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER)
    refund = refunds.request(payment.pk, Decimal(100), "test", LATER, things.lease_of(payment))
    faults.order("alipay.trade.refund", kind, times=5)
    with pytest.raises(ProviderUnavailable):
        refunds.send(refund.pk, LATER)
    assert things.again(refund).state == "REQUESTED"
    faults.forget()
    assert refunds.ask(refund.pk, LATER).state == "SUCCEEDED"
    assert [(r.out_request_no, r.amount) for r in sandbox.Refund.objects.all()] == [(refund.number, Decimal(100))]


def test_a_release_whose_answer_is_lost_releases_once() -> None:
    intent = _release_intent()
    faults.order("alipay.fund.auth.order.unfreeze", Kind.LOSE_REPLY, times=5)
    with pytest.raises(ProviderUnavailable):
        deposits.send_release(intent.pk, LATER)
    faults.forget()
    assert deposits.ask_release(intent.pk, LATER).state == "SUCCEEDED"
    assert sandbox.Release.objects.get().out_request_no == intent.number


def _release_intent() -> DepositRelease:
    """A deposit frozen at the sandbox, to be released."""
    lease = things.lease(deposit="2000")
    with things.at_work:
        freeze = things.freeze(lease)
        things.freeze_at_cashier(freeze)
    deposits.capture_freeze(things.ALIPAY, deposits.ask_freeze(freeze.pk), LATER)
    deposits.release(lease.pk, "test", on=things.ON, at=LATER)
    return DepositRelease.objects.get()


# a process that dies


def test_a_worker_that_dies_after_the_refund_was_called_moves_money_once() -> None:
    payment = paid_at_cashier(things.lease())
    payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER)
    refund = refunds.request(payment.pk, Decimal(100), "test", LATER, things.lease_of(payment))
    assert child("refund", refund.pk, LATER, "refund.called") == KILLED
    assert things.again(refund).state == "REQUESTED"  # the money moved, we do not know it
    assert sandbox.Refund.objects.count() == 1
    assert refunds.send(refund.pk, LATER).state == "SUCCEEDED"
    assert sandbox.Refund.objects.get().amount == Decimal(100)


def test_a_worker_that_dies_after_the_release_was_called_releases_once() -> None:
    intent = _release_intent()
    assert child("release", intent.pk, LATER, "release.called") == KILLED
    assert things.again(intent).state == "REQUESTED"
    assert deposits.send_release(intent.pk, LATER).state == "SUCCEEDED"
    assert sandbox.Release.objects.count() == 1
    assert Deposit.objects.get().state == "RELEASED"


def test_a_capture_that_committed_before_the_death_stands() -> None:
    lease = things.lease()
    payment = paid_at_cashier(lease)
    assert child("capture", payment.pk, LATER, "payment.captured") == KILLED
    assert (things.again(payment).state, things.bill(lease).state) == ("SUCCEEDED", "PAID")
    assert not payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER).news


def test_a_capture_that_had_not_committed_is_done_again() -> None:
    lease = things.lease()
    payment = paid_at_cashier(lease)
    assert child("capture_uncommitted", payment.pk, LATER, "payment.captured") == KILLED
    assert (things.again(payment).state, things.bill(lease).state) == ("OPEN", "OPEN")
    assert payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER).news


def test_a_freeze_that_committed_before_the_death_stands() -> None:
    lease = things.lease(deposit="2000")
    with things.at_work:
        freeze = things.freeze(lease)
        things.freeze_at_cashier(freeze)
    assert child("secure", freeze.pk, LATER, "freeze.captured") == KILLED
    assert (DepositFreeze.objects.get().state, Deposit.objects.get().state) == ("FROZEN", "SECURED")
    assert not deposits.capture_freeze(things.ALIPAY, deposits.ask_freeze(freeze.pk), LATER).news


def test_without_a_fault_the_child_does_its_work() -> None:
    """The kill points are nothing when nobody asks for them: the tests above did not die of something else."""
    payment = paid_at_cashier(things.lease())
    assert child("capture", payment.pk, LATER) == 0
    refund = refunds.request(payment.pk, Decimal(100), "test", LATER, things.lease_of(payment))
    assert child("refund", refund.pk, LATER, "another.point") == 0
    assert things.again(refund).state == RefundStatus.SUCCEEDED
