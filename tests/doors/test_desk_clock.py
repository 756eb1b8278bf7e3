"""The demo's clock at the desk: asked for here, run by the worker, day by day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from core import calendar, clock
from core.models import ClockShift, JobRun, OutboxMessage
from desk import passing, tasks
from orders.models import Order, State
from tests import make

pytestmark = pytest.mark.django_db

PAGE = "desk:clock"


@pytest.fixture(autouse=True)
def _nobody_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "PATIENCE_S", 0.0)


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(make.AT):
        client = Client()
        client.force_login(make.operator())
        yield client


def days_run() -> list[date]:
    return sorted(set(JobRun.objects.exclude(finished_at=None).values_list("day", flat=True)))


@pytest.mark.parametrize(("by", "days"), [("day", 1), ("month", 31)])
def test_the_wish_is_kept_and_the_page_answers_at_once(desk: Client, by: str, days: int) -> None:
    answer = desk.post(reverse(PAGE), {"by": by})
    assert (answer.status_code, answer["Location"]) == (303, reverse(PAGE))
    assert passing.awaited() == make.AT + timedelta(days=days)
    assert clock.now() == make.AT
    page = desk.get(reverse(PAGE)).content.decode()
    assert 'http-equiv="refresh"' in page


def test_a_second_wish_begins_where_the_first_ends(desk: Client) -> None:
    desk.post(reverse(PAGE), {"by": "day"})
    desk.post(reverse(PAGE), {"by": "day"})
    assert passing.awaited() == make.AT + timedelta(days=2)


def test_every_business_day_on_the_way_does_its_work_in_order(desk: Client) -> None:
    until = make.AT + timedelta(days=3)
    passing.pass_until(make.AT + timedelta(minutes=10))
    passing.pass_until(until)
    assert clock.now() == until
    first = calendar.business_date(make.AT)
    runs = list(JobRun.objects.exclude(finished_at=None).order_by("id").values_list("day", flat=True))
    assert runs == sorted(runs)
    assert days_run() == [first + timedelta(days=n) for n in range(4)]
    assert not JobRun.objects.filter(finished_at=None).exists()


def test_the_same_wish_twice_moves_the_clock_once(desk: Client) -> None:
    desk.post(reverse(PAGE), {"by": "day"})
    wish = OutboxMessage.objects.get(topic=passing.TOPIC)
    for _ in range(2):
        tasks.pass_time(wish.pk, wish.payload)
    assert clock.now() == make.AT + timedelta(days=1)
    assert passing.awaited() is None
    assert 'http-equiv="refresh"' not in desk.get(reverse(PAGE)).content.decode()


def test_waits_end_while_time_passes(desk: Client) -> None:
    order = make.order(State.APPROVED)
    assert order.waits_until is not None
    passing.pass_until(order.waits_until + timedelta(minutes=1))
    assert Order.objects.get(pk=order.pk).state == State.CANCELLED


def test_an_interrupted_passage_goes_on_where_it_stopped(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    until = make.AT + timedelta(days=3)
    work, seen = passing._work, []

    def break_down_on_the_second_stop(at: datetime) -> None:
        seen.append(at)
        if len(seen) == 2:
            raise RuntimeError("the worker died")
        work(at)

    monkeypatch.setattr(passing, "_work", break_down_on_the_second_stop)
    with pytest.raises(RuntimeError):
        passing.pass_until(until)
    passing.pass_until(until)
    assert clock.now() == until
    first = calendar.business_date(make.AT)
    assert days_run() == [first + timedelta(days=n) for n in range(4)]


def test_a_passage_goes_on_to_a_wish_that_came_meanwhile(desk: Client) -> None:
    passing.ask(make.AT + timedelta(days=2))
    passing.pass_until(make.AT + timedelta(days=1))
    assert clock.now() == make.AT + timedelta(days=2)


def test_a_second_mover_does_not_wait_and_keeps_its_wish(desk: Client) -> None:
    passing.ask(make.AT + timedelta(days=1))
    wish = OutboxMessage.objects.get(topic=passing.TOPIC)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [passing._LOCK])
            with pytest.raises(passing.AlreadyPassing):
                tasks.pass_time(wish.pk, wish.payload)
            cursor.execute(
                "SELECT pg_advisory_unlock(%s)", [passing._LOCK]
            )  # a closed connection lets go some time later
    finally:
        other.close()
    assert clock.now() == make.AT
    assert passing.awaited() == make.AT + timedelta(days=1)
    tasks.pass_time(wish.pk, wish.payload)
    assert clock.now() == make.AT + timedelta(days=1)


def test_the_day_waits_for_work_under_way_but_not_for_what_failed(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "PATIENCE_S", 0.2)
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    OutboxMessage.objects.create(topic="x", payload={}, error="ProviderUnavailable")
    passing._let_others_finish()
    assert waited == []
    OutboxMessage.objects.create(topic="x", payload={})
    passing._let_others_finish()
    assert set(waited) == {passing.PAUSE_S}


def test_a_month_is_a_calendar_month(desk: Client) -> None:
    ClockShift.move(calendar.instant(date(2027, 1, 31), 12) - make.AT)
    clock.forget()
    desk.force_login(make.operator())
    desk.post(reverse(PAGE), {"by": "month"})
    assert passing.awaited() == calendar.instant(date(2027, 2, 28), 12)


@pytest.mark.parametrize("by", ["", "year", "-1", "9" * 50])
def test_another_span_is_refused_clearly(desk: Client, by: str) -> None:
    answer = desk.post(reverse(PAGE), {"by": by}, follow=True)
    assert answer.status_code == 200
    assert "notice late" in answer.content.decode()
    assert passing.awaited() is None


def test_where_the_clock_stands_still_there_is_no_such_page(desk: Client, settings: Any) -> None:
    settings.CLOCK_MOVABLE = False
    assert desk.get(reverse(PAGE)).status_code == 404
    assert desk.post(reverse(PAGE), {"by": "day"}).status_code == 404
    assert reverse(PAGE) not in desk.get(reverse("desk:overview")).content.decode()
