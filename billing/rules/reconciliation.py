"""Matching a channel's statement with what we booked (reliability.md 40): each line ends once.

The provider's trade number names a payment more surely than the number that it repeats from us; of a refund our own
number does. What we booked in the last minutes of a day may stand on the next day's statement: it is missing only
after that one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

DRIFT = timedelta(minutes=10)
Sign = tuple[object, ...]


class Kind(StrEnum):
    """MISSING_HERE: nothing of ours answers the line. MISSING_THERE: no line tells of ours. NUMBER: one of the two
    numbers is another's.
    """

    MISSING_HERE = "MISSING_HERE"
    MISSING_THERE = "MISSING_THERE"
    AMOUNT = "AMOUNT"
    TWICE = "TWICE"
    NUMBER = "NUMBER"


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the statement, in the file's order. `refund_no` is empty for a payment."""

    key: int
    trade_no: str
    number: str
    refund_no: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Booked:
    """What we booked. `accounted`: an earlier line was it, or differed from it; `reported`: it is known as missing.

    `disputed`: a dispute took it back; `refund_no` is then the provider's number of that.
    """

    key: int
    trade_no: str
    number: str
    refund_no: str
    amount: Decimal
    at: datetime
    accounted: bool = False
    reported: bool = False
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    kind: Kind
    line: Told | None
    booked: Booked | None


@dataclass(frozen=True, slots=True)
class Outcome:
    matches: tuple[tuple[Told, Booked], ...]
    differences: tuple[Difference, ...]


class _Books:
    """What was booked, found by its signs, and what of it is spoken for."""

    def __init__(self, booked: Iterable[Booked]) -> None:
        self._by: dict[Sign, list[Booked]] = defaultdict(list)
        self._spoken_for: set[Booked] = set()
        for row in booked:
            for sign in _signs(row):
                self._by[sign].append(row)

    def of(self, line: Told) -> Booked | None:
        """The row that the line means, the surest sign first; one not yet spoken for before another."""
        found = next((self._by[sign] for sign in _signs(line) if sign in self._by), [])
        return next((row for row in found if not self.is_spoken_for(row)), found[0] if found else None)

    def speak_for(self, row: Booked) -> None:
        self._spoken_for.add(row)

    def is_spoken_for(self, row: Booked) -> bool:
        return row.accounted or row in self._spoken_for


def _signs(one: Told | Booked) -> tuple[Sign, ...]:
    """What tells which movement it is, the surest first."""
    if one.refund_no:
        return ("refund", one.refund_no), ("like", one.trade_no, one.amount)
    return ("trade", one.trade_no), ("number", one.number)


def match(lines: Iterable[Told], booked: Sequence[Booked], day_ends: datetime) -> Outcome:
    """The lines of a day's statement against what we booked up to then and around it.

    `booked`: everything without a line so far, and whatever the lines may name. A line whose numbers are all right
    speaks first, so that a wrong one never takes its place.
    """
    books, exact = _Books(booked), {_numbers(row) for row in booked}
    matches, differences = [], []
    for line in sorted(lines, key=lambda line: (_numbers(line) not in exact, line.key)):
        row = books.of(line)
        kind = _difference(line, row, books)
        if row is not None and kind is None:
            matches.append((line, row))
        else:
            assert kind is not None
            differences.append(Difference(kind, line, row))
        if row is not None:
            books.speak_for(row)
    differences += [
        Difference(Kind.MISSING_THERE, None, row)
        for row in booked
        if not books.is_spoken_for(row) and not row.reported and row.at < day_ends - DRIFT
    ]
    return Outcome(tuple(matches), tuple(differences))


def _difference(line: Told, row: Booked | None, books: _Books) -> Kind | None:
    if row is None:
        return Kind.MISSING_HERE
    if books.is_spoken_for(row):
        return Kind.TWICE
    if _numbers(row) != _numbers(line):
        return Kind.NUMBER
    return Kind.AMOUNT if row.amount != line.amount else None


def _numbers(one: Told | Booked) -> tuple[str, str, str]:
    return one.trade_no, one.number, one.refund_no
