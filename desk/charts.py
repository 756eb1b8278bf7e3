"""Figures become drawings: whole units of an SVG box, never amounts. Pure; a table of the figures stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

BAR = 100  # the longest bar
LEFT, TOP, FOOT = 44, 14, 28
AMOUNTS = 62  # room for amounts on the axis
END = 52  # room for a line's name behind its last point
GRID_LINES = 5
STEPS = tuple(Decimal(step) for step in ("0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2"))
NAME_WIDTH, NAME_HEIGHT = 34, 15


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid, or a place on the axis, with its text."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its path, its last point, and its name beside it. `rank` 1 is the oldest; it sets weight and dash."""

    path: str
    x: int
    y: int
    name: str
    name_x: int
    name_y: int
    rank: int


@dataclass(frozen=True, slots=True)
class Lines:
    """What `components/lines.html` draws."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of two heights: all of it, and the part that is done."""

    x: int
    width: int
    middle: int
    top: int
    height: int
    done_top: int
    done_height: int
    name: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What `components/columns.html` draws."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    rows: tuple[Tick, ...]
    columns: tuple[Column, ...]


def bars(amounts: Sequence[Decimal]) -> list[int]:
    """Lengths of 0 to BAR beside each other; what is not nothing shows at least 2 units."""
    longest = max(amounts, default=Decimal(0))
    return [max(2, int(amount * BAR / longest)) if amount else 0 for amount in amounts]


def lines(series: Sequence[tuple[str, Sequence[Decimal]]], width: int, height: int) -> Lines:
    """Shares by age, all series beginning at the left; each line ends with its name, and no two names overlap."""
    right, bottom = width - END, height - FOOT
    ages = max((len(shares) for _name, shares in series), default=1)
    step = _step(max((share for _name, shares in series for share in shares), default=Decimal(0)))
    top = step * GRID_LINES
    drawn = [
        _line(name, [(_x(age, ages, right), _y(share, top, bottom)) for age, share in enumerate(shares)], rank)
        for rank, (name, shares) in enumerate(series, start=1)
        if shares
    ]
    rows = tuple(Tick(_y(step * row, top, bottom), _percent(step * row)) for row in range(GRID_LINES + 1))
    columns = tuple(Tick(_x(age, ages, right), str(age)) for age in range(ages))
    return Lines(width, height, LEFT, right, bottom, rows, columns, tuple(_apart(drawn)))


def columns(series: Sequence[tuple[str, Decimal, Decimal]], width: int, height: int) -> Columns:
    """(name, all of it, the part that is done) as columns beside each other."""
    left, right, bottom = AMOUNTS, width - 4, height - FOOT
    step = _round_step(max((whole for _name, whole, _done in series), default=Decimal(0)))
    top = step * GRID_LINES
    slot = (right - left) // max(len(series), 1)
    made = []
    for place, (name, whole, done) in enumerate(series):
        x, broad = left + place * slot + slot // 6, slot - slot // 3
        y, done_y = _y(whole, top, bottom), _y(done, top, bottom)
        made.append(Column(x, broad, x + broad // 2, y, bottom - y, done_y, bottom - done_y, name))
    rows = tuple(Tick(_y(step * row, top, bottom), f"¥{step * row:,.0f}") for row in range(GRID_LINES + 1))
    return Columns(width, height, left, right, bottom, rows, tuple(made))


def _line(name: str, points: list[tuple[int, int]], rank: int) -> Line:
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    x, y = points[-1]
    return Line(path, x, y, name, x + 8, y + 4, rank)


def _apart(drawn: list[Line]) -> list[Line]:
    """No name stands on another one, nor on a line that goes on beyond it: it moves up until it is free."""
    furthest = max((line.x for line in drawn), default=0)
    placed: list[Line] = []
    for line in sorted(drawn, key=lambda line: (-line.y, line.x)):
        y = line.name_y if line.x == furthest else line.name_y - NAME_HEIGHT + 4
        for other in placed:
            if abs(other.name_x - line.name_x) < NAME_WIDTH and abs(other.name_y - y) < NAME_HEIGHT:
                y = other.name_y - NAME_HEIGHT
        placed.append(replace(line, name_y=y))
    return sorted(placed, key=lambda line: line.rank)


def _step(highest: Decimal) -> Decimal:
    """Of the shares' grid: the smallest round step whose GRID_LINES reach the highest share."""
    return next((step for step in STEPS if step * GRID_LINES >= highest), STEPS[-1])


def _round_step(highest: Decimal) -> Decimal:
    """Of the amounts' grid: 1, 2 or 5 times a power of ten, at least 100."""
    power = Decimal(100)
    while power * 10 * GRID_LINES < highest:
        power *= 10
    return next((power * times for times in (1, 2, 5) if power * times * GRID_LINES >= highest), power * 10)


def _x(age: int, ages: int, right: int) -> int:
    return LEFT + (right - LEFT) * age // max(ages - 1, 1)


def _y(value: Decimal, top: Decimal, bottom: int) -> int:
    return bottom - int(value * (bottom - TOP) / top)


def _percent(share: Decimal) -> str:
    scaled = (share * 100).normalize()
    return f"{scaled:f}%"
