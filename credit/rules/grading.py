"""From a score to a band of the tier table, and whether a table can stand (domain.md §4, reliability.md 39, 42)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

LOWEST, HIGHEST = 350, 950
MOST_DAYS: Final = 730
OUTCOMES: Final = ("REFUSE", "REFER", "APPROVE")  # from worse to better


@dataclass(frozen=True, slots=True)
class Band:
    """One row of the table: scores from `from_score` up to where the next band begins."""

    from_score: int
    grade: str
    outcome: str
    waives: str
    amount: Decimal
    percent: int
    quota_limit: Decimal
    checkout_cap: Decimal
    devices: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a decision looks at; stored with it as JSON, so that it can be made again."""

    score: int
    source: str
    blocked: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"score": self.score, "source": self.source, "blocked": self.blocked}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Inputs":
        return cls(score=int(stored["score"]), source=str(stored["source"]), blocked=bool(stored["blocked"]))


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code with its figures."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`band` is None when a hard stop refuses before any score is looked at."""

    band: Band | None
    outcome: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """What keeps a table from being published; `params` name the band and the figures."""

    code: str
    params: dict[str, Any]


def pick(score: int, tiers: Sequence[Band]) -> Band:
    """The band in which a score lies: the highest `from_score` not above it. A boundary lies in the band it opens."""
    if not LOWEST <= score <= HIGHEST:
        raise ValueError(f"a score lies between {LOWEST} and {HIGHEST}: {score}")
    below = [band for band in tiers if band.from_score <= score]
    if not below:
        raise ValueError(f"no band holds {score}")
    return max(below, key=lambda band: band.from_score)


def judge(inputs: Inputs, tiers: Sequence[Band]) -> Verdict:
    """The outcome with its reasons. A block refuses the person; a low score only the waiver."""
    if inputs.blocked:
        return Verdict(None, "REFUSE", (Reason("blocked"),))
    band = pick(inputs.score, tiers)
    reasons = [Reason("score", {"score": inputs.score, "source": inputs.source, "grade": band.grade})]
    if band.outcome == "REFUSE":
        needed = [other.from_score for other in tiers if other.outcome != "REFUSE"]
        reasons.append(Reason("below_entry", {"score": inputs.score, "needed": min(needed, default=HIGHEST)}))
    elif band.outcome == "REFER":
        reasons.append(Reason("needs_review"))
    return Verdict(band, band.outcome, tuple(reasons))


def check_tiers(tiers: Sequence[Band]) -> list[Objection]:
    """Why a table cannot be published; [] for a sound one.

    A band ends where the next begins, so there is no gap and no overlap but below the first and for equal beginnings.
    """
    bands = sorted(tiers, key=lambda band: band.from_score)
    if not bands:
        return [Objection("empty", {})]
    found = []
    if bands[0].from_score != LOWEST:
        found.append(Objection("starts_late", {"from_score": bands[0].from_score, "lowest": LOWEST}))
    for band in bands:
        found += _check_band(band)
    for lower, upper in pairwise(bands):
        found += _check_neighbours(lower, upper)
    return found


def check_days(decision_days: int, reapply_days: int) -> list[Objection]:
    """A decision serves at least a day; after two years it is about another person."""
    sane = all(1 <= days <= MOST_DAYS for days in (decision_days, reapply_days))
    return [] if sane else [Objection("no_days", {})]


def _check_band(band: Band) -> list[Objection]:
    at = {"from_score": band.from_score}
    if not LOWEST <= band.from_score <= HIGHEST:
        return [Objection("out_of_range", at)]
    if min(band.amount, band.quota_limit, band.checkout_cap) < 0 or not 0 <= band.percent <= 100:
        return [Objection("not_sane", at)]
    if band.outcome == "REFUSE":
        return [Objection("refusal_waives", at)] if band.quota_limit else []
    found = []
    share = {"AMOUNT": band.amount, "PERCENT": band.percent, "ALL": 1}[band.waives]
    if not share or not band.quota_limit or not band.checkout_cap or not band.devices:
        found.append(Objection("waives_nothing", at))
    if band.checkout_cap > band.quota_limit:
        found.append(Objection("cap_above_quota", {**at, "cap": band.checkout_cap, "quota": band.quota_limit}))
    return found


def _check_neighbours(lower: Band, upper: Band) -> list[Objection]:
    """A better score never gets less."""
    at = {"from_score": upper.from_score}
    if lower.from_score == upper.from_score:
        return [Objection("overlap", at)]
    found = []
    if upper.quota_limit < lower.quota_limit:
        found.append(Objection("quota_falls", {**at, "quota": upper.quota_limit, "below": lower.quota_limit}))
    if OUTCOMES.index(upper.outcome) < OUTCOMES.index(lower.outcome):
        found.append(Objection("outcome_worsens", at))
    return found
