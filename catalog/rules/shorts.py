"""Short rentals: what some days cost, and which days may be picked (domain.md §3).

Both the first and the last day count. Amounts are yuan with two places.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.money import ZERO

MOST_DAYS = 90  # of one rental
MOST_GAP_DAYS = 14
AHEAD_DAYS = 180  # how far ahead days can be picked
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """`count` times the multiple of `days` days at `amount` each."""

    days: int
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """The cheapest combination: its sum, and its parts from the longest multiple down."""

    amount: Decimal
    parts: tuple[Part, ...]

    @property
    def covered_days(self) -> int:
        """At least the days picked; more where that is cheaper."""
        return sum(part.days * part.count for part in self.parts)


@dataclass(frozen=True, slots=True)
class Dates:
    """The picked days, both counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the last day is before the first")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan allows. `gap_days` keep a device free after a rental, and are needed before the first one."""

    least_days: int
    most_days: int
    gap_days: int

    def earliest(self, on: date) -> date:
        return on + self.gap_days * DAY

    def latest(self, on: date) -> date:
        return on + AHEAD_DAYS * DAY


class Wrong(StrEnum):
    """Why days cannot be picked."""

    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


def price(multiples: Mapping[int, Decimal], days: int) -> Price:
    """The cheapest combination of `multiples` (days → amount) that covers `days`, by dynamic programme.

    1 day 60, 3 days 150, 7 days 300: 5 days cost 270 (3 + 1 + 1), 6 days 300 (one 7, not two 3: of equal sums the one
    of fewer parts). ValueError for no days or no multiples.
    """
    if days < 1 or not multiples or min(multiples) < 1:
        raise ValueError(f"{days} days, multiples {sorted(multiples)}")
    best: list[tuple[Decimal, int, int]] = [(ZERO, 0, 0)]  # for d days: the sum, how many parts, the last one's days
    for day in range(1, days + 1):
        best.append(
            min(
                (best[max(0, day - each)][0] + amount, best[max(0, day - each)][1] + 1, each)
                for each, amount in multiples.items()
            )
        )
    return Price(best[days][0], _parts(multiples, best, days))


def wrong(dates: Dates, limits: Limits, on: date) -> Wrong | None:
    """What stands against picking `dates` on day `on`, free units aside."""
    if dates.first < limits.earliest(on):
        return Wrong.TOO_SOON
    if dates.last > limits.latest(on):
        return Wrong.TOO_FAR
    if dates.days < limits.least_days:
        return Wrong.TOO_SHORT
    return Wrong.TOO_LONG if dates.days > limits.most_days else None


def blocked(dates: Dates, gap_days: int) -> tuple[date, date]:
    """What a booking keeps of its unit: from the first day to the first one that is free again (not included)."""
    return dates.first, dates.last + (gap_days + 1) * DAY


def is_free(busy: Iterable[tuple[date, date]], dates: Dates, gap_days: int) -> bool:
    """Whether a unit with these kept periods (the end not included) has room for `dates` and the gap after them."""
    first, until = blocked(dates, gap_days)
    return all(until <= start or end <= first for start, end in busy)


def last_possible(units: Sequence[Sequence[tuple[date, date]]], first: date, limits: Limits) -> date | None:
    """The last day that a rental from `first` may have, over all units; None when none is free from that day on."""
    free = [run for busy in units if (run := _run(busy, first, limits))]
    return first + (max(free) - 1) * DAY if free else None


def _run(busy: Sequence[tuple[date, date]], first: date, limits: Limits) -> int:
    """How many days from `first` the unit can be rented, at most what the plan allows; 0 below its least."""
    if any(start <= first < end for start, end in busy):
        return 0
    ahead = min((start for start, _end in busy if start > first), default=None)
    room = limits.most_days if ahead is None else (ahead - first).days - limits.gap_days
    return min(room, limits.most_days) if room >= limits.least_days else 0


def _parts(multiples: Mapping[int, Decimal], best: list[tuple[Decimal, int, int]], days: int) -> tuple[Part, ...]:
    counts: dict[int, int] = {}
    while days > 0:
        each = best[days][2]
        counts[each] = counts.get(each, 0) + 1
        days -= each
    return tuple(Part(each, counts[each], multiples[each]) for each in sorted(counts, reverse=True))
