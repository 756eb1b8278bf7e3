"""The demo's clock: time passes day by day, and every business day on the way does its work, in order.

The wish is an outbox message, so that the page answers at once; the worker lets the time pass.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction

from core import calendar, clock, jobs
from core.models import OutboxMessage
from core.services import outbox
from orders.services import waits

TOPIC = "clock.move_requested"
JOBS_HOUR, JOBS_MINUTE = 10, 5  # when the day's work is done; before ten nobody may be written to
_LOCK = 7_360_417  # one mover at a time


def ask(until: datetime) -> None:
    """Wish that the platform's present be `until`."""
    with transaction.atomic():
        outbox.put(TOPIC, until=until.isoformat())


def awaited() -> datetime | None:
    """The present that is still on its way, None when the clock has arrived everywhere it was sent."""
    open_wishes = OutboxMessage.objects.filter(topic=TOPIC, done_at=None, dead_at=None)
    wished = [datetime.fromisoformat(wish.payload["until"]) for wish in open_wishes]
    return max(wished, default=None)


def pass_until(until: datetime) -> None:
    """Let time pass to `until`, stopping at five past ten of every day for its jobs. Safe to repeat, to interrupt."""
    with _alone():
        while (at := clock.now()) < until:
            clock.move(_next_stop(at, until) - at)
            _work(clock.now())


def _next_stop(at: datetime, until: datetime) -> datetime:
    on = calendar.business_date(at)
    stop = calendar.instant(on, JOBS_HOUR, JOBS_MINUTE)
    if stop <= at:
        stop = calendar.instant(on + timedelta(days=1), JOBS_HOUR, JOBS_MINUTE)
    return min(stop, until)


def _work(at: datetime) -> None:
    """What the beat would have done meanwhile: waits end, whole business days are caught up."""
    waits.end_due(at)
    on = calendar.business_date(at)
    jobs.catch_up(on if at >= calendar.instant(on, JOBS_HOUR) else on - timedelta(days=1), at)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the database's word that nobody else moves the clock; a second mover waits and then finds it moved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
