"""What a changed risk rule would have done to past orders, and to whom of those that fell behind (B18, B19)."""

from collections.abc import Sequence
from dataclasses import dataclass

from credit.rules.risks import DEMAND, HOLD, REFUSE


@dataclass(frozen=True, slots=True)
class Tried:
    """A past order: what either rule would have had done, "" for nothing. `bad` None: it says nothing yet."""

    old: str
    new: str
    bad: bool | None


@dataclass(frozen=True, slots=True)
class Side:
    """All orders under one rule. `bad` of the `labelled` among those that it met."""

    held: int
    asked: int
    refused: int
    labelled: int
    bad: int

    @property
    def met(self) -> int:
        return self.held + self.asked + self.refused


@dataclass(frozen=True, slots=True)
class Effect:
    """`labelled` and `bad` of all orders; `added` and `spared`: met by one rule and not by the other."""

    orders: int
    labelled: int
    bad: int
    old: Side
    new: Side
    added: int
    spared: int


def effect(tried: Sequence[Tried]) -> Effect:
    """Counts only: whether a rule is worth it, people judge."""
    return Effect(
        orders=len(tried),
        labelled=sum(each.bad is not None for each in tried),
        bad=sum(each.bad is True for each in tried),
        old=_side([(each.old, each.bad) for each in tried]),
        new=_side([(each.new, each.bad) for each in tried]),
        added=sum(bool(each.new) and not each.old for each in tried),
        spared=sum(bool(each.old) and not each.new for each in tried),
    )


def _side(seen: Sequence[tuple[str, bool | None]]) -> Side:
    met = [(action, bad) for action, bad in seen if action]
    return Side(
        held=sum(action == HOLD for action, _bad in met),
        asked=sum(action == DEMAND for action, _bad in met),
        refused=sum(action == REFUSE for action, _bad in met),
        labelled=sum(bad is not None for _action, bad in met),
        bad=sum(bad is True for _action, bad in met),
    )
