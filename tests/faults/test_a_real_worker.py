"""A real Celery worker: its child is killed between the provider's act and ours, then all of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings

from billing.models import Refund
from core import clock
from core.models import Consumed, OutboxMessage
from core.services import outbox
from orders.models import State
from orders.services import cancellations
from rental.management.commands import relay
from rental.routes import ROUTES
from sandbox.models import Refund as PretendedRefund
from tests import database, make, things, walks
from tests.faults import together

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 90
WORKER = [sys.executable, "-m", "celery", "-A", "rental", "worker", "--pool", "prefork", "--concurrency", "1"]


@contextmanager
def worker(fault: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process group of its own; kill -9 of the whole group afterwards."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database.url(),
        "FAULT": fault,
    }
    log = settings.BROKER_DIR.parent / "worker.log"
    with log.open("ab") as out:
        started = subprocess.Popen(
            WORKER, cwd=together.ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait(20)


def until(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.2)
    return False


def test_a_killed_child_and_a_killed_worker_refund_once() -> None:
    order = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(726))
    cancellations.cancel(order.pk, "operator:1", "test", make.AT + timedelta(minutes=10))
    refund, message = Refund.objects.get(), OutboxMessage.objects.get(topic="refund.requested")
    at = clock.now()
    OutboxMessage.objects.exclude(pk=message.pk).update(published_at=at, done_at=at)
    with worker(fault="refund.called") as first:
        outbox.publish(relay.send, ROUTES, at)
        assert until(PretendedRefund.objects.exists)  # the provider acted, the child is gone
        time.sleep(1)
        assert first.poll() is None  # the worker itself lives, and starts another child
        assert things.again(refund).state == Refund.State.REQUESTED
    with worker():
        later = at + timedelta(minutes=3)
        assert outbox.sweep(later) == 1
        outbox.publish(relay.send, ROUTES, later)
        assert until(lambda: Consumed.objects.filter(message=message).exists())
    assert things.again(refund).state == Refund.State.SUCCEEDED
    assert PretendedRefund.objects.get().amount == refund.amount
    assert walks.broken() == {}
