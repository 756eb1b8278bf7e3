"""Filling the demo's past: every story is walked whole or not at all, so that nobody ever meets a half of one.

Day-end work belongs to its history (life.py), because a history becomes visible only when it has reached the present:
the beat that runs beside it must not end a wait of last spring. The record that each business day ran is made last.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache

from django.db import OperationalError, connection, transaction

from accounts.models import User
from billing.services import settlements
from core import calendar, clock, jobs, seals
from core.demo import Progress
from core.errors import DomainError
from rental.demo import reconciling, walk
from rental.demo.life import JOBS_HOUR, JOBS_MINUTE, Life, Story
from rental.demo.stories import STORIES
from sandbox.visitors import TurnedAway

TRIES = 3
PAY_DAY = 5  # of each month, merchants are paid
_LOCKS = 7_360_500  # one advisory lock for each story: two hands never walk the same one
Say = Callable[[str], None]


def fill(until: datetime, say: Say, stories: Sequence[Story] = STORIES) -> int:
    """Walk up to `until` every story that does not stand yet, oldest first; how many stand now.

    Safe to interrupt and to repeat. Several processes may do it at once; each takes what no other has taken.
    """
    for number, story in enumerate(stories):
        if not made([story]):
            began = time.monotonic()
            try:
                new = _walk(number, story, until)
            except (DomainError, TurnedAway) as error:  # the others do not wait for this one
                say(f"{story.role.name} {story.role.phone}: no history, {type(error).__name__}: {error}")
                continue
            if new:
                say(f"{made(stories)} of {len(stories)} histories · {time.monotonic() - began:.1f} s")
    standing = made(stories)
    if standing == len(stories):
        _record_days(until)
        reconciling.take(until)
    say(f"{standing} of {len(stories)} histories")
    return standing


def made(stories: Sequence[Story] = STORIES) -> int:
    """How many of the stories stand: somebody who only signed in, but never rented, has no past."""
    rented = User.objects.filter(phone_index__in=map(_index, stories), customer__orders__isnull=False)
    return rented.distinct().count()


def progress() -> Progress:
    """For core.demo: one query."""
    return Progress(made(), len(STORIES))


@cache
def _index(story: Story) -> str:
    return seals.blind_index("phone", story.role.phone)


def _walk(number: int, story: Story, until: datetime) -> bool:
    """False when another process has it."""
    for attempt in range(1, TRIES + 1):
        try:
            with walk.unseen():
                if not _taken(number) or made([story]):
                    return False
                Life(story, until).walk()
        except OperationalError:  # two histories waited for each other's shelf: this one was undone, and begins again
            if attempt == TRIES:
                raise
        else:
            return True
    return False


def _record_days(until: datetime) -> None:
    """Run every business day of the past in order; what there was to do was done within the histories."""
    operator = User.objects.get(login="operator")
    assert operator.joined_at is not None
    day, last = calendar.business_date(operator.joined_at), calendar.business_date(until).replace(day=1)
    while (at := calendar.instant(day, JOBS_HOUR, JOBS_MINUTE)) <= until:
        with transaction.atomic(), clock.standing_at(at):
            jobs.run_day(day, at)
            if day.day == PAY_DAY and day < last:  # the newest statements are left to whoever looks at the demo
                _pay_merchants(f"operator:{operator.pk}", at)
        day += timedelta(days=1)


def _pay_merchants(actor: str, at: datetime) -> None:
    for statement in settlements.to_pay_out().filter(issued_at__lt=at):
        settlements.pay_out(statement.pk, f"BT{at:%Y%m%d}{statement.pk:05d}", actor, at)


def _taken(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCKS + number])
        return bool(cursor.fetchone()[0])
