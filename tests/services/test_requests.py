"""Requests that arrive twice: same key, same answer; other body, refused; a failed act keeps nothing."""

from typing import Any

import pytest

from core.models import IdempotencyKey
from core.services import requests
from core.services.requests import RequestKeyReused

pytestmark = pytest.mark.django_db
BODY = {"plan": 1, "months": 12}


class Act:
    """Counts how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> Any:
        self.runs += 1
        return {"number": self.runs}


def once(act: Any, *, actor: str = "customer:1", route: str = "checkout", key: str = "k", body: Any = None) -> Any:
    return requests.once(actor, route, key, BODY if body is None else body, act)


def test_the_same_request_runs_once_and_has_one_answer() -> None:
    act = Act()
    assert [once(act), once(act), once(act, body={"months": 12, "plan": 1})] == [{"number": 1}] * 3
    assert act.runs == 1


def test_another_body_under_the_key_is_refused() -> None:
    act = Act()
    once(act)
    for body in ({"plan": 2, "months": 12}, {"plan": 1}, {}):
        with pytest.raises(RequestKeyReused):
            once(act, body=body)
    assert act.runs == 1


@pytest.mark.parametrize("other", [{"actor": "customer:2"}, {"route": "pay"}, {"key": "k2"}])
def test_a_key_is_the_actors_own_for_one_route(other: dict[str, str]) -> None:
    act = Act()
    assert once(act) != once(act, **other)
    assert act.runs == 2


def test_a_failed_act_keeps_nothing_and_frees_the_key() -> None:
    def fail() -> Any:
        raise LookupError

    with pytest.raises(LookupError):
        once(fail)
    assert not IdempotencyKey.objects.exists()
    assert once(Act(), body={"plan": 2}) == {"number": 1}


def test_an_answer_of_nothing_is_an_answer() -> None:
    act = Act()

    def quiet() -> None:
        act()

    assert once(quiet) is None
    assert once(quiet) is None
    assert act.runs == 1
