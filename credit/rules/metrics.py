"""How well a score tells good payers from bad: AUC, KS, the curve between them (docs/domain/credit.md).

A higher score means a better payer. Everything is counted in whole numbers; shares are exact quotients.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Separation:
    """`auc`: the chance that a good one scores above a bad one, a tie counting half; None without one of each.

    `ks`: the largest distance between the two cumulative shares, met at or below the score `ks_at`.
    """

    good: int
    bad: int
    auc: Decimal | None
    ks: Decimal | None
    ks_at: float | None

    @property
    def bad_share(self) -> Decimal | None:
        return Decimal(self.bad) / (self.good + self.bad) if self.good + self.bad else None


@dataclass(frozen=True, slots=True)
class Point:
    """Of all up to `score`: the shares of the bad and of the good that lie there."""

    score: float
    bad: Decimal
    good: Decimal


def separation(scores: Sequence[float], bad: Sequence[bool]) -> Separation:
    """AUC by ranks (Mann-Whitney) and KS. ValueError when there is not one label for each score."""
    counts = _by_score(scores, bad)
    goods, bads = sum(good for _score, good, _bad in counts), sum(count for _score, _good, count in counts)
    if not goods or not bads:
        return Separation(goods, bads, None, None, None)
    twice = below = 0  # twice the pairs that the good one wins; bad ones below the score looked at
    for _score, good, count in counts:
        twice += good * (2 * below + count)
        below += count
    gaps = [(abs(point.bad - point.good), point.score) for point in _curve(counts, goods, bads)]
    ks, ks_at = max(gaps, key=lambda gap: (gap[0], -gap[1]))
    return Separation(goods, bads, Decimal(twice) / (2 * goods * bads), ks, ks_at)


def curve(scores: Sequence[float], bad: Sequence[bool]) -> list[Point]:
    """From the lowest score to the highest, one point for each score; [] without one of each kind."""
    counts = _by_score(scores, bad)
    goods, bads = sum(good for _score, good, _bad in counts), sum(count for _score, _good, count in counts)
    return _curve(counts, goods, bads) if goods and bads else []


def _by_score(scores: Sequence[float], bad: Sequence[bool]) -> list[tuple[float, int, int]]:
    """(score, good ones, bad ones), rising."""
    if len(scores) != len(bad):
        raise ValueError("one label for each score")
    good_at = Counter(score for score, is_bad in zip(scores, bad, strict=True) if not is_bad)
    bad_at = Counter(score for score, is_bad in zip(scores, bad, strict=True) if is_bad)
    return [(score, good_at[score], bad_at[score]) for score in sorted(good_at.keys() | bad_at.keys())]


def _curve(counts: Sequence[tuple[float, int, int]], goods: int, bads: int) -> list[Point]:
    points, good_so_far, bad_so_far = [], 0, 0
    for score, good, bad in counts:
        good_so_far, bad_so_far = good_so_far + good, bad_so_far + bad
        points.append(Point(score, Decimal(bad_so_far) / bads, Decimal(good_so_far) / goods))
    return points
