"""Day-end work: each (job, business date) takes effect once, in order, days that were missed included."""

import threading
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, connection, transaction

from core import jobs
from core.jobs import WHOLE, Job, Shard
from core.models import JobRun
from rental import tasks
from tests import make
from tests.faults import together

pytestmark = pytest.mark.django_db
AT = make.AT
MONDAY = date(2026, 3, 2)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, date]]:
    """What ran, of two jobs that stand in the wrong order."""
    log: list[tuple[str, date]] = []

    def job(name: str, order: int) -> Job:
        def run(on: date, at: datetime) -> dict[str, int]:
            log.append((name, on))
            return {"done": len(log)}

        return Job(name, run, order)

    late, early = job("late", 60), job("early", 20)
    monkeypatch.setattr(jobs, "_modules", lambda: iter([[late], [early]]))
    return log


def test_a_day_runs_every_job_once_in_its_order(ran: list[tuple[str, date]]) -> None:
    jobs.run_day(MONDAY, AT)
    jobs.run_day(MONDAY, AT + timedelta(hours=1))
    assert ran == [("early", MONDAY), ("late", MONDAY)]
    assert set(JobRun.objects.values_list("job", "day", "finished_at")) == {
        ("early", MONDAY, AT), ("late", MONDAY, AT),
    }  # fmt: skip
    assert JobRun.objects.get(job="late").counts == {"done": 2}


