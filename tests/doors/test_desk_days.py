"""Business days at the desk: how far the day is while it runs, its result after, and whom something failed for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import calendar, jobs, running
from core.jobs import Job
from core.models import JobRun
from desk import days, queues
from orders.models import Order, State
from tests import make
from tests.quick_paper import quick_paper

pytestmark = [pytest.mark.django_db, pytest.mark.mishaps]
ON = calendar.business_date(make.AT)
DAY = reverse("desk:day", args=[ON])


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(make.AT):
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(make.operator())
        yield client


def read(desk: Client, address: str) -> str:
    return desk.get(address).content.decode()


def test_a_day_is_followed_while_somebody_works_on_it(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(on: Any, at: Any, part: jobs.Shard = jobs.WHOLE) -> dict[str, int]:
        if part.index == 1:
            JobRun.objects.filter(shard=1).update(done=700)  # as it tells once a second
            pages.append(read(desk, DAY))
        return {"charged": 2}

    pages: list[str] = []
    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("billing.due", work, split=True)]]))
    jobs.run_day(ON, make.AT)
    [page] = pages
    assert 'http-equiv="refresh"' in page
    assert "1 of 4 parts" in page
    assert '<td class="end">700</td>' in page
    after = read(desk, DAY)
    assert 'http-equiv="refresh"' not in after
    assert "rents that fell due 8" in after
    assert "rents that fell due 8" in read(desk, reverse("desk:days"))


def test_a_day_that_nobody_works_on_any_more_broke_off(desk: Client) -> None:
    JobRun.objects.create(job="billing.due", day=ON, started_at=make.AT)
    page = read(desk, DAY)
    assert "Broken off" in page
    assert 'http-equiv="refresh"' not in page
    assert days.of([ON])[0].state is days.BROKEN_OFF


def test_what_failed_leads_to_the_order_in_the_queue_and_on_its_day_until_it_is_mended(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with quick_paper():
        order = make.order(State.PAID, slug="mini-4", months=3, of=make.customer(812))
    is_broken = [True]

    def work(pk: int) -> int:
        if is_broken[0]:
            raise KeyError(order.customer.user.login)
        return 1

    found = [Job("settle", lambda on, at: {"completed": running.each(Order, [order.pk], work)})]
    monkeypatch.setattr(jobs, "_modules", lambda: iter([found]))
    jobs.catch_up(ON, make.AT)
    queue, link = reverse("desk:queue", args=["mishaps"]), f'href="{reverse("desk:order", args=[order.number])}"'
    for address in (queue, DAY):
        page = read(desk, address)
        assert link in page
        assert "KeyError" in page
        assert order.customer.user.login not in page
    is_broken[0] = False
    jobs.catch_up(ON, make.AT + timedelta(hours=1))
    assert queues.show(queues.QUEUES[-1], make.AT).count == 0
    assert "mended since" in read(desk, DAY)


def test_older_days_lead_on_and_a_day_that_never_was_is_not_found(desk: Client) -> None:
    first = ON - timedelta(days=days.SHOWN)
    JobRun.objects.bulk_create(
        JobRun(job="settle", day=first + timedelta(days=n), started_at=make.AT, finished_at=make.AT)
        for n in range(days.SHOWN + 1)
    )
    page = read(desk, reverse("desk:days"))
    assert f'href="?before={first + timedelta(days=1)}"' in page
    assert reverse("desk:day", args=[first]) in read(
        desk, reverse("desk:days") + f"?before={first + timedelta(days=1)}"
    )
    assert desk.get(reverse("desk:day", args=["2020-01-01"])).status_code == 404
    assert desk.get(reverse("desk:day", args=["soon"])).status_code == 404
