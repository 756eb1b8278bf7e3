"""How long a request for relief waits, and how often it may be made (domain.md §9, docs/domain/clock.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

ANSWER_WITHIN: Final = 2  # working days: what the page promises
DECIDE_WITHIN: Final = 3  # working days more for a supervisor; then the clock gives the pause
PAUSE_DAYS: Final = 14
AGAIN_DAYS: Final = 30  # after the last one ended
MOST_A_YEAR: Final = 4
YEAR: Final = timedelta(days=365)


class NoAsk(StrEnum):
    """Why another request may not be made now."""

    LATELY = "LATELY"
    TOO_OFTEN = "TOO_OFTEN"


@dataclass(frozen=True, slots=True)
class Former:
    """An earlier request of the same lease: when it was made, when it or its pause ended, and whether it was made out
    of turn because something had changed. One that was taken back has no `ended`: it waits for nothing."""

    asked: date
    ended: date | None
    out_of_turn: bool


def no_ask(former: Sequence[Former], on: date, *, has_changed: bool) -> NoAsk | None:
    """None when a request may be made on day `on`. `former`: the oldest first.

    Answered on 1 May: LATELY until 30 May, none from 31 May on; once in between when something changed. Four in a year:
    TOO_OFTEN, whatever changed. So a lease rests for at most four times two and three working days and fourteen days.
    """
    if sum(on - each.asked < YEAR for each in former) >= MOST_A_YEAR:
        return NoAsk.TOO_OFTEN
    last = former[-1] if former else None
    if last is None or last.ended is None or on >= last.ended + timedelta(days=AGAIN_DAYS):
        return None
    return None if has_changed and not last.out_of_turn else NoAsk.LATELY


def again_from(former: Sequence[Former], why: NoAsk) -> date:
    """The first day on which it may be asked again, whatever changed."""
    if why is NoAsk.TOO_OFTEN:
        return former[-MOST_A_YEAR].asked + YEAR
    ended = former[-1].ended
    if ended is None:
        raise ValueError("one that was taken back holds up no other")
    return ended + timedelta(days=AGAIN_DAYS)
