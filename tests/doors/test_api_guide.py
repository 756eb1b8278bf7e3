"""docs/api.md and docs/api.yaml say what is true: the examples run, the schema is the code's."""

import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management.base import CommandError
from django.test import Client
from rest_framework.serializers import Serializer

from api import problems, shapes
from api.management.commands import api_schema
from orders.models import Order, State
from tests import make, walks
from tests.machines import Machine

pytestmark = pytest.mark.django_db
LATER = make.AT + timedelta(days=3)
DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.fixture(scope="module")
def active(django_db_setup: None, django_db_blocker: Any) -> Iterator[Order]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE)


def guide() -> str:
    return (DOCS / "api.md").read_text(encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    """The words of each curl command of the guide."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line) for line in blocks.splitlines() if line.startswith("curl ")]


def ask(words: list[str], known: dict[str, str]) -> Any:
    """What curl would ask, asked of our own site."""
    filled = [re.sub(r"\$(\w+)", lambda found: known[found[1]], word) for word in words[1:-1]]
    headers = dict(filled[i + 1].split(": ", 1) for i, word in enumerate(filled) if word == "-H")
    body = next((filled[i + 1] for i, word in enumerate(filled) if word == "-d"), None)
    address = re.sub(r"\$(\w+)", lambda found: known[found[1]], words[-1])
    sent = headers.pop("Content-Type", "")
    if body is None:
        return Client().get(address, headers=headers)
    return Client().post(address, body, content_type=sent, headers=headers)


def test_the_examples_of_the_guide_run(active: Order) -> None:
    machine = Machine(active.customer.user, LATER)
    known = {"TOKEN": machine.token, "SITE": "", "ORDER": active.number}
    with make.moment(LATER):
        listed, order, taken = (ask(words, known) for words in commands(guide()))
    assert [each["number"] for each in listed.json()["orders"]] == [active.number]
    assert order.json()["number"] == active.number
    assert taken.json() == {"order": active.number, "action": "fault", "state": "ACTIVE"}
    assert active.faults.get().words == "The screen stays dark"


def test_the_guide_names_every_code_of_the_door() -> None:
    told = set(re.findall(r"`([a-z_]+)`", guide()))
    source = "".join(file.read_text(encoding="utf-8") for file in (Path(settings.BASE_DIR) / "api").glob("*.py"))
    raised = set(re.findall(r'Problem\(4\d\d, "([a-z_]+)"', source))
    kept = {code for _status, code, _detail in problems.TOLD.values()} - {"forbidden"}  # nothing here is that
    assert raised | kept | set(problems.STATUS) <= told


def test_the_committed_schema_is_the_codes() -> None:
    assert (DOCS / "api.yaml").read_text(encoding="utf-8") == api_schema.render(), "run: manage api_schema"


def test_a_schema_that_had_to_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Vague(Serializer[Any]):
        def get_fields(self) -> dict[str, Any]:
            from rest_framework.fields import SerializerMethodField

            return {"vague": SerializerMethodField()}

        def get_vague(self, row: Any):  # type: ignore[no-untyped-def]
            return row

    monkeypatch.setitem(shapes.OrderList._declared_fields, "orders", Vague())
    with pytest.raises(CommandError, match="vague"):
        api_schema.render()


def test_what_is_answered_has_the_committed_shape(active: Order) -> None:
    schema = yaml.safe_load((DOCS / "api.yaml").read_text(encoding="utf-8"))
    for who in (active.customer.user, make.merchant_member("shiguang")):
        told = Machine(who, LATER).order(active)
        assert told["actions"]
        complaints = list(_validator(schema, "OrderShape").iter_errors(told))
        assert complaints == []
    refused = Client().get("/api/v1/orders/").json()
    assert list(_validator(schema, "ProblemShape").iter_errors(refused)) == []
    assert list(_validator(schema, "ProblemShape").iter_errors({"code": "x"})) != []


def _validator(schema: dict[str, Any], name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]})
