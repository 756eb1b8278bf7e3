"""Review: the platform approves in seconds, a person looks at REFER, a refusal gives everything back (domain.md §5)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Deposit, Lease
from catalog.services import stock
from contracts.models import Agreement
from core.models import OutboxMessage
from core.services import events
from credit.models import Hold, Outcome
from credit.services import quota
from orders.models import Order, State
from orders.services import approvals, cancellations, steps
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(minutes=1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """Two orders that wait for their review: one of a customer who passes, one of a customer to look at."""
    with walks.kept(django_db_blocker):
        people = [make.customer(726), make.customer(563)]  # all outbox work of theirs is done before they order
        passing, referred = (make.order(slug="mini-4", months=3, of=person) for person in people)
        assert {passing.state, referred.state} == {State.PLACED}
        yield {"passing": passing.pk, "referred": referred.pk}


@pytest.fixture
def passing(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["passing"])


@pytest.fixture
def referred(staged: dict[str, int]) -> Order:
    return Order.objects.get(pk=staged["referred"])


def test_a_passing_decision_is_approved_at_once_with_two_hours_to_sign_and_pay(passing: Order) -> None:
    approvals.review(passing.pk, LATER)
    order = walks.read(passing)
    assert (order.state, order.approved_at) == (State.APPROVED, LATER)
    assert order.waits_until == LATER + timedelta(hours=2)
    assert order.agreement is not None
    assert (order.agreement.number, order.agreement.state) == (order.number, Agreement.State.DRAFTED)
    assert OutboxMessage.objects.filter(topic="agreement.drafted", payload={"order_id": order.pk}).count() == 1
    last = events.of(order).last()
    assert last is not None
    assert (last.source, last.target, last.actor) == ("PLACED", "APPROVED", events.PLATFORM)


def test_a_review_that_runs_twice_approves_once(passing: Order) -> None:
    approvals.review(passing.pk, LATER)
    with walks.nothing_changes():
        approvals.review(passing.pk, LATER + timedelta(minutes=1))


def test_the_review_of_a_cancelled_order_changes_nothing(passing: Order) -> None:
    cancellations.cancel(passing.pk, "operator:1", "test", LATER)
    with walks.nothing_changes():
        approvals.review(passing.pk, LATER)


def test_a_referred_order_waits_for_a_person_with_a_provisional_waiver(referred: Order) -> None:
    assert referred.decision is not None
    assert referred.decision.outcome == Outcome.REFER
    # mini-4: 4,788 × 0.95 × 0.70 = 3,184.02; 20 % = 636.80(4); the tier's quota is 800
    assert referred.lease.deposit.waived == Decimal("636.80")
    with walks.nothing_changes():
        approvals.review(referred.pk, LATER)


def test_an_operators_yes_gives_a_day_to_sign_and_pay(referred: Order) -> None:
    order = approvals.approve(referred.pk, "operator:1", LATER)
    assert (order.state, order.waits_until) == (State.APPROVED, LATER + timedelta(hours=24))
    last = events.of(order).last()
    assert last is not None
    assert last.actor == "operator:1"


def test_a_refusal_gives_hold_stock_and_bills_back_and_tells_the_customer(referred: Order) -> None:
    free, left = stock.available(referred.merchant_id, referred.plan.sku_id), quota.available(referred.customer)
    approvals.refuse(referred.pk, "operator:1", "address_unclear", LATER)
    order = walks.read(referred)
    assert (order.state, order.reason, order.closed_at, order.waits_until) == (
        State.REFUSED, "address_unclear", LATER, None,
    )  # fmt: skip
    assert Hold.objects.get(order_number=order.number).state == Hold.State.RELEASED
    assert quota.available(order.customer) == left + Decimal("636.80")
    assert stock.available(order.merchant_id, order.plan.sku_id) == free + 1
    assert order.lease.state == Lease.State.VOID
    assert {bill.state for bill in order.lease.bills.all()} == {"VOID"}
    assert order.lease.deposit.state == Deposit.State.RELEASED
    assert walks.told(order, "order_refused") == 1
    assert walks.broken() == {}


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_only_an_order_under_review_is_approved_or_refused(passing: Order, verb: str) -> None:
    approvals.review(passing.pk, LATER)
    reason = ["too_late"] if verb == "refuse" else []
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        getattr(approvals, verb)(passing.pk, "operator:1", *reason, LATER)
