"""An own score part by part, with the sum written out, and what would raise it."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core import money
from credit.models import Decision
from credit.rules.grading import LOWEST
from credit.rules.scorecards import STEP, Part, Rise, Scored, Share
from credit.services import decisions, factors

FULL = 1000
MOST_RISES = 4
TENTH = 1  # places of a score's parts


@dataclass(frozen=True, slots=True)
class Line:
    """One factor in words: `value`, and what it gave of what it can give."""

    name: str
    value: str
    points: int
    best: int
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One dimension: `worth` of `most` score points, drawn in thousandths."""

    name: str
    worth: str
    most: str
    weight: int
    points: int
    width: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that would raise the score, by how much and by which sum."""

    advice: str
    name: str
    gain: str
    sum: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    base: int
    added: str
    exact: str
    score: int
    version: str
    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]


def shown(decision: Decision) -> Breakdown | None:
    """None for a score that was not ours to make."""
    scored = decisions.parts(decision)
    return of(scored, decisions.rises(decision), str(decision.scorecard)) if scored else None


def of(scored: Scored, rises: list[Rise], version: str) -> Breakdown:
    return Breakdown(
        base=LOWEST,
        added=_tenth(scored.exact - LOWEST),
        exact=_tenth(scored.exact),
        score=scored.score,
        version=version,
        bars=tuple(_bar(share) for share in scored.shares if share.weight),
        steps=tuple(_step(rise, scored) for rise in rises[:MOST_RISES]),
    )


def _bar(share: Share) -> Bar:
    return Bar(
        name=str(factors.DIMENSION_NAMES[share.dimension]),
        worth=_tenth(share.worth),
        most=_tenth(share.most),
        weight=share.weight,
        points=share.points,
        width=int(share.worth * FULL / share.most),
        lines=tuple(_line(part) for part in share.parts),
    )


def _line(part: Part) -> Line:
    return Line(factors.name(part.factor), factors.shown(part), part.points, part.best, part.value is None)


def _step(rise: Rise, scored: Scored) -> Step:
    weight = next(share.weight for share in scored.shares if share.dimension == rise.dimension)
    more = money.whole(rise.gain * 100 / (STEP * weight))
    return Step(
        advice=factors.advice(rise),
        name=str(factors.DIMENSION_NAMES[rise.dimension]),
        gain=_tenth(rise.gain),
        sum=_("%(points)s more points × %(weight)s %% × %(step)s") % {"points": more, "weight": weight, "step": STEP},
    )


def _tenth(value: Decimal) -> str:
    return f"{value:.{TENTH}f}"
