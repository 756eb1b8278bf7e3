"""When a demand letter may go out, and how long it leaves (domain.md §9)."""

from datetime import date, timedelta
from typing import Final

FROM_DAYS: Final = 90  # past due; the bill's page has said so from its first day on
CURE_DAYS: Final = 15  # to make good, the day of the letter not counted


def may_demand(days_past_due: int) -> bool:
    """89: not yet. 90: yes."""
    return days_past_due >= FROM_DAYS


def cure_until(on: date) -> date:
    """The last day to pay: 1 March → 16 March."""
    return on + timedelta(days=CURE_DAYS)
