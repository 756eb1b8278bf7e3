"""Every wait ends by itself: the table of domain.md §5, row by row. Before the instant nothing, at it the end, once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core import calendar
from orders.models import Inspection, Order, State
from orders.services import approvals, cancellations, inspections, returns, shipping, waits
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT  # Monday 2 March 2026, 10:00 in Shanghai
SECOND = timedelta(seconds=1)
LAST_DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """An order in each state that waits. Approvals, deliveries and returns are a minute or more after AT."""
    with walks.kept(django_db_blocker):
        referred, anne, bob = make.customer(563), make.customer(812), make.customer(812)
        walked = {
            state: make.order(state, slug="mini-4", months=3, of=of)
            for state, of in (
                (State.ACTIVE, anne),
                (State.SHIPPED, anne),
                (State.PAID, bob),
                (State.SIGNED, bob),
                (State.APPROVED, make.customer(None)),
                (State.PLACED, referred),
            )
        }
        yield {str(state): order.pk for state, order in walked.items()}


def find(staged: dict[str, int], state: str) -> Order:
    order = Order.objects.get(pk=staged[state])
    assert order.state == state
    return order


def ends(order: Order, at: datetime, target: str, reason: str = "") -> Order:
    """Nothing a second before, the end at the instant, nothing more when looked at again."""
    assert walks.read(order).waits_until == at
    with walks.nothing_changes():
        waits.end(walks.read(order), at - SECOND)
    waits.end(walks.read(order), at)
    ended = walks.read(order)
    then = at + timedelta(days=30) if target == State.SETTLING else None  # unpaid, it waits for the customer's money
    assert (ended.state, ended.waits_until) == (target, then)
    if reason:
        assert ended.reason == reason
    assert walks.broken() == {}
    with walks.nothing_changes():
        waits.end(ended, at)
        waits.end(order, at)  # a sweeper that read the order before it ended
    return ended


def test_the_sweep_ends_the_waits_that_are_over_and_no_other(staged: dict[str, int]) -> None:
    over = {State.APPROVED, State.SIGNED}
    at = max(Order.objects.get(pk=staged[state]).waits_until or AT for state in over)
    with walks.nothing_changes():
        assert waits.end_due(AT) == 0
    assert waits.end_due(at) == len(over)
    found = {Order.objects.get(pk=pk).state: state for state, pk in staged.items() if state not in over}
    assert all(now == before for now, before in found.items())
    assert {Order.objects.get(pk=staged[state]).state for state in over} == {State.CANCELLED}
    with walks.nothing_changes():
        assert waits.end_due(at) == 0


def test_a_review_that_nobody_makes_expires_after_72_hours(staged: dict[str, int]) -> None:
    order = find(staged, State.PLACED)
    ends(order, order.placed_at + timedelta(hours=72), State.CANCELLED, "not_reviewed")


def test_an_automatic_approval_expires_after_two_hours(staged: dict[str, int]) -> None:
    order = find(staged, State.APPROVED)
    assert order.approved_at is not None
    ends(order, order.approved_at + timedelta(hours=2), State.CANCELLED, "not_paid")


def test_a_manual_approval_expires_after_24_hours(staged: dict[str, int]) -> None:
    order = find(staged, State.PLACED)
    approvals.approve(order.pk, "operator:1", AT + timedelta(hours=70))
    ends(order, AT + timedelta(hours=94), State.CANCELLED, "not_paid")


def test_signing_does_not_prolong_the_wait_for_money(staged: dict[str, int]) -> None:
    order = find(staged, State.SIGNED)
    assert order.approved_at is not None
    ends(order, order.approved_at + timedelta(hours=2), State.CANCELLED, "not_paid")


def test_a_paid_order_is_the_customers_to_cancel_after_48_hours(staged: dict[str, int]) -> None:
    order = find(staged, State.PAID)
    assert order.paid_at is not None
    first = order.paid_at + timedelta(hours=48)
    assert cancellations.may_cancel_from(order) == first
    with walks.nothing_changes():
        waits.end(order, first)  # the platform waits longer
    with pytest.raises(cancellations.ShippingNotLateYet):
        cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", first - SECOND)
    cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", first)


def test_a_paid_order_that_nobody_ships_is_cancelled_by_the_platform_after_five_days(staged: dict[str, int]) -> None:
    order = find(staged, State.PAID)
    assert order.paid_at is not None
    ended = ends(order, order.paid_at + timedelta(days=5), State.CANCELLED, "not_shipped")
    make.drain(order.paid_at + timedelta(days=5))
    [payment] = {item.payment for bill in ended.lease.bills.all() for item in bill.payment_items.all()}
    assert payment.refunded == payment.amount


def test_a_parcel_without_a_delivery_is_lost_outbound_after_fifteen_days(staged: dict[str, int]) -> None:
    order = find(staged, State.SHIPPED)
    assert order.shipped_at is not None
    ends(order, order.shipped_at + timedelta(days=15), State.CANCELLED, "lost_outbound")


def test_a_delivered_device_counts_as_received_after_seven_days(staged: dict[str, int]) -> None:
    order = find(staged, State.SHIPPED)
    delivered = AT + timedelta(days=3)
    shipping.record_delivery(order.pk, "operator:1", delivered)
    ended = ends(order, delivered + timedelta(days=7), State.ACTIVE)
    assert ended.lease.start == date(2026, 3, 12)


def test_a_parcel_lost_inbound_settles_after_fifteen_days(staged: dict[str, int]) -> None:
    order = find(staged, State.ACTIVE)
    sent = sent_back(order)
    make.scan(order, sent)
    ends(order, sent + timedelta(days=15), State.SETTLING)


def test_a_device_that_nobody_inspects_passes_after_the_third_working_day(staged: dict[str, int]) -> None:
    order = find(staged, State.ACTIVE)
    arrived = sent_back(order) + timedelta(hours=1)  # a Monday
    inspections.arrive(order.pk, "merchant:1", arrived)
    ended = ends(order, calendar.instant(date(2026, 6, 4), 23, 59), State.SETTLING)
    assert ended.inspection.result == Inspection.Result.NOT_MADE
    assert ended.inspection.inspector is None


def test_a_return_without_a_parcel_waits_for_nobody(staged: dict[str, int]) -> None:
    order = find(staged, State.ACTIVE)
    returns.open_return(order.pk, f"customer:{order.customer_id}", calendar.instant(LAST_DAY, 12))
    with walks.nothing_changes():
        waits.end(walks.read(order), calendar.instant(LAST_DAY, 12) + timedelta(days=400))


STEPS_ON: list[tuple[str, Callable[[Order], Any]]] = [
    (State.PLACED, lambda order: approvals.approve(order.pk, "operator:1", AT + timedelta(hours=71))),
    (State.SHIPPED, lambda order: shipping.record_delivery(order.pk, "operator:1", AT + timedelta(days=14))),
]


@pytest.mark.parametrize(("state", "step"), STEPS_ON, ids=["approved meanwhile", "delivered meanwhile"])
def test_a_wait_that_was_met_just_before_is_not_ended_by_a_late_look(
    staged: dict[str, int], state: str, step: Callable[[Order], Any]
) -> None:
    stale = find(staged, state)
    assert stale.waits_until is not None
    step(stale)
    with walks.nothing_changes():
        waits.end(stale, stale.waits_until)


def sent_back(order: Order) -> datetime:
    """Handed over at noon of the last day."""
    assert order.lease.last_day == LAST_DAY
    at = calendar.instant(LAST_DAY, 12)
    returns.open_return(order.pk, f"customer:{order.customer_id}", at)
    returns.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), at)
    return at
