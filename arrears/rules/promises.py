"""Whether a promise to pay was kept (domain.md §9)."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

MOST_DAYS: Final = 31  # a promise for later is a plan


class Judged(StrEnum):
    OPEN = "OPEN"
    KEPT = "KEPT"
    BROKEN = "BROKEN"


def judged(promised: Decimal, until: date, received: Decimal, still_overdue: Decimal, on: date) -> Judged:
    """On day `on`, with what came by `until` and what is overdue now.

    Kept as soon as the promised money is there, or nothing is overdue any more; broken on the day after `until`.
    500.00 by 10 May, 300.00 there: open on 10 May, broken on 11 May.
    """
    if promised <= 0 or received < 0 or still_overdue < 0:
        raise ValueError("amounts are not negative, and a promise is for something")
    if received >= promised or not still_overdue:
        return Judged.KEPT
    return Judged.BROKEN if on > until else Judged.OPEN


def may_promise(until: date, on: date) -> bool:
    """Today, or within the next MOST_DAYS days."""
    return 0 <= (until - on).days <= MOST_DAYS
