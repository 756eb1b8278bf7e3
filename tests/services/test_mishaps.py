"""A lease whose day-end work fails stops itself only, lands in a list without a personal word, and is tried again."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Customer
from arrears.models import CollectionCase
from arrears.services import cases
from billing.models import Lease, Posting
from billing.services import ledger, statements
from core import calendar, jobs, running
from core.jobs import Job
from core.models import JobRun, Mishap
from notices.models import Message
from orders.services import buyouts
from tests import make, things

pytestmark = [pytest.mark.django_db, pytest.mark.mishaps]
PHONE = "13800138000"


class Broken(Exception):
    """What nobody expected."""


@pytest.fixture
def pair() -> tuple[Lease, Lease]:
    """Two customers' leases of the same days."""
    return things.lease(start=things.ON), things.lease(start=things.ON)


def due_date(lease: Lease) -> date:
    due = things.bill(lease, 2).due_date
    assert due is not None
    return due


def broken_for(of: Lease, work: Callable[..., Any], lease_of: Callable[[Any], int]) -> Callable[..., Any]:
    """`work` that raises as soon as this lease is among what it is given first."""

    def raising(given: Any, *rest: Any, **named: Any) -> Any:
        if of.pk in {lease_of(one) for one in given}:
            raise Broken(f"{PHONE} cannot be reached")
        return work(given, *rest, **named)

    return raising


def run(on: date, hour: int = 10) -> datetime:
    at = calendar.instant(on, hour, 5)
    jobs.catch_up(on, at)
    return at


def of_job(name: str) -> Mishap:
    return Mishap.objects.get(job=name)


