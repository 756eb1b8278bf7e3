"""Day-end work: each app may offer `jobs.py` with a list JOBS, found by import, run once per business date.

Any number of runners share a day. Each takes the next (job, shard) that is free; where none is, it waits for the first.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar, cast

from django.apps import apps
from django.db import connection
from django.db.models import BigIntegerField, F, Max, Min, Model, Q, QuerySet, Value
from django.db.models.functions import Mod

from core import calendar, faults, running
from core.models import JobRun, Mishap

HOUR = 10
SHARDS = 4
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts of a job's rows: those whose number leaves `index` when it is divided by `of`."""

    index: int = 0
    of: int = 1

    def cut(self, rows: "QuerySet[M, M]", field: str) -> "QuerySet[M, M]":
        """The rows of this part; `field` holds the number that keeps together what belongs together."""
        if self.of == 1:
            return rows
        left_over = Mod(F(field), Value(self.of), output_field=BigIntegerField())
        return cast("QuerySet[M, M]", rows.alias(left_over=left_over).filter(left_over=self.index))


WHOLE = Shard()


@dataclass(frozen=True)
class Job:
    """The work of business date `on`; it is safe to repeat and returns what it counted.

    `split`: `run(on, at, shard)` does one of SHARDS parts, which may be done at the same time; without a shard, all.
    `closes_books`: it closes a period for everybody, so it runs only when everything of that day stands.
    `today_only`: it looks at nothing once its day is over, so a later run of it mends nothing.
    `of_its_day`: what went wrong is found again by that day's run only, so that day's run is what is repeated.
    """

    name: str
    run: Callable[..., dict[str, int]]
    order: int = 50
    closes_books: bool = False
    split: bool = False
    of_its_day: bool = False
    today_only: bool = False

    @property
    def stage(self) -> tuple[bool, int]:
        """Jobs of one stage may run side by side; the next one begins when all of it ended."""
        return self.closes_books, self.order

    @property
    def shards(self) -> int:
        return SHARDS if self.split else 1


def last_day(at: datetime) -> date:
    """The business day whose jobs are due by `at`: from 10:00, when people may be written to, today, else yesterday."""
    today = calendar.business_date(at)
    return today if at >= calendar.instant(today, HOUR) else today - timedelta(days=1)


def all_jobs() -> list[Job]:
    """The jobs of every app, in their order."""
    return sorted((job for module in _modules() for job in module), key=lambda job: (job.stage, job.name))


def run_day(on: date, at: datetime) -> list[JobRun]:
    """Run every job of a business date, with whoever else is at it; what finished for that date is left as it is.

    Every run of the date stands when it returns.
    """
    known = {job.name: job for job in all_jobs()}
    runs = _planned(on, known)
    while left := [run for run in runs.values() if run.finished_at is None]:
        stage = min(known[run.job].stage for run in left)
        turn = [run for run in left if known[run.job].stage == stage]
        _take_one(turn, known, at)
        runs |= {run.pk: run for run in JobRun.objects.filter(pk__in=[run.pk for run in turn])}
    return list(runs.values())


def catch_up(until: date, at: datetime) -> list[JobRun]:
    """Run every business day after the last whole one up to `until`, in order; then try again what was wrong before.

    The first ever run is `until` alone. A day that broke off is taken up first, at its place.
    """
    wrong = _wrong()
    runs = join(until, at)
    _mend(wrong, at)
    return runs


def join(until: date, at: datetime) -> list[JobRun]:
    """`catch_up` beside another runner, who tries again what went wrong."""
    last, broken_off = _reached()
    day = min(each for each in (last, broken_off, until) if each is not None)
    runs: list[JobRun] = []
    while day <= until:
        runs += run_day(day, at)
        day += timedelta(days=1)
    return runs


def is_whole(on: date) -> bool:
    """Whether nothing is left to do up to day `on`: no second runner is needed."""
    last, broken_off = _reached()
    return last is not None and last >= on and broken_off is None


def being_done(runs: "QuerySet[JobRun]") -> set[int]:
    """Those of the runs that a runner has in hand at this moment, by id: the server knows who holds which lock."""
    keys = {_key(run): run.pk for run in runs if run.finished_at is None}
    if not keys:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(keys)])
        return {keys[row[0]] for row in cursor.fetchall()}


_HELD = """
    SELECT key FROM unnest(%s::text[]) key, hashtextextended(key, 0) h JOIN pg_locks l
        ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (
            SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid::bigint = (h >> 32) & 4294967295 AND l.objid::bigint = h & 4294967295
"""


def _reached() -> tuple[date | None, date | None]:
    """The last day of which something finished, and the first that broke off."""
    runs = JobRun.objects.filter(job__in=[job.name for job in all_jobs()])
    last = runs.exclude(finished_at=None).aggregate(last=Max("day"))["last"]
    return last, runs.filter(finished_at=None).aggregate(first=Min("day"))["first"]