def test_a_job_that_fails_is_run_again_and_those_before_it_are_not(
    ran: list[tuple[str, date]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(on: date, at: datetime) -> dict[str, int]:
        raise LookupError

    good = jobs.all_jobs()
    monkeypatch.setattr(jobs, "_modules", lambda: iter([[good[0], Job("late", fail, 60)]]))
    with pytest.raises(LookupError):
        jobs.run_day(MONDAY, AT)
    monkeypatch.setattr(jobs, "_modules", lambda: iter([good]))
    jobs.run_day(MONDAY, AT)
    assert ran == [("early", MONDAY), ("late", MONDAY)]


def test_three_days_without_a_beat_are_made_up_for_once_and_in_order(ran: list[tuple[str, date]]) -> None:
    jobs.catch_up(MONDAY, AT)
    ran.clear()
    thursday = MONDAY + timedelta(days=3)
    jobs.catch_up(thursday, AT + timedelta(days=3))
    jobs.catch_up(thursday, AT + timedelta(days=3))
    assert [day for name, day in ran if name == "early"] == [MONDAY + timedelta(days=n) for n in (1, 2, 3)]
    assert ran == sorted(ran, key=lambda each: each[1])


def test_the_first_day_ever_does_not_reach_into_the_past(ran: list[tuple[str, date]]) -> None:
    jobs.catch_up(MONDAY, AT)
    assert {day for _name, day in ran} == {MONDAY}


def test_a_day_that_broke_off_is_taken_up_before_the_next(
    ran: list[tuple[str, date]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when nothing of it, the first day ever, had finished."""

    def fail(on: date, at: datetime) -> dict[str, int]:
        raise LookupError

    good = jobs.all_jobs()
    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("early", fail, 20), good[1]]]))
    with pytest.raises(LookupError):
        jobs.catch_up(MONDAY, AT)
    monkeypatch.setattr(jobs, "_modules", lambda: iter([good]))
    tuesday = MONDAY + timedelta(days=1)
    jobs.catch_up(tuesday, AT + timedelta(days=1))
    assert ran == [("early", MONDAY), ("late", MONDAY), ("early", tuesday), ("late", tuesday)]


def test_the_clock_set_back_runs_no_day_again(ran: list[tuple[str, date]]) -> None:
    jobs.catch_up(MONDAY, AT)
    jobs.catch_up(MONDAY - timedelta(days=1), AT)
    jobs.catch_up(MONDAY, AT)
    assert ran.count(("early", MONDAY)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_run_the_day_once(monkeypatch: pytest.MonkeyPatch) -> None:
    began, never = [], threading.Event()

    def slow(on: date, at: datetime) -> dict[str, int]:
        began.append(on)
        never.wait(1)  # long enough for the other beats to come
        return {}

    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("slow", slow)]]))
    answers = together.at_once([lambda: jobs.run_day(MONDAY, AT)] * 3)
    assert began == [MONDAY]
    assert {run.finished_at for runs in answers for run in runs} == {AT}


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A job in shards, each of which waits until a second runner is at another one, and a job after it."""
    log: list[tuple[str, int]] = []
    both = threading.Barrier(2)

    def cut(on: date, at: datetime, shard: Shard) -> dict[str, int]:
        both.wait(together.PATIENCE_S)
        log.append(("cut", shard.index))
        return {"done": 1}

    def after(on: date, at: datetime) -> dict[str, int]:
        log.append(("after", 0))
        return {}

    found = [Job("after", after, 60), Job("cut", cut, 20, split=True)]
    monkeypatch.setattr(jobs, "_modules", lambda: iter([found]))
    return log


@pytest.mark.django_db(transaction=True)
def test_two_runners_share_the_shards_and_the_next_job_waits_for_all_of_them(shared: list[tuple[str, int]]) -> None:
    together.at_once([lambda: jobs.run_day(MONDAY, AT)] * 2)
    assert sorted(shared[:-1]) == [("cut", index) for index in range(jobs.SHARDS)]
    assert shared[-1] == ("after", 0)
    assert JobRun.objects.filter(day=MONDAY, finished_at=AT, shards=jobs.SHARDS).count() == jobs.SHARDS


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_they_would_do_a_shard_twice(
    shared: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_mine", lambda run: nullcontext(True))
    together.at_once([lambda: jobs.run_day(MONDAY, AT)] * 2)
    assert shared.count(("cut", 0)) == 2


@pytest.mark.django_db(transaction=True)
def test_the_shard_of_a_runner_that_dies_is_taken_up_by_the_one_that_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server frees the lock with the connection; nobody has to notice that a runner is gone."""
    began: list[int] = []

    def die_at_first(on: date, at: datetime) -> dict[str, int]:
        began.append(1)
        if len(began) == 1:
            while not _is_waited_for():
                pass
            connection.close()
            raise LookupError("killed")
        return {}

    def runner() -> str:
        try:
            jobs.run_day(MONDAY, AT)
        except (LookupError, InterfaceError):
            return "dead"
        return "whole"

    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("frail", die_at_first)]]))
    assert sorted(together.at_once([runner] * 2)) == ["dead", "whole"]
    assert len(began) == 2
    assert JobRun.objects.get().finished_at == AT


def _is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


def test_shards_part_the_rows_without_loss_and_a_run_of_another_cut_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Shard] = []

    def cut(on: date, at: datetime, shard: Shard) -> dict[str, int]:
        seen.append(shard)
        return {}

    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("cut", cut, split=True)]]))
    JobRun.objects.bulk_create(JobRun(job="cut", day=MONDAY, shard=n, shards=2) for n in range(2))
    jobs.run_day(MONDAY, AT)  # planned by an older release
    assert seen == [Shard(0, 2), Shard(1, 2)]
    rows = JobRun.objects.order_by("pk")
    parts = [set(Shard(n, 3).cut(rows, "pk").values_list("pk", flat=True)) for n in range(3)]
    assert set().union(*parts) == set(WHOLE.cut(rows, "pk").values_list("pk", flat=True))
    assert sum(map(len, parts)) == 2


def test_books_close_last_whatever_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    closing, late = Job("closing", lambda on, at: {}, 10, closes_books=True), Job("late", lambda on, at: {}, 90)
    monkeypatch.setattr(jobs, "_modules", lambda: iter([[closing, late]]))
    assert [job.name for job in jobs.all_jobs()] == ["late", "closing"]


@pytest.mark.django_db(transaction=True)
def test_the_run_that_somebody_has_in_hand_is_known_by_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []

    def look(on: date, at: datetime) -> dict[str, int]:
        seen.append(jobs.being_done(JobRun.objects.filter(day=on)))
        return {}

    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("first", look, 10), Job("second", look, 20)]]))
    jobs.run_day(MONDAY, AT)
    assert seen == [{run.pk} for run in JobRun.objects.order_by("pk")]
    assert jobs.being_done(JobRun.objects.all()) == set()


def test_the_beat_calls_other_workers_while_something_is_left_and_none_afterwards(
    ran: list[tuple[str, date]], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    called: list[int] = []
    monkeypatch.setattr(tasks.join_business_day, "delay", lambda: called.append(1))
    settings.DAY_END_RUNNERS = 3
    tasks.business_day()
    tasks.business_day()
    assert (len(called), len(ran)) == (2, 2)
    tasks.join_business_day()
    assert len(ran) == 2


def test_the_database_refuses_a_second_run_of_the_same_job_and_day() -> None:
    JobRun.objects.create(job="early", day=MONDAY)
    with pytest.raises(IntegrityError, match="core_job_run_once"), transaction.atomic():
        JobRun.objects.create(job="early", day=MONDAY)


def test_every_apps_jobs_are_found_and_have_names_of_their_own() -> None:
    names = [job.name for job in jobs.all_jobs()]
    assert {"end-waits", "settle", "billing.reminders"} <= set(names)
    assert len(names) == len(set(names))
