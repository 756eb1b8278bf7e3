"""Power cuts that any work can meet: a web server at a request or a notice, a worker before its mark, a day's jobs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.models import Allocation, Posting, Refund
from billing.services import leases
from core import calendar
from core.faults import KILLED
from core.jobs import SHARDS
from core.models import Consumed, IdempotencyKey, InboxNotice, JobRun, OutboxMessage
from orders.models import Order, State
from orders.services import cancellations
from sandbox.models import OutgoingNotice
from sandbox.models import Refund as PretendedRefund
from tests import make, things, walks
from tests.faults import together
from tests.faults.test_cancel_against_pay import paid_at_the_provider
from tests.faults.test_kill_points import offered_again

pytestmark = pytest.mark.django_db(transaction=True)
LATER = make.AT + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards() -> Iterator[None]:
    yield
    assert walks.broken() == {}


# a web server


def shopper() -> int:
    customer = make.customer(726)
    make.plan("mini-4")
    make.address(customer)
    return int(customer.pk)


def test_a_web_server_that_dies_before_the_commit_has_ordered_nothing_and_the_retry_orders_once() -> None:
    pk = shopper()
    assert together.child("place", pk, LATER, "request.acted") == KILLED
    assert not Order.objects.exists()
    assert not IdempotencyKey.objects.filter(key="the key").exists()
    assert together.child("place", pk, LATER) == 0
    assert Order.objects.count() == 1


def test_a_web_server_that_dies_after_the_commit_has_ordered_and_the_retry_gets_the_same_order() -> None:
    pk = shopper()
    assert together.child("place", pk, LATER, "request.committed") == KILLED
    first = Order.objects.get()
    assert together.child("place", pk, LATER) == 0
    assert Order.objects.get() == first
    assert OutboxMessage.objects.filter(topic="order.placed").count() == 1


def test_a_web_server_that_dies_before_it_answers_a_notice_is_told_again_and_posts_once() -> None:
    order = make.order(State.SIGNED, slug="mini-4", months=3, of=make.customer(812))
    paid_at_the_provider(order)
    notice = OutgoingNotice.objects.get()
    assert together.child("post", notice.pk, LATER, "notice.stored") == KILLED
    assert (InboxNotice.objects.count(), OutgoingNotice.objects.get().delivered_at) == (1, None)
    again = LATER + timedelta(minutes=5)
    make.deliver_notices(again)
    assert OutgoingNotice.objects.get().delivered_at == again
    assert InboxNotice.objects.get().outcome == "posted"
    assert Allocation.objects.values("payment").distinct().count() == 1
    assert walks.read(order).state == State.PAID


# a worker, between its effect and its mark


def test_a_worker_that_dies_before_effect_and_mark_commit_together_leaves_neither() -> None:
    order = make.order(slug="mini-4", months=3, of=make.customer(726))
    message = OutboxMessage.objects.get(topic="order.placed")
    assert together.child("work", message.pk, LATER, "message.worked") == KILLED
    assert walks.read(order).state == State.PLACED
    assert not Consumed.objects.filter(message=message).exists()
    offered_again()
    assert walks.read(order).state == State.APPROVED


def test_a_worker_that_dies_after_a_committed_refund_and_before_its_mark_refunds_once() -> None:
    order = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(726))
    cancellations.cancel(order.pk, "operator:1", "test", LATER)
    message = OutboxMessage.objects.get(topic="refund.requested")
    assert together.child("work", message.pk, LATER, "message.worked") == KILLED
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    assert not Consumed.objects.filter(message=message).exists()
    offered_again()
    assert PretendedRefund.objects.count() == 1
    assert Posting.objects.filter(key=f"refund:{Refund.objects.get().number}:paid").count() == 1


# the day's jobs


def test_a_day_that_dies_after_a_jobs_effect_is_run_again_and_charges_once() -> None:
    lease = things.lease(start=things.ON)
    while lease.customer_id % SHARDS:  # of the first part, which dies
        lease = things.lease(start=things.ON)
    due = things.bill(lease, 2).due_date
    assert due is not None
    at = calendar.instant(due, 10)
    assert together.child("day", 0, at, "job.run") == KILLED
    began = JobRun.objects.exclude(started_at=None).order_by("shard")
    assert list(began.values_list("job", "shard").distinct()) == [("billing.due", 0)]
    assert began.get().finished_at is None  # its lock died with it, and so did its turn
    key = f"bill:{things.bill(lease, 2).pk}"
    assert Posting.objects.filter(key=key).count() == 1
    assert together.child("day", 0, at) == 0
    assert JobRun.objects.filter(finished_at=None).count() == 0
    assert Posting.objects.filter(key=key).count() == 1
    assert leases.terms_of(lease).monthly_rent == things.TERMS.monthly_rent
