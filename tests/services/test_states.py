"""Only the declared steps: every other pair of states is refused, to services, to the ORM and to raw SQL alike."""

from collections.abc import Iterator
from itertools import product
from typing import Any, cast

import pytest
from django.db import IntegrityError, connection, models, transaction
from django_fsm import TransitionNotAllowed, can_proceed

from core import states
from core.fields import StateField
from core.models import StateEdge
from orders.models import Order, State
from orders.services import steps
from tests import walks

pytestmark = pytest.mark.django_db
OURS = {name: model for name, model in states.machines().items() if not name.startswith("sandbox.")}


def all_states(model: type[models.Model]) -> list[str]:
    field = model._meta.get_field("state")
    assert isinstance(field, StateField)
    return [str(value) for value, _label in field.flatchoices]


def verbs() -> dict[str, set[tuple[str, str]]]:
    """(source, target) pairs of each verb of an order."""
    found: dict[str, set[tuple[str, str]]] = {}
    for transition in cast("Any", Order._meta.get_field("state")).get_all_transitions(Order):
        found.setdefault(transition.name, set()).add((str(transition.source), str(transition.target)))
    return found


@pytest.fixture
def probe() -> Iterator[Any]:
    """A table with a state and the very trigger function that guards the real ones."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE probe (id serial, state text) ON COMMIT DROP")
        yield cursor


def guard(cursor: Any, machine: str) -> None:
    cursor.execute(
        "CREATE TRIGGER probe_edge BEFORE INSERT OR UPDATE OF state ON probe"
        f" FOR EACH ROW EXECUTE FUNCTION core_check_edge('{machine}')"
    )


def is_refused(cursor: Any, sql: str, value: str) -> bool:
    try:
        with transaction.atomic():
            cursor.execute(sql, [value])
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("machine", sorted(OURS))
def test_raw_sql_takes_exactly_the_declared_steps(probe: Any, machine: str) -> None:
    model = OURS[machine]
    declared, known = states.steps(model), all_states(model)
    stood = {source: place(probe, source) for source in known}
    guard(probe, machine)
    for source, target in product(known, repeat=2):
        refused = is_refused(probe, f"UPDATE probe SET state = %s WHERE id = {stood[source]}", target)
        assert refused == (source != target and (source, target) not in declared), (source, target)
        probe.execute("ALTER TABLE probe DISABLE TRIGGER probe_edge")
        probe.execute("UPDATE probe SET state = %s WHERE id = %s", [source, stood[source]])
        probe.execute("ALTER TABLE probe ENABLE TRIGGER probe_edge")


@pytest.mark.parametrize("machine", sorted(OURS))
def test_a_row_is_born_in_its_first_state_only(probe: Any, machine: str) -> None:
    model = OURS[machine]
    guard(probe, machine)
    born = {s for s in all_states(model) if not is_refused(probe, "INSERT INTO probe (state) VALUES (%s)", s)}
    assert born == {target for source, target in states.steps(model) if source == ""}


def test_every_tables_trigger_names_its_own_machine() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgfoid = 'core_check_edge'::regproc"
        )
        named = {table: bytes(arguments).rstrip(b"\0").decode() for table, arguments in cursor.fetchall()}
    assert named == {model._meta.db_table: machine for machine, model in states.machines().items()}


def test_the_edges_of_the_table_are_those_of_the_code() -> None:
    stored = set(StateEdge.objects.values_list("machine", "source", "target"))
    assert stored == {(name, *step) for name, model in states.machines().items() for step in states.steps(model)}


@pytest.mark.parametrize("machine", sorted(OURS))
def test_every_state_is_reached_and_every_step_leads_to_a_known_state(machine: str) -> None:
    model = OURS[machine]
    known = set(all_states(model))
    assert {target for _source, target in states.steps(model)} == known
    assert {source for source, _target in states.steps(model)} <= known | {""}


@pytest.mark.parametrize("source", [str(state) for state in State])
def test_an_order_takes_a_step_exactly_where_an_edge_leads(source: str) -> None:
    for verb, pairs in verbs().items():
        order = Order(state=source)
        allowed = source in {each for each, _target in pairs}
        assert can_proceed(getattr(order, verb)) == allowed, verb
        if not allowed:
            with pytest.raises(steps.StepNotPossible):
                steps.require(order, verb)
            with pytest.raises((TransitionNotAllowed, TypeError)):
                getattr(order, verb)()


def test_a_state_is_not_assigned_by_hand() -> None:
    with pytest.raises(AttributeError):
        Order(state=State.PLACED).state = State.PAID


def test_a_planted_edge_would_be_taken() -> None:
    """The twin without the guard: what refuses is the table of edges."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE probe (id serial, state text) ON COMMIT DROP")
        number = place(cursor, "PLACED")
        guard(cursor, "orders.order")
        assert is_refused(cursor, f"UPDATE probe SET state = %s WHERE id = {number}", "COMPLETED")
        StateEdge.objects.create(machine="orders.order", source="PLACED", target="COMPLETED")
        assert not is_refused(cursor, f"UPDATE probe SET state = %s WHERE id = {number}", "COMPLETED")
    assert walks.broken() == {}


def place(cursor: Any, state: str) -> int:
    cursor.execute("INSERT INTO probe (state) VALUES (%s) RETURNING id", [state])
    return int(cursor.fetchone()[0])
