"""Day-end work: each (job, business date) takes effect once, in order, days that were missed included."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from core import jobs
from core.jobs import Job
from core.models import JobRun
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


def test_the_database_refuses_a_second_run_of_the_same_job_and_day() -> None:
    JobRun.objects.create(job="early", day=MONDAY)
    with pytest.raises(IntegrityError, match="core_job_run_once"), transaction.atomic():
        JobRun.objects.create(job="early", day=MONDAY)


def test_every_apps_jobs_are_found_and_have_names_of_their_own() -> None:
    names = [job.name for job in jobs.all_jobs()]
    assert {"end-waits", "settle", "billing.reminders"} <= set(names)
    assert len(names) == len(set(names))
