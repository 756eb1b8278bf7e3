"""The own scorecard: from factor readings to a score, part by part (domain.md §4).

Five dimensions of 0–100 points with weights that total 100: score = 350 + 6 × Σ weight · points / 100, half up to a
point. A dimension's points are the sum over its factors; the best bins of its factors total exactly 100. A missing
factor gives 0 points and is named; nothing is re-weighted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from core import money
from credit.rules.grading import LOWEST, Objection

DIMENSIONS: Final = ("identity", "behaviour", "ability", "network", "history")
FULL: Final = 100
STEP: Final = 6  # score points per hundredth of a weighted dimension: 350 + 6 × 100 = 950

Readings = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Bin:
    """Points for values from `from_value` up to where the next bin begins."""

    from_value: int
    points: int


@dataclass(frozen=True, slots=True)
class Factor:
    """One reading of a dimension and its bins."""

    code: str
    dimension: str
    bins: tuple[Bin, ...]

    @property
    def best(self) -> int:
        return max((each.points for each in self.bins), default=0)


@dataclass(frozen=True, slots=True)
class Card:
    """`weights` by dimension."""

    weights: Mapping[str, int]
    factors: tuple[Factor, ...]

    def of(self, dimension: str) -> list[Factor]:
        return [factor for factor in self.factors if factor.dimension == dimension]


@dataclass(frozen=True, slots=True)
class Part:
    """What one factor gave of what it can give; `value` None is a missing one."""

    factor: str
    dimension: str
    value: int | None
    points: int
    best: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a dimension gave: `worth` of `most` score points = 6 × weight × points / 100."""

    dimension: str
    weight: int
    points: int
    worth: Decimal
    most: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """`exact` is the sum before it is rounded to `score`."""

    score: int
    exact: Decimal
    shares: tuple[Share, ...]
    missing: tuple[str, ...]

    @property
    def parts(self) -> list[Part]:
        return [part for share in self.shares for part in share.parts]


@dataclass(frozen=True, slots=True)
class Rise:
    """The nearest values of a factor that give more, `first` to `last` (None: no end), and what the score gains."""

    factor: str
    dimension: str
    first: int
    last: int | None
    is_above: bool
    gain: Decimal


def score(card: Card, readings: Readings) -> Scored:
    """The score with its parts. A factor that `readings` does not name is missing, as one that is None."""
    shares = tuple(_share(card, dimension, readings) for dimension in DIMENSIONS)
    exact = LOWEST + sum((share.worth for share in shares), Decimal(0))
    missing = tuple(part.factor for share in shares for part in share.parts if part.value is None)
    return Scored(money.whole(exact), exact, shares, missing)


def points(factor: Factor, value: int | None) -> int:
    """Of the bin that holds the value: a boundary lies in the bin that it opens. ValueError below the first bin."""
    if value is None:
        return 0
    below = [each for each in factor.bins if each.from_value <= value]
    if not below:
        raise ValueError(f"no bin of {factor.code} holds {value}")
    return max(below, key=lambda each: each.from_value).points


def rises(card: Card, readings: Readings) -> list[Rise]:
    """What would raise the score, one nearest step per factor, the largest gain first. A missing one gave 0."""
    found = [rise for factor in card.factors if (rise := _rise(card, factor, readings.get(factor.code)))]
    return sorted(found, key=lambda rise: -rise.gain)


def check(card: Card, known: Mapping[str, str]) -> list[Objection]:
    """Why a card cannot be published; [] for a sound one. `known`: dimension by factor code of what can be read."""
    total = sum(card.weights.get(dimension, 0) for dimension in DIMENSIONS)
    found = [] if total == FULL else [Objection("weights", {"total": total})]
    for factor in card.factors:
        found += _check_factor(factor, known)
    for dimension in DIMENSIONS:
        best = sum(factor.best for factor in card.of(dimension))
        if best != FULL and (best or card.weights.get(dimension, 0)):
            found.append(Objection("dimension_best", {"dimension": dimension, "best": best}))
    return found


def _share(card: Card, dimension: str, readings: Readings) -> Share:
    parts = tuple(_part(factor, readings.get(factor.code)) for factor in card.of(dimension))
    weight, reached = card.weights.get(dimension, 0), sum(part.points for part in parts)
    return Share(dimension, weight, reached, _worth(weight, reached), _worth(weight, FULL), parts)


def _part(factor: Factor, value: int | None) -> Part:
    return Part(factor.code, factor.dimension, value, points(factor, value), factor.best)


def _worth(weight: int, reached: int) -> Decimal:
    return Decimal(STEP * weight * reached) / FULL


def _rise(card: Card, factor: Factor, value: int | None) -> Rise | None:
    """The nearest better bin above the value, else below it; of a missing value the best bin."""
    now = points(factor, value)
    rows = sorted(factor.bins, key=lambda each: each.from_value)
    better = [row for row in rows if row.points > now]
    if not better:
        return None
    above = [row for row in better if value is None or row.from_value > value]
    aim = max(better, key=lambda row: row.points) if value is None else above[0] if above else better[-1]
    later = [row.from_value for row in rows if row.from_value > aim.from_value]
    gain = _worth(card.weights.get(factor.dimension, 0), aim.points - now)
    last = later[0] - 1 if later else None
    return Rise(factor.code, factor.dimension, aim.from_value, last, bool(above), gain) if gain else None


def _check_factor(factor: Factor, known: Mapping[str, str]) -> Sequence[Objection]:
    named = {"factor": factor.code}
    if known.get(factor.code) != factor.dimension:
        return [Objection("unknown_factor", named)]
    found = []
    rows = sorted(factor.bins, key=lambda each: each.from_value)
    if not rows or rows[0].from_value != 0:
        found.append(Objection("bin_gap", {**named, "from_value": rows[0].from_value if rows else 0}))
    found += [
        Objection("bin_overlap", {**named, "from_value": lower.from_value})
        for lower, upper in pairwise(rows)
        if lower.from_value == upper.from_value
    ]
    outside = [row for row in rows if not 0 <= row.points <= FULL]
    return found + [Objection("points_outside", {**named, "points": row.points}) for row in outside]
