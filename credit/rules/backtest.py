"""What other rules would have decided on past applications, and how well either score told bad payers (capability B18).

Labels come with the cases, from repayment, never from a score. Cases are split by time, so that a card is also looked
at on people who came after those it was made on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core import money
from core.money import ZERO
from credit.rules import grading, impact, metrics, scorecards
from credit.rules.grading import NO_POLICY, Band, Inputs, Policy
from credit.rules.metrics import Point, Separation
from credit.rules.scorecards import Card
from credit.rules.waiver import Line, waive

LATER_SHARE = 3  # of ten parts of the cases by time, the latest three are out of time
MOST_POINTS = 60  # of a curve


@dataclass(frozen=True, slots=True)
class Rules:
    """Bands with their policy and floor; `card` None: the score stands as it was."""

    bands: tuple[Band, ...]
    policy: Policy = NO_POLICY
    floor: Decimal = ZERO
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A past application. `bad` None: its 90 days are not over, or nothing was leased."""

    on: date
    inputs: Inputs
    deposits: tuple[Decimal, ...] = ()
    bad: bool | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A case under one set of rules. `waived`: over its orders, each alone with its quota free."""

    score: int
    grade: str
    outcome: str
    orders: int
    waived: Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """A case under the old rules and the new."""

    on: date
    bad: bool | None
    old: Seen
    new: Seen


@dataclass(frozen=True, slots=True)
class Side:
    """All cases under one set of rules. `lost`: what was waived of those who went bad."""

    approved: int
    referred: int
    refused: int
    orders: int
    waived: Decimal
    lost: Decimal
    separation: Separation
    earlier: Separation
    later: Separation
    curve: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`matrix` counts (old grade, new grade); `split_on`: the first day that is out of time."""

    cases: int
    labelled: int
    bad: int
    split_on: date | None
    matrix: dict[tuple[str, str], int]
    better: int
    worse: int
    old: Side
    new: Side


def judge(case: Case, old: Rules, new: Rules) -> Judged:
    """ValueError when the new card cannot score what was stored."""
    return Judged(case.on, case.bad, see(case, old), see(case, new))


def see(case: Case, rules: Rules) -> Seen:
    """A hard stop refuses under any rules; a case without readings keeps its score under any card."""
    inputs = case.inputs
    if rules.card is not None and inputs.factors:
        scored = scorecards.score(rules.card, inputs.factors)
        inputs = replace(inputs, score=scored.score, missing=scored.missing)
    verdict = grading.judge(inputs, rules.bands, rules.policy)
    if verdict.band is None or verdict.outcome == "REFUSE":
        return Seen(inputs.points, verdict.band.grade if verdict.band else "–", "REFUSE", 0, ZERO)
    terms = impact.terms_of(verdict.band, rules.floor)
    waived = [waive([Line(1, deposit)], terms, verdict.band.quota_limit, 0)[0].waived for deposit in case.deposits]
    helped = sum(amount > 0 for amount in waived)
    return Seen(inputs.points, verdict.band.grade, verdict.outcome, helped, money.total(waived))


def report(judged: Sequence[Judged]) -> Report:
    """Decisions old against new, waivers and what bad payers took of them, AUC and KS, also out of time."""
    split_on = _split(judged)
    return Report(
        cases=len(judged),
        labelled=sum(each.bad is not None for each in judged),
        bad=sum(bool(each.bad) for each in judged),
        split_on=split_on,
        matrix=dict(sorted(Counter((each.old.grade, each.new.grade) for each in judged).items())),
        better=sum(_rank(each.new) > _rank(each.old) for each in judged),
        worse=sum(_rank(each.new) < _rank(each.old) for each in judged),
        old=_side(judged, [each.old for each in judged], split_on),
        new=_side(judged, [each.new for each in judged], split_on),
    )


def _side(judged: Sequence[Judged], seen: Sequence[Seen], split_on: date | None) -> Side:
    outcomes = Counter(each.outcome for each in seen)
    told = [(case.on, one.score, case.bad) for case, one in zip(judged, seen, strict=True) if case.bad is not None]
    lost = [one.waived for case, one in zip(judged, seen, strict=True) if case.bad]
    return Side(
        approved=outcomes["APPROVE"],
        referred=outcomes["REFER"],
        refused=outcomes["REFUSE"],
        orders=sum(each.orders for each in seen),
        waived=money.total(each.waived for each in seen),
        lost=money.total(lost),
        separation=_separation(told),
        earlier=_separation([row for row in told if split_on is None or row[0] < split_on]),
        later=_separation([row for row in told if split_on is not None and row[0] >= split_on]),
        curve=tuple(_thinned(metrics.curve([score for _on, score, _bad in told], [bad for _on, _score, bad in told]))),
    )


def _separation(told: Sequence[tuple[date, int, bool]]) -> Separation:
    return metrics.separation([score for _on, score, _bad in told], [bad for _on, _score, bad in told])


def _split(judged: Sequence[Judged]) -> date | None:
    """The day from which the latest three tenths of the labelled cases came."""
    days = sorted(each.on for each in judged if each.bad is not None)
    return days[len(days) * (10 - LATER_SHARE) // 10] if days else None


def _thinned(points: list[Point]) -> list[Point]:
    """At most MOST_POINTS of a curve, its ends kept."""
    if len(points) <= MOST_POINTS:
        return points
    last = len(points) - 1
    return [points[i * last // (MOST_POINTS - 1)] for i in range(MOST_POINTS)]


def _rank(seen: Seen) -> tuple[int, Decimal]:
    return grading.OUTCOMES.index(seen.outcome), seen.waived
