"""Everybody at once by chance: the table of presses is whole, and a few simulated weeks leave every invariant."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stamina

from orders.action_forms import NoForm
from orders.actions import ACTIONS
from rental.simulation import days, presses, report
from rental.simulation.days import Wish
from sandbox import keys
from tests.quick_paper import quick_paper

UNTIL = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def test_every_step_of_an_order_is_taken_by_somebody() -> None:
    """A new step needs what its form asks for, or the driver of its own page."""
    for action in ACTIONS:
        key = action.face, action.name
        if action.run is None:
            assert key in presses.PAGES, key
        elif action.form is not NoForm:
            assert key in presses.FORMS, key
    known = {(action.face, action.name) for action in ACTIONS}
    assert {*presses.PAGES, *presses.FORMS, *presses.WEIGHTS} <= known


@pytest.fixture
def quickly() -> Iterator[None]:
    """Papers unsigned, no waiting between tries."""
    stamina.set_active(False)
    with quick_paper():
        yield
    stamina.set_active(True)


@pytest.mark.django_db(transaction=True)
def test_weeks_of_chance_leave_every_invariant(quickly: None) -> None:
    keys.make_all()
    stage = days.run(Wish(customers=4, days=24, seed=11, until=UNTIL, orders_a_day=0.4), lambda line: None)
    assert days.broken() == {}
    assert stage.tally["order", "done"] > 3
    assert any(line.lstrip().startswith("orders.Order") for line in report.lines(stage, 1.0))
