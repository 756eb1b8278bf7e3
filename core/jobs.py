"""Day-end work: each app may offer `jobs.py` with a list JOBS, found by import, run once per business date."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import connection
from django.db.models import Max, Min

from core import calendar, faults
from core.models import JobRun

HOUR = 10


@dataclass(frozen=True)
class Job:
    """`run(on, at)` does the work of business date `on`; it is safe to repeat and returns what it counted.

    `closes_books`: it closes a period for everybody, so it runs only when everything of that day stands.
    """

    name: str
    run: Callable[[date, datetime], dict[str, int]]
    order: int = 50
    closes_books: bool = False


def last_day(at: datetime) -> date:
    """The business day whose jobs are due by `at`: from 10:00, when people may be written to, today, else yesterday."""
    today = calendar.business_date(at)
    return today if at >= calendar.instant(today, HOUR) else today - timedelta(days=1)


def all_jobs() -> list[Job]:
    """The jobs of every app, in their order."""
    return sorted((job for module in _modules() for job in module), key=lambda job: (job.order, job.name))


def run_day(on: date, at: datetime) -> list[JobRun]:
    """Run every job of a business date; one that already finished for that date is left as it is."""
    whole = {run.job: run for run in JobRun.objects.filter(day=on).exclude(finished_at=None)}
    runs = []
    for job in all_jobs():
        if job.name in whole:
            runs.append(whole[job.name])
            continue
        with _alone(f"job:{job.name}:{on}"):
            runs.append(_once(job, on, at))
    return runs


def catch_up(until: date, at: datetime) -> list[JobRun]:
    """Run every business day after the last whole one up to `until`, in order; the first ever run is `until` alone.

    A day that broke off is taken up first, at its place.
    """
    last = JobRun.objects.exclude(finished_at=None).aggregate(last=Max("day"))["last"]
    broken_off = JobRun.objects.filter(finished_at=None).aggregate(first=Min("day"))["first"]
    day = min(each for each in (last, broken_off, until) if each is not None)
    runs: list[JobRun] = []
    while day <= until:
        runs += run_day(day, at)
        day += timedelta(days=1)
    return runs


def _once(job: Job, on: date, at: datetime) -> JobRun:
    run, _new = JobRun.objects.get_or_create(job=job.name, day=on)
    if run.finished_at is None:
        run.counts = job.run(on, at)
        faults.point("job.run")
        run.finished_at = at
        run.save(update_fields=["counts", "finished_at"])
    return run


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """A second beat waits here for the first, then finds the day done. The server frees a dead runner's lock."""
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
