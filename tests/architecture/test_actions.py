"""The one table of steps: an address leads to one step only."""

from collections import Counter

from orders.action_forms import ShownForm
from orders.actions import ACTIONS, CUSTOMER, prices


def test_no_two_steps_of_a_face_share_an_address() -> None:
    named = Counter((action.face, action.name) for action in ACTIONS if action.run)
    assert [name for name, count in named.items() if count > 1] == []


def test_a_step_that_asks_a_yes_to_figures_has_figures_for_every_face() -> None:
    asking = {action.name for action in ACTIONS if action.face == CUSTOMER and issubclass(action.form, ShownForm)}
    assert asking == set(prices.QUOTES)
