"""One source for the states: the transitions. The database's edges and the drawn diagram follow them."""

from typing import TypeVar

import pytest
from django.db import IntegrityError, connection, transaction

from core import states
from core.models import StateEdge
from rental.management.commands import state_diagram
from tests.architecture.sources import ROOT

T = TypeVar("T")
pytestmark = pytest.mark.django_db


def declared() -> set[tuple[str, str, str]]:
    return {(name, *step) for name, model in states.machines().items() for step in states.steps(model)}


def stored() -> set[tuple[str, str, str]]:
    return set(StateEdge.objects.values_list("machine", "source", "target"))


def test_the_database_allows_exactly_the_declared_steps() -> None:
    assert stored() == declared()


def test_a_planted_edge_makes_the_comparison_fail() -> None:
    StateEdge.objects.create(machine="orders.order", source="DRAFT", target="COMPLETED")
    assert stored() != declared()


def test_every_state_column_has_its_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'core_check_edge'::regproc")
        guarded = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in states.machines().values()} == guarded


def test_raw_sql_cannot_add_a_state_that_is_not_in_the_table() -> None:
    table = next(iter(states.machines().values()))._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE probe (state text); INSERT INTO probe VALUES ('X')")  # noqa: F541
        cursor.execute(
            "CREATE TRIGGER probe_edge BEFORE UPDATE ON probe FOR EACH ROW EXECUTE FUNCTION core_check_edge('none')"
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("UPDATE probe SET state = 'Y'")
    assert table


def test_the_committed_diagram_is_the_one_of_the_models() -> None:
    assert (ROOT / "docs" / "states.md").read_text(encoding="utf-8") == state_diagram.render()


def test_the_diagram_names_every_state_and_verb() -> None:
    drawn = state_diagram.render()
    for model in states.machines().values():
        for (source, target), verb in states.names(model).items():
            assert f"{source} --> {target} : {verb}" in drawn
