"""Bad input at the API: a clear problem, never a server error, and nothing changes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from orders import actions
from orders.models import Order, State
from tests import make, walks
from tests.machines import Machine, key, problem

pytestmark = pytest.mark.django_db
LATER = make.AT + timedelta(days=3)
LONG = b'{"words": "' + b"x" * 17_000 + b'"}'
DEEP = b'{"words": ' + b"[" * 6 + b"]" * 6 + b"}"


@pytest.fixture(scope="module")
def active(django_db_setup: None, django_db_blocker: Any) -> Iterator[Order]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE)


@pytest.fixture
def machine(active: Order) -> Machine:
    return Machine(active.customer.user, LATER)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", (400, "json_invalid")),
        (b'{"words": NaN}', (400, "json_invalid")),
        (b'{"words": "\\ud800"}', (400, "json_invalid")),
        (b'{"\\ud800": "x"}', (400, "json_invalid")),
        (b'{"words": "\xff"}', (400, "json_invalid")),
        (b'\xef\xbb\xbf{"words": "x"}', (400, "json_invalid")),
        (b'{"words": ' + b"1" * 5000 + b"}", (400, "json_invalid")),
        (b"[" * 16_000, (400, "json_invalid")),
        (b'{"words": ' + b"[" * 200 + b"]" * 200 + b"}", (400, "json_too_deep")),
        (DEEP, (400, "json_too_deep")),
        (b'{"words": "a", "words": "b"}', (400, "json_key_twice")),
        (b'[{"words": "x"}]', (400, "json_no_object")),
        (b'"words"', (400, "json_no_object")),
        (LONG, (413, "body_too_large")),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_small_json_object_is_refused(
    body: bytes, told: tuple[int, str], machine: Machine, active: Order
) -> None:
    with walks.nothing_changes("accounts_apitoken"):  # the day of its use
        answer = machine.post(f"/orders/{active.number}/actions/fault/", body, **{"Idempotency-Key": key()})
        assert problem(answer) == told


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"words": "required"}),
        ({"words": "x"}, {"words": "min_length"}),
        ({"words": "It is broken\x00"}, {"words": "null_characters_not_allowed"}),
        ({"words": "x" * 501}, {"words": "max_length"}),
        ({"words": 7}, {"words": "type"}),
        ({"words": None}, {"words": "type"}),
        ({"words": ["It is broken"]}, {"words": "type"}),
        ({"words": {"a": "b"}}, {"words": "type"}),
        ({"words": True}, {"words": "type"}),
        ({"words": "It is broken", "state": "COMPLETED"}, {"state": "unknown"}),
        ({"words": "It is broken", "order": 1, "lease__id": "2"}, {"order": "unknown", "lease__id": "unknown"}),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_unknown_fields_and_wrong_types_are_told_field_by_field(
    fields: Any, wrong: dict[str, str], machine: Machine, active: Order
) -> None:
    with walks.nothing_changes("accounts_apitoken"):
        answer = machine.act(active, "fault", fields)
        assert problem(answer) == (422, "fields_invalid")
        assert {name: found[0]["code"] for name, found in answer.json()["errors"].items()} == wrong


def test_a_price_changed_by_the_client_is_refused(machine: Machine, active: Order) -> None:
    with walks.nothing_changes("accounts_apitoken"):
        assert problem(machine.act(active, "buy", {"shown": "2026-03-05/1/0/0.01/0/0/0/0"})) == (409, "quote_changed")
        asked = machine.act(active, "buy", {"shown": "x", "amount": "0.01"})
        assert problem(asked) == (422, "fields_invalid")


@pytest.mark.parametrize(
    "query",
    [
        "state=NOPE", "state=", "user__password=x", "state=PAID&state=ACTIVE", "before=-1", "before=1e3", "before=",
        "before=99999999999999999999", "before=٣", "page=2", "format=xml", "token=xz_0", "customer__user=1",
    ],
)  # fmt: skip
def test_parameters_that_there_are_not_are_refused(query: str, machine: Machine) -> None:
    answer = machine.get(f"/orders/?{query}")
    assert problem(answer) == (400, "parameters_invalid")
    assert set(answer.json()["errors"]) == {query.partition("=")[0]}


@pytest.mark.parametrize("known", ["", "short", "x" * 81, "with space", "schlüssel-1", "quote'quote"])
def test_a_step_needs_a_key(known: str, machine: Machine, active: Order) -> None:
    answer = machine.post(
        f"/orders/{active.number}/actions/fault/", {"words": "It is broken"}, **{"Idempotency-Key": known}
    )
    assert problem(answer) == (400, "idempotency_key_needed")


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_is_no_json_is_refused(sent: str, machine: Machine, active: Order) -> None:
    with make.moment(LATER):
        answer = machine.client.post(
            f"/api/v1/orders/{active.number}/actions/fault/",
            b"words=It+is+broken",
            content_type=sent,
            headers={**machine.headers, "Idempotency-Key": key()},
        )
    assert problem(answer) == (415, "media_type")


def test_other_methods_and_other_answers_are_refused(machine: Machine, active: Order) -> None:
    address = f"/orders/{active.number}/actions/fault/"
    assert problem(machine.get(address)) == (405, "method_not_allowed")
    assert problem(machine.post("/orders/", {})) == (405, "method_not_allowed")
    with make.moment(LATER):
        for verb in ("put", "patch", "delete", "options"):
            asked = getattr(machine.client, verb)(f"/api/v1{address}", headers=machine.headers)
            assert problem(asked) == (405, "method_not_allowed")
    assert problem(machine.get("/orders/", Accept="text/html")) == (406, "not_acceptable")


@pytest.mark.parametrize("address", ["", "/", "/orders", "/order/", "/orders/X1/actions/", "/orders/X1/actions/fault"])
def test_an_address_that_there_is_not_is_told_as_a_problem_and_leads_nowhere(address: str, machine: Machine) -> None:
    assert problem(machine.get(address)) == (404, "not_found")
    assert problem(machine.post(address, {})) == (404, "not_found")


@pytest.mark.parametrize("number", ["X1", "0", "x" * 300, "%00", "..", "1%27", "٣"])
def test_a_number_that_is_none_finds_nothing(number: str, machine: Machine) -> None:
    assert machine.get(f"/orders/{number}/").status_code in (400, 404)


def test_one_token_asks_so_often_and_no_oftener(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.tokens.PerToken.rate", "3/min")
    assert [machine.get("/orders/").status_code for _ in range(3)] == [200] * 3
    refused = machine.get("/orders/")
    assert problem(refused) == (429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 61


def test_every_field_of_every_form_has_a_type() -> None:
    """Of the faces that the API has: a form with another kind of field would fail here."""
    from api import fields

    rows = [row for row in actions.ACTIONS if row.face != actions.OPERATOR and row.run]
    kinds = {field["type"] for row in rows for field in fields.asked(row)}
    assert kinds == {"boolean", "choice", "string"}