def test_rents_fall_due_but_for_the_broken_lease_and_the_next_beat_makes_up_for_it(
    pair: tuple[Lease, Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = pair
    first, second = things.bill(bad, 2), things.bill(good, 2)
    on, post_all = due_date(bad), ledger.post_all
    names = {f"bill:{first.pk}": bad.pk}
    monkeypatch.setattr(ledger, "post_all", broken_for(bad, post_all, lambda event: names.get(event.key, 0)))
    monkeypatch.setattr(jobs, "SHARDS", 1)  # both in one piece of work
    at = run(on)
    assert set(Posting.objects.filter(what="bill due").values_list("key", flat=True)) == {f"bill:{second.pk}"}
    kept = of_job("billing.due")
    assert (kept.subject_type, kept.subject_id, kept.day, kept.count) == ("billing.bill", first.pk, on, 1)
    assert (kept.error, kept.first_at, kept.cleared_at) == ("Broken", at, None)
    assert kept.text.startswith("tests/services/test_mishaps.py:")
    assert JobRun.objects.filter(day=on, finished_at=None).count() == 0
    again = run(on, 11)
    kept.refresh_from_db()
    assert (kept.count, kept.last_at, kept.cleared_at) == (2, again, None)
    monkeypatch.setattr(ledger, "post_all", post_all)
    mended = run(on + timedelta(days=3))  # days later: that day's run is what finds it
    kept.refresh_from_db()
    assert kept.cleared_at == mended
    assert Posting.objects.filter(key=f"bill:{first.pk}").count() == 1
    assert JobRun.objects.get(job="billing.due", day=on).counts == {"charged": 2}


def test_people_are_reminded_but_for_the_broken_lease(
    pair: tuple[Lease, Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = pair
    views = statements.views
    monkeypatch.setattr(statements, "views", broken_for(bad, views, lambda bill: bill.lease_id))
    monkeypatch.setattr(jobs, "SHARDS", 1)
    on = due_date(bad)
    run(on)
    told = Message.objects.filter(template="bill_due", channel="IN_APP")
    assert set(told.values_list("user", flat=True)) == {good.customer.user_id}
    assert (of_job("billing.reminders").subject_type, of_job("billing.reminders").subject_id) == (
        "billing.lease", bad.pk,
    )  # fmt: skip
    monkeypatch.setattr(statements, "views", views)
    at = run(on, 12)
    assert told.count() == 2
    assert of_job("billing.reminders").cleared_at == at


def test_cases_are_opened_but_for_the_broken_lease(pair: tuple[Lease, Lease], monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = pair
    open_ = cases._open
    monkeypatch.setattr(cases, "_open", broken_for(bad, open_, lambda pk: pk))
    late = due_date(bad) + timedelta(days=20)
    run(late)
    assert list(CollectionCase.objects.values_list("lease", flat=True)) == [good.pk]
    assert of_job("arrears.cases").subject_id == bad.pk
    monkeypatch.setattr(cases, "_open", open_)
    at = run(late + timedelta(days=1))
    assert CollectionCase.objects.count() == 2
    assert of_job("arrears.cases").cleared_at == at


def test_a_broken_order_does_not_keep_the_next_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def look(pk: int, at: datetime) -> bool:
        seen.append(pk)
        if pk == 1:
            raise Broken
        return True

    monkeypatch.setattr(buyouts, "to_look", lambda: [1, 2])
    monkeypatch.setattr(buyouts, "look", look)
    run(things.ON)
    assert seen == [1, 2]
    assert (of_job("titles").subject_type, of_job("titles").subject_id) == ("orders.order", 1)
    assert JobRun.objects.get(job="titles").counts == {"titles passed": 1}


def test_what_the_database_refuses_is_kept_by_the_constraints_name_without_the_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = make.customer(726)

    def refuse(pk: int) -> int:
        Customer.objects.create(number=customer.number, user_id=pk)
        return 1

    found = [Job("work", lambda on, at: {"done": running.each(Customer, [customer.pk], _in_a_transaction(refuse))})]
    monkeypatch.setattr(jobs, "_modules", lambda: iter([found]))
    run(things.ON)
    kept = of_job("work")
    assert kept.error == "IntegrityError"
    assert customer.number not in kept.text
    assert kept.text.startswith("accounts_customer_")


def _in_a_transaction(work: Callable[[int], int]) -> Callable[[int], int]:
    def whole(pk: int) -> int:
        with transaction.atomic():
            return work(pk)

    return whole


def test_what_ends_a_whole_run_is_raised_and_on_the_list_until_the_run_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(on: date, at: datetime) -> dict[str, int]:
        raise Broken

    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("work", fail)]]))
    with pytest.raises(Broken):
        run(things.ON)
    kept = of_job("work")
    assert (kept.subject_type, kept.subject_id) == ("core.jobrun", JobRun.objects.get().pk)
    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("work", lambda on, at: {})]]))
    at = run(things.ON, 11)
    kept.refresh_from_db()
    assert kept.cleared_at == at


def test_outside_of_a_run_an_error_is_raised() -> None:
    def fail(pk: int) -> int:
        raise Broken

    with pytest.raises(Broken):
        running.each(Lease, [1], fail)
    assert not Mishap.objects.exists()


def test_how_far_a_run_is_is_told_while_it_runs_and_not_at_each_item(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    moments = iter([0.0, 0.5, 1.2, 1.4])

    def work(on: date, at: datetime) -> dict[str, int]:
        def look(pk: int) -> int:
            seen.append(JobRun.objects.get().done)
            return 1

        return {"done": running.each(Lease, [1, 2, 3], look)}

    monkeypatch.setattr(jobs, "_modules", lambda: iter([[Job("work", work)]]))
    monkeypatch.setattr(running, "monotonic", lambda: next(moments))
    run(things.ON)
    assert seen == [0, 0, 2]
    assert JobRun.objects.get().done == 3


def test_the_database_keeps_one_open_mishap_of_a_job_and_a_lease() -> None:
    row = {"job": "a", "day": things.ON, "subject_type": "billing.lease", "subject_id": 7, "error": "Broken"}
    times = {"first_at": make.AT, "last_at": make.AT}
    Mishap.objects.create(**row, **times, cleared_at=make.AT)
    Mishap.objects.create(**row, **times)
    with pytest.raises(IntegrityError, match="core_mishap_open_once"), transaction.atomic():
        Mishap.objects.create(**row, **times)