def _planned(on: date, known: dict[str, Job]) -> dict[int, JobRun]:
    """By id, in order, the day's runs of the jobs that there are; those that were never planned are now."""
    rows = JobRun.objects.filter(day=on, job__in=known)
    if missing := [job for name, job in known.items() if name not in {run.job for run in rows}]:
        with _alone(f"jobs:{on}"):  # a release that cuts otherwise plans after or before this one, never between
            planned = set(rows.values_list("job", flat=True).distinct())
            JobRun.objects.bulk_create(
                JobRun(job=job.name, day=on, shard=index, shards=job.shards)
                for job in missing
                if job.name not in planned
                for index in range(job.shards)
            )
        rows = rows.all()
    turn = {name: place for place, name in enumerate(known)}
    return {run.pk: run for run in sorted(rows, key=lambda run: (turn[run.job], run.shard))}


def _take_one(turn: list[JobRun], known: dict[str, Job], at: datetime) -> None:
    """Do the first run that nobody has in hand; where each is in somebody's, wait for the first: he may have died."""
    for run in turn:
        with _mine(run) as is_mine:
            if is_mine:
                _once(run.pk, known[run.job], at)
                return
    with _alone(_key(turn[0])):
        _once(turn[0].pk, known[turn[0].job], at)


def _once(pk: int, job: Job, at: datetime) -> None:
    """The run's lock is held."""
    run = JobRun.objects.get(pk=pk)
    if run.finished_at is not None:
        return
    run.started_at = run.started_at or at
    run.save(update_fields=["started_at"])
    began = time.monotonic()
    run.counts, run.done = _worked(run, job, at)
    faults.point("job.run")
    run.finished_at, run.took_ms = at, int((time.monotonic() - began) * 1000)
    run.save(update_fields=["counts", "done", "finished_at", "took_ms"])


def _worked(run: JobRun, job: Job, at: datetime) -> tuple[dict[str, int], int]:
    """What it counted and how many items it looked at. Older mishaps that did not come again are cleared."""
    with running.of(run, at) as under_way:
        part = [Shard(run.shard, run.shards)] if job.split else []
        counts = job.run(run.day, at, *part)
    if job.today_only and calendar.business_date(at) != run.day:
        return counts, under_way.done
    days = {"day": run.day} if job.of_its_day else {"day__lte": run.day}
    part_of = Q(shard=run.shard) | Q(shard__gte=run.shards)  # a job that was cut otherwise left the latter
    for mishap in Mishap.objects.filter(part_of, job=run.job, cleared_at=None, **days):
        if (mishap.subject_type, mishap.subject_id) not in under_way.failed:
            Mishap.objects.filter(pk=mishap.pk, cleared_at=None).update(cleared_at=at)
    return counts, under_way.done


def _wrong() -> list[tuple[str, date, int]]:
    """(job, day, shard) of what left mishaps, the oldest first."""
    rows = Mishap.objects.filter(cleared_at=None).values_list("job", "day", "shard")
    return list(rows.distinct().order_by("day", "job", "shard"))


def _mend(wrong: list[tuple[str, date, int]], at: datetime) -> None:
    """Run again what is still wrong: of the job's last day, and of any day where only that day's run finds it."""
    known = {job.name: job for job in all_jobs()} if wrong else {}
    for name, day, shard in wrong:
        left = Mishap.objects.filter(job=name, day=day, shard=shard, cleared_at=None)
        run = JobRun.objects.filter(job=name, day=day, shard=shard).exclude(finished_at=None).first()
        later = JobRun.objects.filter(job=name, day__gt=day).exclude(finished_at=None)
        if name not in known or run is None or not left.exists() or (not known[name].of_its_day and later.exists()):
            continue
        with _mine(run) as is_mine:
            if is_mine:
                counts, _done = _worked(run, known[name], at)
                run.counts = {key: run.counts.get(key, 0) + count for key, count in counts.items()}
                run.save(update_fields=["counts"])


def _key(run: JobRun) -> str:
    return f"job:{run.job}:{run.day}:{run.shard}"


@contextmanager
def _mine(run: JobRun) -> Iterator[bool]:
    """Whether nobody else has the run in hand; if so it is ours within. The server frees a dead runner's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_key(run)])
        is_mine = bool(cursor.fetchone()[0])
        try:
            yield is_mine
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_key(run)])


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """Whoever comes second waits here for the first, then finds it done. The server frees a dead runner's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [what])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [what])


def _modules() -> Iterator[list[Job]]:
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.jobs"):
            yield getattr(import_module(f"{config.name}.jobs"), "JOBS", [])
