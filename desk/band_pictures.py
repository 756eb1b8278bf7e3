"""The bands of a tier table under the customers' scores: whole units of an SVG box. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credit.rules.grading import HIGHEST, LOWEST

BIN = 25
SIDE, TOP, BAND, FOOT = 6, 10, 36, 26
WIDE, NARROW = (880, 216), (330, 190)
APART = 34  # two boundaries' numbers closer than this do not both stand


@dataclass(frozen=True, slots=True)
class Column:
    """Customers of 25 points."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One band: its tone 1–5, its number, and where its text stands."""

    x: int
    width: int
    middle: int
    rank: int
    number: int
    text: str
    has_room: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A boundary with its score, if there is room for it."""

    x: int
    text: str
    is_end: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What `components/band_chart.html` draws."""

    size: str
    width: int
    height: int
    top: int
    floor: int
    band_height: int
    text_at: int
    knob_at: int
    foot: int
    columns: tuple[Column, ...]
    segments: tuple[Segment, ...]
    marks: tuple[Mark, ...]


def pictures(people: Mapping[int, int], bands: Sequence[tuple[int, int, str]]) -> list[Picture]:
    """For a phone and for a wide screen. `bands`: (first score, rank, text), rising."""
    return [_picture("narrow", *NARROW, people, bands), _picture("wide", *WIDE, people, bands)]


def _picture(
    size: str, width: int, height: int, people: Mapping[int, int], bands: Sequence[tuple[int, int, str]]
) -> Picture:
    floor = height - FOOT - BAND
    return Picture(
        size=size,
        width=width,
        height=height,
        top=TOP,
        floor=floor,
        band_height=BAND - 4,
        text_at=floor + BAND // 2 + 3,
        knob_at=floor + BAND - 2,
        foot=height - 4,
        columns=tuple(_columns(people, width, floor)),
        segments=tuple(_segments(bands, width, size)),
        marks=tuple(_marks([first for first, _rank, _text in bands], width)),
    )


def _columns(people: Mapping[int, int], width: int, floor: int) -> list[Column]:
    counts = [0] * ((HIGHEST - LOWEST) // BIN)
    for score, count in people.items():
        counts[min((score - LOWEST) // BIN, len(counts) - 1)] += count
    highest = max(counts, default=0)
    made = []
    for place, count in enumerate(counts):
        if count:
            tall = max(2, count * (floor - TOP) // highest)
            x, end = _x(LOWEST + place * BIN, width), _x(LOWEST + (place + 1) * BIN, width)
            made.append(Column(x + 1, floor - tall, max(end - x - 2, 1), tall))
    return made


def _segments(bands: Sequence[tuple[int, int, str]], width: int, size: str) -> list[Segment]:
    ends = [first for first, _rank, _text in bands[1:]] + [HIGHEST]
    made = []
    for number, ((first, rank, text), end) in enumerate(zip(bands, ends, strict=True), start=1):
        x, until = _x(first, width), _x(end, width)
        shown = text if size == "wide" else str(number)
        room = until - x > 9 * len(shown) + 8
        made.append(Segment(x, max(until - x - 1, 1), (x + until) // 2, rank, number, shown, room))
    return made


def _marks(starts: Sequence[int], width: int) -> list[Mark]:
    made: list[Mark] = []
    free_from = _x(LOWEST, width) + APART
    for start in starts[1:]:
        x = _x(start, width)
        has_room = x >= free_from and x <= _x(HIGHEST, width) - APART
        made.append(Mark(x, str(start) if has_room else "", is_end=False))
        free_from = x + APART if has_room else free_from
    ends = [Mark(_x(LOWEST, width), str(LOWEST), is_end=True), Mark(_x(HIGHEST, width), str(HIGHEST), is_end=True)]
    return [ends[0], *made, ends[1]]


def _x(score: int, width: int) -> int:
    return SIDE + (score - LOWEST) * (width - 2 * SIDE) // (HIGHEST - LOWEST)
