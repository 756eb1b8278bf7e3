"""What a rule asks of a customer before the order goes on: a contact, a guarantor, documents, a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KINDS: Final = ("CONTACT", "GUARANTOR", "DOCUMENTS", "VISIT")


@dataclass(frozen=True, slots=True)
class Demand:
    """One row of the rule table: scores from `from_score` to `to_score`, both in it, in a situation."""

    kind: str
    when: str
    from_score: int
    to_score: int


def situations(
    *, completed_leases: int, missing: Sequence[str], shared: int, income_documented: bool
) -> frozenset[str]:
    """Which `when`s hold for a person."""
    holding = {
        "ALWAYS": True,
        "FIRST_LEASE": completed_leases == 0,
        "MISSING_FACTOR": bool(missing),
        "SHARED": shared > 0,
        "UNDOCUMENTED_INCOME": not income_documented,
    }
    return frozenset(when for when, holds in holding.items() if holds)


def demanded(
    rules: Sequence[Demand], score: int, holding: frozenset[str], fast_track_from: int | None
) -> tuple[str, ...]:
    """The kinds asked for, in the order of KINDS. From the fast track's score on nothing is: the report is enough."""
    if fast_track_from is not None and score >= fast_track_from:
        return ()
    asked = {rule.kind for rule in rules if rule.from_score <= score <= rule.to_score and rule.when in holding}
    return tuple(kind for kind in KINDS if kind in asked)
