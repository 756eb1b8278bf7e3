"""One key from many sides at once: the step is taken once. With keys of their own it is taken as often as asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from core.models import IdempotencyKey
from core.services import requests
from orders import actions
from orders.models import ActivationReport, Order, State
from tests import make, walks
from tests.faults import together
from tests.machines import Machine, key, problem

pytestmark = pytest.mark.django_db(transaction=True)
LATER = make.AT + timedelta(days=3)
ASKED = 8
TOLD = {"activated": "no", "source": "MAKER"}


@pytest.fixture
def active() -> Order:
    return make.order(State.ACTIVE, slug="mini-4", months=3)


@pytest.fixture
def seller(active: Order) -> Machine:
    machine = Machine(active.merchant.members.get(role="OWNER").user, LATER)
    machine.get("/orders/")
    return machine


def at_once(seller: Machine, order: Order, keys: list[str]) -> list[tuple[int, Any]]:
    """Status and words of each answer; the clock stands while they run."""
    address = f"/api/v1/orders/{order.number}/actions/activation/"

    def ask(known: str) -> tuple[int, Any]:
        headers = {**seller.headers, "Idempotency-Key": known}
        answer = Client().post(address, TOLD, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    with make.moment(LATER):
        return together.at_once([lambda known=known: ask(known) for known in keys])  # type: ignore[misc]


def test_one_key_from_many_sides_takes_the_step_once(seller: Machine, active: Order) -> None:
    known = key()
    answers = at_once(seller, active, [known] * ASKED)
    done = [told for status, told in answers if status == 200]
    assert done
    assert all(told == done[0] for told in done)
    assert {told["code"] for status, told in answers if status != 200} <= {"request_in_flight"}
    assert ActivationReport.objects.count() == IdempotencyKey.objects.filter(key=known).count() == 1
    assert seller.act(active, "activation", TOLD, known).json() == done[0]
    assert walks.broken() == {}


def test_keys_of_their_own_take_it_as_often_as_they_are(seller: Machine, active: Order) -> None:
    """The twin: it is the key that makes them one."""
    answers = at_once(seller, active, [key() for _ in range(ASKED)])
    assert [status for status, _told in answers] == [200] * ASKED
    assert ActivationReport.objects.count() == ASKED


def test_without_the_early_word_the_unique_row_alone_keeps_it_once(
    seller: Machine, active: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that it is in flight; the others wait for the row and get its answer."""
    monkeypatch.setattr(requests, "_require_alone", lambda name: None)
    answers = at_once(seller, active, [key()] * ASKED)
    assert [status for status, _told in answers] == [200] * ASKED
    assert all(told == answers[0][1] for _status, told in answers)
    assert ActivationReport.objects.count() == 1


def test_a_request_in_flight_is_told_at_once(seller: Machine, active: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one stands in the middle of its step, its row not yet committed, while the second one asks."""
    known = key()
    with in_the_middle(monkeypatch) as (begun, go_on):
        answers: list[Any] = []
        first = threading.Thread(target=_closing(lambda: answers.extend(at_once(seller, active, [known]))))
        first.start()
        assert begun.wait(together.PATIENCE_S)
        assert problem(seller.act(active, "activation", TOLD, known)) == (409, "request_in_flight")
        go_on.set()
        first.join(together.PATIENCE_S)
    assert [status for status, _told in answers] == [200]
    assert seller.act(active, "activation", TOLD, known).json() == answers[0][1]
    assert ActivationReport.objects.count() == 1


@contextmanager
def in_the_middle(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The step tells that it has begun, and goes on when it is told to."""
    begun, go_on, take = threading.Event(), threading.Event(), actions.take

    def slowly(*args: Any) -> Any:
        begun.set()
        assert go_on.wait(together.PATIENCE_S)
        return take(*args)

    monkeypatch.setattr(actions, "take", slowly)
    try:
        yield begun, go_on
    finally:
        go_on.set()


def _closing(act: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    return run
