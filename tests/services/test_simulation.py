"""Everybody at once by chance: the table of presses is whole, and a few simulated weeks leave every invariant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from orders.action_forms import NoForm
from orders.actions import ACTIONS
from rental.simulation import days, people, presses, report
from rental.simulation.days import Wish
from rental.simulation.stage import Stage
from sandbox import keys
from sandbox.models import FaultOrder
from sandbox.services import faults
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


@pytest.mark.django_db
def test_who_gets_no_code_comes_another_day() -> None:
    """Seed 1 of 300 customers ended here: a silent SMS provider met somebody who had no earlier message."""
    keys.make_all()
    stage = Stage(1, UNTIL)
    order = faults.order("SendSms", FaultOrder.Kind.DOWN, times=9)
    assert people.come_in(stage, 1) is None
    order.delete()
    stage.come_to(UNTIL + timedelta(days=1))
    assert people.come_in(stage, 1) is not None
    assert stage.tally["come in", "no_code"] == 1
