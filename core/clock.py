"""The only place that reads the time, for doors only. In the demo and in tests it can be moved (`ClockShift`)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from core import calendar

REREAD_AFTER_S = 0.5
_seen: tuple[float, timedelta] | None = None
_standing: ContextVar[datetime | None] = ContextVar("clock_standing_at", default=None)


def now() -> datetime:
    """The platform's present instant, UTC."""
    return _standing.get() or datetime.now(UTC) + _shift()


@contextmanager
def standing_at(at: datetime) -> Iterator[None]:
    """Inside, the present is `at`, for this thread or task only: a past day is walked while the others live today.

    ValueError where neither CLOCK_MOVABLE nor DEBUG is on, and for an instant without a zone.
    """
    if not (settings.CLOCK_MOVABLE or settings.DEBUG):
        raise ValueError("the clock stands still only in the demo and in tests")
    if at.tzinfo is None:
        raise ValueError("an instant carries its zone")
    token = _standing.set(at)
    try:
        yield
    finally:
        _standing.reset(token)


def machine() -> datetime:
    """The machine's own instant, never moved and never asked of the database: for time-outs, not for business."""
    return datetime.now(UTC)


def today() -> date:
    """The platform's present business date."""
    return calendar.business_date(now())


def move(by: timedelta) -> datetime:
    """Move the platform's clock forward (demo and tests only) and return the new present."""
    from core.models import ClockShift

    if not settings.CLOCK_MOVABLE:
        raise ValueError("the clock moves only in the demo and in tests")
    if by < timedelta(0):
        raise ValueError("the clock never goes back")
    ClockShift.move(by)
    forget()
    return now()


def forget() -> None:
    """Drop what this process remembers of the shift."""
    global _seen  # noqa: PLW0603 - one remembered reading per process
    _seen = None


def _shift() -> timedelta:
    global _seen  # noqa: PLW0603
    if not settings.CLOCK_MOVABLE:
        return timedelta(0)
    if _seen is None or time.monotonic() - _seen[0] > REREAD_AFTER_S:
        from core.models import ClockShift

        _seen = (time.monotonic(), ClockShift.current())
    return _seen[1]
