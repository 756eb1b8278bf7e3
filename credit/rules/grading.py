"""From a score to a band of the tier table, and whether a table can stand (domain.md §4, reliability.md 39, 42)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from credit.rules.demands import Demand, demanded, situations

LOWEST, HIGHEST = 350, 950
MOST_DAYS: Final = 730
MOST_MONTHS: Final = 36  # beyond every plan's longest term
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
    rent_off_percent: int = 0
    longest_term: int | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a decision looks at; stored with it as JSON, so that it can be made again.

    `score` is None after an admission answer, which says whether the person passes `bar`. `factors` are the readings
    of an own scorecard, `missing` those that it lacked. `stops` and `blocked` refuse the person. `manual` is the
    beginning of the band that an operator chose. `fell_back`: the source was silent, the own scorecard answered.
    """

    score: int | None
    source: str
    blocked: bool = False
    stops: tuple[str, ...] = ()
    admitted: bool | None = None
    bar: int = LOWEST
    factors: dict[str, int | None] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    fell_back: bool = False
    kept_leases: int = 0
    completed_leases: int = 0
    lift_revoked: bool = False
    shared: int = 0
    income_monthly: Decimal | None = None
    income_documented: bool = False
    manual: int | None = None

    @property
    def points(self) -> int:
        """What is looked up in the table: the score, or what an admission answer is worth."""
        if self.score is not None:
            return self.score
        return self.bar if self.admitted else LOWEST

    def to_json(self) -> dict[str, Any]:
        made = {each.name: getattr(self, each.name) for each in fields(self)}
        income = None if self.income_monthly is None else str(self.income_monthly)
        return made | {"stops": list(self.stops), "missing": list(self.missing), "income_monthly": income}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Inputs":
        """Also what an earlier version of the rules stored: what it did not know stays as a stranger's."""
        known = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        for name in ("stops", "missing"):
            known[name] = tuple(known.get(name, ()))
        if known.get("income_monthly") is not None:
            known["income_monthly"] = Decimal(known["income_monthly"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a table beside its bands. `lift_after` 0 lifts nobody."""

    lift_after: int = 0
    fast_track_from: int | None = None
    demands: tuple[Demand, ...] = ()


NO_POLICY: Final = Policy()


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code with its figures."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`band` is None when a hard stop refuses before any score is looked at. `demands`: what the order waits for."""

    band: Band | None
    outcome: str
    reasons: tuple[Reason, ...]
    demands: tuple[str, ...] = ()


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


def judge(inputs: Inputs, tiers: Sequence[Band], policy: Policy = NO_POLICY) -> Verdict:
    """The outcome with its reasons. A hard stop refuses the person; a low score only the waiver.

    A good payer is lifted one band; a missing factor is looked at by a person; an operator's choice stands.
    """
    stops = (*(("blocked",) if inputs.blocked else ()), *inputs.stops)
    if stops:
        return Verdict(None, "REFUSE", tuple(Reason(code) for code in stops))
    if inputs.manual is not None:
        return _chosen(pick(inputs.manual, tiers))
    own = pick(inputs.points, tiers)
    band = lifted(own, tiers) if lifts(inputs, policy) else own
    outcome = "REFER" if inputs.missing and band.outcome == "APPROVE" else band.outcome
    asked = () if outcome == "REFUSE" else _asked(inputs, policy)
    reasons = [*_told(inputs, own), *_lift_told(inputs, own, band), *_entry_told(inputs, outcome, tiers)]
    reasons += [Reason("needs_review")] if band.outcome == "REFER" else []
    reasons += [Reason("missing_factor", {"factors": list(inputs.missing)})] if inputs.missing else []
    if outcome == "APPROVE" and policy.fast_track_from is not None and inputs.points >= policy.fast_track_from:
        reasons.append(Reason("fast_track"))
    reasons += [Reason("demand", {"kind": kind}) for kind in asked]
    return Verdict(band, outcome, tuple(reasons), asked)


def lifts(inputs: Inputs, policy: Policy) -> bool:
    """A good payer: enough leases kept, and nobody took the lift back (capability B17)."""
    return bool(policy.lift_after) and inputs.kept_leases >= policy.lift_after and not inputs.lift_revoked


def lifted(band: Band, tiers: Sequence[Band]) -> Band:
    """The next better band, or the same at the top."""
    above = [other for other in tiers if other.from_score > band.from_score]
    return min(above, key=lambda other: other.from_score, default=band)


def _chosen(band: Band) -> Verdict:
    """A person looked already: nothing waits for review."""
    outcome = "APPROVE" if band.outcome == "REFER" else band.outcome
    return Verdict(band, outcome, (Reason("manual", {"grade": band.grade}),))


def _entry_told(inputs: Inputs, outcome: str, tiers: Sequence[Band]) -> list[Reason]:
    if outcome != "REFUSE" or inputs.score is None:
        return []
    needed = [other.from_score for other in tiers if other.outcome != "REFUSE"]
    return [Reason("below_entry", {"score": inputs.score, "needed": min(needed, default=HIGHEST)})]


def _told(inputs: Inputs, own: Band) -> list[Reason]:
    """What the answer was and where it came from."""
    fell_back = [Reason("fell_back")] if inputs.fell_back else []
    if inputs.score is None:
        return [*fell_back, Reason("admitted" if inputs.admitted else "not_admitted", {"grade": own.grade})]
    code = "own_score" if inputs.source == "own" or inputs.fell_back else "score"
    told = {"score": inputs.score, "source": inputs.source, "grade": own.grade}
    return [*fell_back, Reason(code, told)]


def _lift_told(inputs: Inputs, own: Band, band: Band) -> list[Reason]:
    if band.from_score == own.from_score:
        return []
    return [Reason("lifted", {"leases": inputs.kept_leases, "from_grade": own.grade, "grade": band.grade})]


def _asked(inputs: Inputs, policy: Policy) -> tuple[str, ...]:
    holding = situations(
        completed_leases=inputs.completed_leases,
        missing=inputs.missing,
        shared=inputs.shared,
        income_documented=inputs.income_documented,
    )
    return demanded(policy.demands, inputs.points, holding, policy.fast_track_from)


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
    falls_short = upper.longest_term is not None and upper.longest_term < (lower.longest_term or MOST_MONTHS)
    if lower.outcome != "REFUSE" and (upper.rent_off_percent < lower.rent_off_percent or falls_short):
        found.append(Objection("terms_worsen", at))
    if OUTCOMES.index(upper.outcome) < OUTCOMES.index(lower.outcome):
        found.append(Objection("outcome_worsens", at))
    return found
