"""A power cut around the capture of a deposit, and two operators at once: the money is taken once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.models import DepositDeduction, DepositFreeze, Payment
from core.errors import DomainError
from core.faults import KILLED
from core.models import OutboxMessage
from core.services import outbox
from orders.models import Order, State
from orders.services import deposit_deductions
from sandbox.models import Trade
from tests import make, walks
from tests.faults import together
from tests.services.test_captures import LATER, ONE, OTHER, settling

pytestmark = pytest.mark.django_db(transaction=True)
AFTER_THE_SWEEP = LATER + timedelta(minutes=3)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert walks.broken() == {}


@pytest.fixture
def order() -> Order:
    return settling(of=make.customer(726))


def intended(order: Order) -> DepositDeduction:
    asked = deposit_deductions.propose(order, None, "two rents are open", ONE, LATER)
    return deposit_deductions.carry_out(asked.pk, OTHER, LATER)


@pytest.mark.parametrize(("point", "there_before"), [("capture.calling", 0), ("capture.called", 1)])
def test_a_worker_that_dies_around_the_call_takes_it_once(order: Order, point: str, there_before: int) -> None:
    deduction = intended(order)
    message = OutboxMessage.objects.filter(topic="deposit.capture_requested").latest("pk")
    assert together.child("work", message.pk, LATER, point) == KILLED
    assert Payment.objects.get(pk=deduction.payment_id).state == Payment.State.OPEN
    assert Trade.objects.filter(freeze__isnull=False).count() == there_before
    OutboxMessage.objects.filter(done_at=None, published_at=None).update(published_at=LATER, attempts=1)
    assert outbox.sweep(AFTER_THE_SWEEP) >= 1
    with make.moment(AFTER_THE_SWEEP):
        make.drain(AFTER_THE_SWEEP)
    assert Trade.objects.get(freeze__isnull=False).total_amount == deduction.payment.amount
    freeze = DepositFreeze.objects.get(deposit__lease=order.lease)
    assert freeze.captured == deduction.payment.amount
    assert Order.objects.get(pk=order.pk).state == State.COMPLETED


def test_two_operators_who_approve_at_once_take_it_once(order: Order) -> None:
    asked = deposit_deductions.propose(order, None, "two rents are open", ONE, LATER)
    acts = [lambda who=who: deposit_deductions.carry_out(asked.pk, who, LATER) for who in (OTHER, "operator:3")]
    answers = together.at_once(acts)
    assert sum(isinstance(answer, DepositDeduction) for answer in answers) == 1
    assert sum(isinstance(answer, DomainError) for answer in answers) == 1
    assert DepositDeduction.objects.count() == 1
