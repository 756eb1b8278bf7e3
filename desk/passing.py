"""The demo's clock: time passes day by day, and every business day on the way does its work, in order.

The wish is an outbox message, so that the page answers at once; a worker lets the time pass. It waits on every day for
the other workers: a provider refuses a request that was stamped yesterday.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction

from core import calendar, clock, jobs
from core.models import OutboxMessage
from core.services import outbox
from orders.services import waits

TOPIC = "clock.move_requested"
JOBS_MINUTE = 5  # past jobs.HOUR: when the day's work is done
PATIENCE_S, PAUSE_S = 3.0, 0.05
_LOCK = 7_360_417  # one mover at a time


class AlreadyPassing(RuntimeError):
    """Another worker moves the clock; it reads new wishes on every day, and the sweeper offers this one again."""


def ask(until: datetime) -> None:
    """Wish that the platform's present be `until`."""
    with transaction.atomic():
        outbox.put(TOPIC, until=until.isoformat())


def awaited() -> datetime | None:
    """The present that is still on its way, None when the clock has arrived everywhere it was sent."""
    open_wishes = OutboxMessage.objects.filter(topic=TOPIC, done_at=None, dead_at=None)
    wished = [datetime.fromisoformat(wish.payload["until"]) for wish in open_wishes]
    return max((until for until in wished if until > clock.now()), default=None)


def pass_until(until: datetime) -> None:
    """Let time pass to `until`, stopping at five past ten of every day for its jobs. Safe to repeat, to interrupt."""
    with _alone():
        while (at := clock.now()) < (target := max(until, awaited() or until)):
            clock.move(_next_stop(at, target) - at)
            _work(clock.now())
            _let_others_finish()


def _next_stop(at: datetime, until: datetime) -> datetime:
    on = calendar.business_date(at)
    stop = calendar.instant(on, jobs.HOUR, JOBS_MINUTE)
    if stop <= at:
        stop = calendar.instant(on + timedelta(days=1), jobs.HOUR, JOBS_MINUTE)
    return min(stop, until)


def _work(at: datetime) -> None:
    """What the beat would have done meanwhile: waits end, whole business days are caught up."""
    waits.end_due(at)
    jobs.catch_up(jobs.last_day(at), at)


def _let_others_finish() -> None:
    """Wait, not for ever, until the relay and the workers did what this day asked for."""
    end = time.monotonic() + PATIENCE_S
    open_work = OutboxMessage.objects.filter(done_at=None, dead_at=None, error="").exclude(topic=TOPIC)
    while time.monotonic() < end and open_work.exists():
        time.sleep(PAUSE_S)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the database's word that nobody else moves the clock. AlreadyPassing; nobody waits, for workers are few."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise AlreadyPassing
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
