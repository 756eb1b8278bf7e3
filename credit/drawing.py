"""A tier table drawn to scale: one segment per band, and what no band covers."""

from dataclasses import dataclass

from credit.rules.grading import HIGHEST, LOWEST, Band

NARROW = 40  # a segment below this holds no second line; one unit of the drawing is one point of score


@dataclass(frozen=True, slots=True)
class Segment:
    """Scores from `first` to `last`; `band` is None for a gap."""

    band: Band | None
    first: int
    last: int
    is_shadowed: bool = False  # another band starts at the same score

    @property
    def x(self) -> int:
        return self.first - LOWEST

    @property
    def width(self) -> int:
        end = self.last + 1 if self.last < HIGHEST else HIGHEST
        return max(end - self.first, 1)

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def is_narrow(self) -> bool:
        return self.width < NARROW

    @property
    def tone(self) -> str:
        return "gap" if self.band is None else self.band.outcome.lower()


def drawn(bands: list[Band]) -> list[Segment]:
    """The segments from the lowest score to the highest; bands outside the scores are not drawn."""
    rows = sorted((b for b in bands if LOWEST <= b.from_score <= HIGHEST), key=lambda band: band.from_score)
    starts = [band.from_score for band in rows]
    lowest = starts[0] if starts else HIGHEST + 1
    segments = [Segment(None, LOWEST, lowest - 1)] if lowest > LOWEST else []
    for i, band in enumerate(rows):
        later = [start for start in starts[i + 1 :] if start > band.from_score]
        last = later[0] - 1 if later else HIGHEST
        segments.append(Segment(band, band.from_score, last, starts.count(band.from_score) > 1))
    return segments
