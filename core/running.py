"""The day-end run that is under way in this process: how far it is, and which single items went wrong.

A job's services do each item `apart`, or many `together`. Within a run an error stops its item and lands in the list of
mishaps; anywhere else it is raised as ever. Each item's work is a transaction of its own, so nothing of it is left.
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from core.errors import DomainError
from core.models import JobRun

TELL_EVERY_S = 1.0
T = TypeVar("T")
log = logging.getLogger(__name__)
_KEEP = """
    INSERT INTO core_mishap AS m
        (job, day, shard, subject_type, subject_id, error, text, count, first_at, last_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, 1, %s, %s)
    ON CONFLICT (job, subject_type, subject_id) WHERE cleared_at IS NULL DO UPDATE
    SET day = excluded.day, shard = excluded.shard, error = excluded.error, text = excluded.text,
        count = m.count + 1, last_at = greatest(m.last_at, excluded.last_at)
"""


@dataclass
class Running:
    """A run and its runner's memory. `told`: when it last said how far it is, by the machine's steady clock."""

    run: JobRun
    at: datetime
    told: float
    link: Any  # the connection that holds the run's lock
    done: int = 0
    failed: set[tuple[str, int]] = field(default_factory=set)

    def moved(self, count: int) -> None:
        """So many more items are done; written at most once a second."""
        self.done += count
        now = monotonic()
        if now - self.told >= TELL_EVERY_S:
            JobRun.objects.filter(pk=self.run.pk).update(done=self.done)
            self.told = now

    @property
    def is_cut_off(self) -> bool:
        """The connection went, and the run's lock with it: all is begun again."""
        return connection.connection is not self.link

    def keep(self, subject: type[models.Model], pk: int, error: Exception) -> None:
        """The item goes on the list; the whole story goes to the log."""
        kind = subject._meta.label_lower
        at, run = self.at, self.run
        log.error("%s %s: %s %s is as it was; the others go on", run.job, run.day, kind, pk, exc_info=error)
        self.failed.add((kind, pk))
        row: list[str | int | date | datetime] = [
            run.job, run.day, run.shard, kind, pk, type(error).__name__[:80], where(error)[:160], at, at,
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, row)


_current: ContextVar[Running | None] = ContextVar("running", default=None)


@contextmanager
def of(run: JobRun, at: datetime) -> Iterator[Running]:
    """What happens within belongs to this run. What ends the whole run is on the list too, and is raised."""
    connection.ensure_connection()
    running = Running(run, at, monotonic(), connection.connection)
    token = _current.set(running)
    try:
        yield running
    except Exception as error:
        running.keep(JobRun, run.pk, error)
        raise
    finally:
        _current.reset(token)


@contextmanager
def apart(subject: type[models.Model], pk: int, expected: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """One item's work: its error is a mishap of this customer, lease or order; outside of a run it is raised.

    `expected`: what the caller knows an answer to is raised in any case.
    """
    running = _current.get()
    if running is None:
        yield
        return
    try:
        yield
    except expected:
        raise
    except Exception as error:
        if running.is_cut_off:
            raise
        running.keep(subject, pk, error)
    running.moved(1)


def each(subject: type[models.Model], pks: Iterable[int], work: Callable[[int], int]) -> int:
    """Σ of `work(pk)`, each apart."""
    found = 0
    for pk in pks:
        with apart(subject, pk):
            found += work(pk)
    return found


def together(
    subject: type[models.Model], items: Sequence[T], work: Callable[[Sequence[T]], int], pk: Callable[[T], int]
) -> int:
    """`work(items)` in one transaction; if that raises within a run, one item after the other. Σ of what it says."""
    running = _current.get()
    if running is None:
        with transaction.atomic():
            return work(items)
    try:
        with transaction.atomic():
            found = work(items)
    except Exception as error:
        if running.is_cut_off:
            raise
        log.warning("%s %s: one by one after %s", running.run.job, running.run.day, type(error).__name__)
        return sum(_alone(subject, item, work, pk(item)) for item in items)
    running.moved(len(items))
    return found


def where(error: Exception) -> str:
    """A refusal's code, a constraint's name, or the place in our own code: what is safe to keep and show."""
    if isinstance(error, DomainError):
        return error.code
    if isinstance(error, DatabaseError) and (told := getattr(error.__cause__, "diag", None)) is not None:
        return str(told.constraint_name or told.sqlstate or "")
    root = str(settings.BASE_DIR)
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if one.filename.startswith(root) and "site-packages" not in one.filename]
    return f"{Path(own[-1].filename).relative_to(root)}:{own[-1].lineno}" if own else ""


def _alone(subject: type[models.Model], item: T, work: Callable[[Sequence[T]], int], pk: int) -> int:
    found = 0
    with apart(subject, pk), transaction.atomic():
        found += work([item])
    return found
