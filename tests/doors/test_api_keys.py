"""Idempotency-Key: one key, one step, one answer, whatever the network did."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.models import IdempotencyKey
from orders.models import Order, State
from tests import make, walks
from tests.machines import Machine, key, problem

pytestmark = pytest.mark.django_db
LATER = make.AT + timedelta(days=3)
BROKEN = {"words": "It is broken"}


@pytest.fixture(scope="module")
def active(django_db_setup: None, django_db_blocker: Any) -> Iterator[Order]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE)


@pytest.fixture
def machine(active: Order) -> Machine:
    return Machine(active.customer.user, LATER)


def test_the_same_request_has_the_stored_answer_though_the_step_is_closed_by_now(
    machine: Machine, active: Order
) -> None:
    known = key()
    first = machine.act(active, "fault", BROKEN, known)
    assert first.json() == {"order": active.number, "action": "fault", "state": "ACTIVE"}
    again = machine.act(active, "fault", BROKEN, known)
    assert (again.status_code, again.json()) == (200, first.json())
    assert active.faults.count() == 1
    assert problem(machine.act(active, "fault", BROKEN)) == (409, "step_not_possible")


def test_the_order_of_the_keys_in_the_body_is_nothing(machine: Machine, active: Order) -> None:
    known, address = key(), f"/orders/{active.number}/actions/lost/"
    price = next(each for each in machine.order(active)["actions"] if each["name"] == "lost")["price"]
    told = {"how": "lost", "story": "On the train", "shown": price["shown"]}
    bodies = [told, dict(reversed(told.items()))]
    answers = [machine.post(address, body, **{"Idempotency-Key": known}) for body in bodies]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() == {"order": active.number, "action": "lost", "state": "SETTLING"}


def test_another_body_another_step_or_another_order_under_the_key_is_refused(machine: Machine, active: Order) -> None:
    known = key()
    assert machine.act(active, "fault", BROKEN, known).status_code == 200
    with walks.nothing_changes():
        assert problem(machine.act(active, "fault", {"words": "Otherwise"}, known)) == (422, "request_key_reused")
        assert problem(machine.act(active, "return-early", {}, known)) == (422, "request_key_reused")


def test_a_refused_step_keeps_nothing_and_its_key_may_be_used_again(machine: Machine, active: Order) -> None:
    known = key()
    assert problem(machine.act(active, "fault", {"words": "x"}, known)) == (422, "fields_invalid")
    assert problem(machine.act(active, "hand-over", {}, known)) == (409, "step_not_possible")
    assert not IdempotencyKey.objects.filter(key=known).exists()
    assert machine.act(active, "fault", BROKEN, known).status_code == 200


def test_a_key_is_its_users_own(machine: Machine, active: Order) -> None:
    known, seller = key(), Machine(make.merchant_member("shiguang"), LATER)
    assert machine.act(active, "fault", BROKEN, known).status_code == 200
    assert seller.act(active, "fault-repair", {}, known).status_code == 200
    assert IdempotencyKey.objects.filter(key=known).count() == 2


def test_two_tokens_of_one_user_share_his_keys(machine: Machine, active: Order) -> None:
    known = key()
    first = machine.act(active, "fault", BROKEN, known)
    assert Machine(active.customer.user, LATER).act(active, "fault", BROKEN, known).json() == first.json()
