"""When a long lease's bills are due (domain.md §6): counted from the start day, clamped, never drifting."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar import add_months


@dataclass(frozen=True, slots=True)
class Period:
    """Period `number` runs from its first to its last day, both included; its rent is due on the first."""

    number: int
    first_day: date
    last_day: date


def period(start: date, number: int) -> Period:
    """Start 31 Jan: periods begin 31 Jan, 28 Feb, 31 Mar, 30 Apr. A renewal goes on with numbers and anchor."""
    if number < 1:
        raise ValueError("periods are numbered from 1")
    return Period(number, add_months(start, number - 1), add_months(start, number) - timedelta(days=1))


def periods(start: date, months: int) -> list[Period]:
    return [period(start, number) for number in range(1, months + 1)]


def last_day(start: date, months: int) -> date:
    return add_months(start, months) - timedelta(days=1)
