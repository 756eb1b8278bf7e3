"""How each provider answered during the last day: requests counted by the hour, by outcome and by the time they took.

Every attempt counts. The counts lie in Django's cache, are shared as far as that is, and may be forgotten: they are for
people who look, and nothing is decided by them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import Final

from django.core.cache import cache

from core import clock, counts

HOURS: Final = 24
KEPT_S: Final = (HOURS + 1) * 3600
BOUNDS_MS: Final = (100, 300, 1000, 3000, 10_000)
LONGER: Final = len(BOUNDS_MS)


class Outcome(StrEnum):
    """ANSWERED: below 400. REFUSED: 4xx, an answer too, though a no. FAILED: 5xx or a broken connection."""

    ANSWERED = "ANSWERED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True, slots=True)
class Last:
    """The latest request: when it ended, by the machine's clock, and how."""

    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Tally:
    """`counts` by outcome and place in BOUNDS_MS."""

    counts: Counter[tuple[Outcome, int]] = field(default_factory=Counter)
    last: Last | None = None

    def of(self, *outcomes: Outcome) -> int:
        return sum(count for (outcome, _), count in self.counts.items() if outcome in outcomes)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def answered(self) -> int:
        return self.of(Outcome.ANSWERED)

    @property
    def refused(self) -> int:
        return self.of(Outcome.REFUSED)

    @property
    def failed(self) -> int:
        return self.of(Outcome.FAILED)

    @property
    def timed_out(self) -> int:
        return self.of(Outcome.TIMED_OUT)

    def within_ms(self, percent: int) -> int | None:
        """So many of a hundred requests took no longer than this. None: longer than every bound, or there are none."""
        needed, seen = self.total * percent, 0
        for place, bound in enumerate(BOUNDS_MS):
            seen += sum(count for (_, at), count in self.counts.items() if at == place)
            if self.total and seen * 100 >= needed:
                return bound
        return None


def count(whom: str, outcome: Outcome, took_ms: float, at: datetime) -> None:
    """One request that ended at `at` of the machine's clock."""
    place = next((place for place, bound in enumerate(BOUNDS_MS) if took_ms <= bound), LONGER)
    counts.one_more(_key(whom, at, outcome, place), KEPT_S)
    cache.set(f"tally:{whom}:last", Last(at, outcome), KEPT_S)


@contextmanager
def counted(whom: str) -> Iterator[Callable[[Outcome], None]]:
    """Count one attempt, which ends as the last call of the given function says; FAILED when nobody calls it."""
    began, outcome = monotonic(), Outcome.FAILED

    def ended(how: Outcome) -> None:
        nonlocal outcome
        outcome = how

    try:
        yield ended
    finally:
        count(whom, outcome, (monotonic() - began) * 1000, clock.machine())


def read(names: Iterable[str], at: datetime) -> dict[str, Tally]:
    """The last day of each, in one look at the cache."""
    wanted = {
        _key(name, at - timedelta(hours=back), outcome, place): (name, outcome, place)
        for name in names
        for back in range(HOURS)
        for outcome in Outcome
        for place in range(LONGER + 1)
    }
    lasts = {f"tally:{name}:last": name for name, _, _ in wanted.values()}
    found = cache.get_many([*wanted, *lasts])
    tallies = {name: Tally(last=found.get(key)) for key, name in lasts.items()}
    for key, (name, outcome, place) in wanted.items():
        if key in found:
            tallies[name].counts[outcome, place] += found[key]
    return tallies


def _key(whom: str, at: datetime, outcome: Outcome, place: int) -> str:
    return f"tally:{whom}:{at:%Y%m%d%H}:{outcome}:{place}"
