"""When a bill is deducted by itself (domain.md §6): on its due date, and again 1, 3 and 7 days later."""

from datetime import date, timedelta
from typing import Final

DAYS: Final = (0, 1, 3, 7)  # from the due date
HOUR: Final = 10


def due_dates(on: date) -> list[date]:
    """The due dates of the bills whose turn is on day `on`."""
    return [on - timedelta(days=day) for day in DAYS]


def next_try(due: date, earliest: date) -> date | None:
    """The first day of a try that is not before `earliest`; None when all are over."""
    days = (due + timedelta(days=day) for day in DAYS)
    return next((day for day in days if day >= earliest), None)
