"""What a report comes to. A paper that is another person's is a mismatch whatever else was seen (domain.md §9)."""

from collections.abc import Iterable
from enum import StrEnum


class Check(StrEnum):
    """One paper as the agent saw it."""

    OPEN = "OPEN"
    MATCHES = "MATCHES"
    MISMATCH = "MISMATCH"  # another name, number or address than in the application, or visibly altered
    NOT_SHOWN = "NOT_SHOWN"


class Conclusion(StrEnum):
    """CONFIRMED opens the way, DOUBTFUL goes to a person, MISMATCH is refused as suspected fraud."""

    CONFIRMED = "CONFIRMED"
    DOUBTFUL = "DOUBTFUL"
    MISMATCH = "MISMATCH"


def conclude(checks: Iterable[Check], *, met: bool, lives_there: bool) -> Conclusion:
    """`met`: the customer himself was there. ValueError while a paper was not looked at."""
    seen = list(checks)
    if Check.OPEN in seen:
        raise ValueError("a paper was not looked at")
    if Check.MISMATCH in seen:
        return Conclusion.MISMATCH
    if met and lives_there and all(check == Check.MATCHES for check in seen):
        return Conclusion.CONFIRMED
    return Conclusion.DOUBTFUL
