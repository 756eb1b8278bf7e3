"""Roll rates and cure rates as the desk draws them: a line for each bucket, month by month, and the table beside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.rules import buckets
from billing.services.portfolio import Moves
from desk import charts
from desk.charts import Lines
from desk.pictures import NARROW, WIDE, month_name


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of the drawing and row of the table: its share in each month; None where no lease stood there."""

    name: str
    shares: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """What `desk/movement.html` prints. Where no lease stood in a bucket its line lies on the foot."""

    narrow: Lines
    wide: Lines
    months: tuple[str, ...]
    rates: tuple[Rate, ...]


def rolls(moves: Sequence[Moves]) -> Movement:
    """M0 → M1 up to M3 → M3+."""
    steps = range(len(buckets.NAMES) - 1)
    return _movement(moves, [(f"→{buckets.NAMES[step + 1]}", step) for step in steps], Moves.roll)


def cures(moves: Sequence[Moves]) -> Movement:
    """From each late bucket to nothing past due."""
    return _movement(moves, [(name, place) for place, name in enumerate(buckets.NAMES) if place], Moves.cure)


def _movement(
    moves: Sequence[Moves], named: list[tuple[str, int]], rate: Callable[[Moves, int], Decimal | None]
) -> Movement:
    rates = tuple(Rate(name, tuple(rate(move, bucket) for move in moves)) for name, bucket in named)
    drawn = [(one.name, [share or Decimal(0) for share in one.shares]) for one in rates]
    months = tuple(month_name(move.until) for move in moves)
    return Movement(charts.lines(drawn, *NARROW), charts.lines(drawn, *WIDE), months, rates)
