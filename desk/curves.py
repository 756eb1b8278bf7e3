"""The two curves of a back-test: of all up to a score, the share of the bad against the share of the good. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SIZE, LEFT, TOP, FOOT, RIGHT = 300, 40, 12, 30, 14


@dataclass(frozen=True, slots=True)
class Curve:
    """What `components/separation_chart.html` draws: old and new from the lower left corner to the upper right."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    ticks: tuple[tuple[int, int, str], ...]
    old: str
    new: str


def drawn(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Curve | None:
    """None when nothing can be told apart yet. Points as the result keeps them: {"bad": share, "good": share}."""
    if not old or not new:
        return None
    ticks = tuple((_x(Decimal(n) / 4), _y(Decimal(n) / 4), f"{25 * n}%") for n in range(5))
    return Curve(SIZE, SIZE, LEFT, SIZE - RIGHT, TOP, SIZE - FOOT, ticks, _path(old), _path(new))


def _path(points: Sequence[Mapping[str, Any]]) -> str:
    steps = [(_x(Decimal(point["good"])), _y(Decimal(point["bad"]))) for point in points]
    return f"M{_x(Decimal(0))} {_y(Decimal(0))}" + "".join(f"L{x} {y}" for x, y in steps)


def _x(share: Decimal) -> int:
    return LEFT + int(share * (SIZE - LEFT - RIGHT))


def _y(share: Decimal) -> int:
    return SIZE - FOOT - int(share * (SIZE - FOOT - TOP))
