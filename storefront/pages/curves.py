"""The buyout curve as a step line: coordinates are whole units of the drawing, never amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from core.templatetags.xinzu import yuan

WIDTH, HEIGHT = 340, 220
LEFT, RIGHT, TOP, BOTTOM = 58, 336, 26, 184  # left of it ¥15,000 finds room
LINES = 3
LABEL = 96  # room for an amount
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A place with a text."""

    x: int
    y: int
    text: str = ""
    text_x: int = 0
    text_y: int = 0
    number: int = 0
    is_at_edge: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """What `components/curve.html` draws."""

    step: str
    under: str
    grid: tuple[Mark, ...]
    months: tuple[Mark, ...]
    now: int
    here: Mark
    final: Mark | None
    label: str
    past_width: int = 0
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    past_height: int = BOTTOM - TOP
    month_y: int = BOTTOM + 20
    axis: int = LEFT - 6


def draw(prices: Sequence[Decimal], here: int, label: str, *, past: int = 0) -> Curve | None:
    """The prices of periods 1 … n with period `here` marked and `past` ones behind; None when nothing can be bought."""
    if not prices:
        return None
    top = _top(max(prices))
    points = [(_x(k, len(prices)), _x(k + 1, len(prices)), _y(price, top)) for k, price in enumerate(prices)]
    step = f"M{LEFT} {points[0][2]}" + "".join(f"V{y}H{end}" for _, end, y in points)
    marked = _here(points, here, yuan(prices[here - 1]))
    final = None
    if here < len(prices):
        final = Mark(RIGHT, points[-1][2], yuan(prices[-1]), RIGHT, min(points[-1][2] + 17, BOTTOM - 5))
    past_width = _x(min(past, len(prices)), len(prices)) - LEFT
    return Curve(
        step, f"{step}V{BOTTOM}H{LEFT}Z", _grid(top), _months(len(prices), here), here, marked, final, label, past_width
    )


def _here(points: list[tuple[int, int, int]], here: int, text: str) -> Mark:
    """The marked period; its amount stands right above the line, at the right edge above the line's higher part."""
    start, end, y = points[here - 1]
    middle = (start + end) // 2
    if middle + LABEL <= RIGHT:
        return Mark(middle, y, text, middle + 7, max(y - 11, 16))
    highest = min(height for _start, step_end, height in points if step_end > RIGHT - LABEL)
    return Mark(middle, y, text, RIGHT, max(highest - 11, 16), is_at_edge=True)


def _top(highest: Decimal) -> Decimal:
    """A round figure above the highest price, that three lines divide."""
    step = Decimal(100)
    while highest > LINES * step * 10:
        step *= 10
    return (highest / (LINES * step)).to_integral_value(ROUND_CEILING) * LINES * step


def _x(k: int, count: int) -> int:
    return LEFT + (RIGHT - LEFT) * k // count


def _y(price: Decimal, top: Decimal) -> int:
    return BOTTOM - int(price * (BOTTOM - TOP) / top)


def _grid(top: Decimal) -> tuple[Mark, ...]:
    levels = [top * line / LINES for line in range(LINES + 1)]
    return tuple(Mark(LEFT, _y(level, top), f"¥{level:,.0f}", text_y=_y(level, top) + 4) for level in levels)


def _months(count: int, here: int) -> tuple[Mark, ...]:
    every = -(-count // MOST_LABELS)
    shown = [k for k in range(count) if (k + 1) % every == 0 or k == 0 or k + 1 == here]
    return tuple(Mark((_x(k, count) + _x(k + 1, count)) // 2, 0, number=k + 1) for k in shown)
