"""The effect of a risk rule, counted by hand."""

from hypothesis import given
from hypothesis import strategies as st

from credit.rules.rule_trials import Effect, Side, Tried, effect

ACTIONS = st.sampled_from(["", "HOLD", "DEMAND", "REFUSE"])


def test_counts_by_hand() -> None:
    """Six orders: the old rule held 1 and 2, the new one holds 2, asks 3, refuses 4; 2, 4 and 6 fell behind."""
    tried = [
        Tried("HOLD", "", False), Tried("HOLD", "HOLD", True), Tried("", "DEMAND", None),
        Tried("", "REFUSE", True), Tried("", "", False), Tried("", "", True),
    ]  # fmt: skip
    assert effect(tried) == Effect(
        orders=6, labelled=5, bad=3,
        old=Side(held=2, asked=0, refused=0, labelled=2, bad=1),
        new=Side(held=1, asked=1, refused=1, labelled=2, bad=2),
        added=2, spared=1,
    )  # fmt: skip


@given(st.lists(st.builds(Tried, ACTIONS, ACTIONS, st.sampled_from([None, True, False]))))
def test_nobody_is_counted_twice_or_lost(tried: list[Tried]) -> None:
    found = effect(tried)
    assert found.new.met - found.old.met == found.added - found.spared
    assert found.new.bad <= found.new.labelled <= found.new.met <= found.orders
    assert found.bad <= found.labelled <= found.orders
    turned = effect([Tried(each.new, each.old, each.bad) for each in tried])
    assert (turned.old, turned.new, turned.added) == (found.new, found.old, found.spared)
