"""Rules against cash-out and shared accounts, as data: a fact reaches a threshold, and something follows (B19, A9).

What follows concerns one order, never the person: only confirmed fraud stops a person, and that is a hard stop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MANY_LEASES, SHARED_ADDRESS, OTHER_PAYER = "MANY_LEASES", "SHARED_ADDRESS", "OTHER_PAYER"
KNOWN_DEFAULTERS, NEVER_ACTIVATED = "KNOWN_DEFAULTERS", "NEVER_ACTIVATED"
AT_ORDER: Final = (MANY_LEASES, SHARED_ADDRESS, KNOWN_DEFAULTERS, NEVER_ACTIVATED)
AT_PAYMENT: Final = (OTHER_PAYER, KNOWN_DEFAULTERS)
HOLD, DEMAND, REFUSE = "HOLD", "DEMAND", "REFUSE"
STRONGEST: Final = (REFUSE, HOLD, DEMAND)
MOST_DAYS: Final = 730


@dataclass(frozen=True, slots=True)
class RiskRule:
    """`threshold` reached within `window_days`: `action` follows. `demand` is what DEMAND asks for."""

    kind: str
    threshold: int
    window_days: int
    action: str = HOLD
    demand: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule whose fact reached its threshold; `count` is the fact."""

    rule: RiskRule
    count: int


def hits(rules: Sequence[RiskRule], facts: Mapping[str, int | None]) -> list[Hit]:
    """The rules whose fact is known and reached. `facts` by kind, read within each rule's own window."""
    found = []
    for rule in rules:
        count = facts.get(rule.kind)
        if count is not None and count >= rule.threshold:
            found.append(Hit(rule, count))
    return found


def follows(actions: Sequence[str]) -> str:
    """The strongest of these, "" for none: who is refused is neither held nor asked for anything."""
    return next((action for action in STRONGEST if action in actions), "")
