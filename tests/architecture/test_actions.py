"""The one table of steps: an address leads to one step only."""

from collections import Counter

from orders.actions import ACTIONS


def test_no_two_steps_of_a_face_share_an_address() -> None:
    named = Counter((action.face, action.name) for action in ACTIONS if action.run)
    assert [name for name, count in named.items() if count > 1] == []
