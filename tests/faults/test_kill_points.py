"""A power cut at a named point: the child dies there, the parent repeats the work, and everything happened once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from billing.models import AutopayAgreement, AutopayTry, Deposit, DepositRelease, Payment, Refund
from billing.services import autopay, deductions
from contracts.models import Agreement, Document
from contracts.services import agreements
from core import calendar
from core.faults import KILLED
from core.models import Consumed, OutboxMessage
from core.services import outbox
from orders.models import Order, State
from orders.services import cancellations, payments, signing
from sandbox import visitors
from sandbox.models import Refund as PretendedRefund
from sandbox.models import Release as PretendedRelease
from sandbox.models import Trade, UserAgreement
from tests import make, walks
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
LATER = make.AT + timedelta(minutes=10)
AFTER_THE_SWEEP = LATER + timedelta(minutes=3)
DUE = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)  # bill 2 of a lease that began on 2 March, 10:00 in Shanghai


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert walks.broken() == {}


def message(topic: str) -> OutboxMessage:
    return OutboxMessage.objects.filter(topic=topic).latest("pk")


def offered_again() -> None:
    """What the sweeper does when a worker never came back."""
    OutboxMessage.objects.filter(done_at=None, published_at=None).update(published_at=LATER, attempts=1)
    assert outbox.sweep(AFTER_THE_SWEEP) >= 1
    make.drain(AFTER_THE_SWEEP)
    assert not OutboxMessage.objects.filter(done_at=None).exists()


@pytest.fixture
def cancelled() -> Order:
    """Paid and frozen, then cancelled: a refund and a release are intents and nothing else yet."""
    order = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(726))
    cancellations.cancel(order.pk, "operator:1", "test", LATER)
    return order


def test_a_worker_that_dies_after_the_refund_was_made_makes_it_once(cancelled: Order) -> None:
    assert together.child("work", message("refund.requested").pk, LATER, "refund.called") == KILLED
    refund = Refund.objects.get(lease=cancelled.lease)
    assert refund.state == Refund.State.REQUESTED
    assert PretendedRefund.objects.get().amount == refund.amount
    offered_again()
    assert Refund.objects.get(pk=refund.pk).state == Refund.State.SUCCEEDED
    assert PretendedRefund.objects.count() == 1


def test_a_worker_that_dies_after_the_release_was_made_makes_it_once(cancelled: Order) -> None:
    assert together.child("work", message("deposit.release_requested").pk, LATER, "release.called") == KILLED
    release = DepositRelease.objects.get()
    assert release.state == DepositRelease.State.REQUESTED
    assert PretendedRelease.objects.count() == 1
    offered_again()
    assert Deposit.objects.get(lease=cancelled.lease).state == Deposit.State.RELEASED
    assert PretendedRelease.objects.get().amount == release.amount


@pytest.fixture
def intended(monkeypatch: pytest.MonkeyPatch) -> Order:
    """The customer has confirmed and entered his code; no worker has signed yet."""
    order = make.order(State.APPROVED, slug="mini-4", months=3, of=make.customer(726), on_paper=True)
    with monkeypatch.context() as absent:
        absent.setattr(signing, "complete", lambda order_id, at: None)
        make.sign(order, LATER)
    OutboxMessage.objects.filter(topic="agreement.intended").update(done_at=None, published_at=LATER)
    Consumed.objects.filter(message__topic="agreement.intended").delete()
    assert walks.read(order).state == State.APPROVED
    return order


def test_a_worker_that_dies_after_signing_and_before_keeping_signs_once(intended: Order) -> None:
    assert together.child("sign", intended.pk, LATER, "agreement.signed") == KILLED
    order = walks.read(intended)
    assert order.agreement is not None
    assert (order.state, order.agreement.state) == (State.APPROVED, Agreement.State.SIGNING)
    assert agreements.signed(order.agreement) is None
    offered_again()
    order = walks.read(intended)
    assert order.agreement is not None
    assert (order.state, order.agreement.state) == (State.SIGNED, Agreement.State.SIGNED)
    assert Document.objects.filter(agreement=order.agreement, kind=Document.Kind.SIGNED).count() == 1
    assert agreements.broken_evidence(order.agreement) is None


def test_two_workers_that_sign_at_once_keep_one_paper(intended: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the in-process sandbox sets it for one thread at a time
    with make.moment(LATER):
        together.at_once([lambda: signing.complete(intended.pk, LATER)] * 2)
    assert walks.read(intended).state == State.SIGNED
    assert Document.objects.filter(kind=Document.Kind.SIGNED).count() == 1


def test_a_relay_that_dies_between_sending_and_marking_sends_again_and_the_effect_stays_one() -> None:
    order = make.order(slug="mini-4", months=3, of=make.customer(726))
    assert order.state == State.PLACED
    # its batch is sent to quick workers, which must not wait for the relay's own transaction
    assert together.child("relay", 0, LATER, "outbox.sent") == KILLED
    assert message("order.placed").published_at is None
    make.drain(LATER)
    assert walks.read(order).state == State.APPROVED
    assert Agreement.objects.count() == 1
    assert Consumed.objects.filter(message=message("order.placed")).count() == 1
    assert [event.target for event in walks.history(order)] == ["PLACED", "APPROVED"]


@pytest.fixture
def due() -> Order:
    """Automatic payment is on, bill 2 is due, and the attempt to deduct it is an intent and nothing else yet."""
    order = make.order(State.ACTIVE, slug="mini-4", months=3, of=make.customer(726))
    with make.moment(LATER):
        made = autopay.open(order.lease_id, "alipay", on=calendar.business_date(LATER), at=LATER)
        url = autopay.page(made, "http://testserver/", "phone")
        visitors.pay(url, str(order.customer.user.phone.open(by="test", purpose="test", at=LATER)))
    make.deliver_notices(LATER)
    assert deductions.due(DUE.date(), DUE) == 1
    return order


def offered_at(at: datetime) -> None:
    OutboxMessage.objects.filter(done_at=None, published_at=None).update(published_at=at, attempts=1)
    assert outbox.sweep(at + timedelta(minutes=3)) >= 1
    make.drain(at + timedelta(minutes=3))


def test_a_worker_that_dies_after_the_deduction_was_made_makes_it_once(due: Order) -> None:
    assert together.child("work", message("autopay.deduct_requested").pk, DUE, "deduct.called") == KILLED
    assert AutopayTry.objects.get().payment.state == Payment.State.OPEN
    assert Trade.objects.filter(agreement__isnull=False).count() == 1
    offered_at(DUE)
    assert AutopayTry.objects.get().payment.state == Payment.State.SUCCEEDED
    assert due.lease.bills.get(number=2).state == "PAID"
    assert Trade.objects.filter(agreement__isnull=False).count() == 1


def test_a_worker_that_dies_after_ending_an_agreement_ends_it_once(due: Order) -> None:
    autopay.revoke(due.lease_id, DUE)
    assert together.child("work", message("autopay.unsign_requested").pk, DUE, "unsign.called") == KILLED
    assert (AutopayAgreement.objects.get().unsigned_at, UserAgreement.objects.get().status) == (None, "UNSIGN")
    offered_at(DUE)
    assert AutopayAgreement.objects.get().unsigned_at
    assert not Trade.objects.filter(agreement__isnull=False).exists()


def test_turning_off_and_deducting_at_once_take_money_once_or_not_at_all(
    due: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    pk = AutopayTry.objects.get().payment_id
    with make.moment(DUE):
        together.at_once(
            [lambda: payments.deduct(pk, DUE), lambda: autopay.revoke(due.lease_id, DUE)]
            + [lambda: payments.deduct(pk, DUE)] * 2
        )
    make.drain(DUE)
    tried = AutopayTry.objects.get()
    taken = Trade.objects.filter(agreement__isnull=False, paid_at__isnull=False).count()
    assert (taken, tried.payment.state) in [(0, Payment.State.CLOSED), (1, Payment.State.SUCCEEDED)]
    assert UserAgreement.objects.get().status == "UNSIGN"


def test_without_a_fault_the_child_does_its_work(cancelled: Order) -> None:
    """The kill points are nothing when nobody asks for them."""
    assert together.child("work", message("refund.requested").pk, LATER) == 0
    assert Refund.objects.get(lease=cancelled.lease).state == Refund.State.SUCCEEDED
    make.drain(LATER)
    assert PretendedRefund.objects.count() == 1
