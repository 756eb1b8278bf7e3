"""My credit: score dial, what the tier gives, where the quota is, why, what would raise it; a lapsed one as lapsed."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Customer
from accounts.services import identity
from core import calendar, money
from credit.models import HIGHEST_SCORE, LOWEST_SCORE, CreditReport, Decision, IncomeDeclaration, Outcome, WaiverTier
from credit.services import decisions, incomes, reports
from credit.services import quota as quota_service
from credit.services import tiers as tier_sets
from storefront.pages import breakdown, standing

ARC = 236  # length of the half ring in units of its path
GAP = 3
PAST_HOLDS = 8


@dataclass(frozen=True, slots=True)
class Band:
    """One tier on the half ring: how much of the path to skip, how much to draw."""

    condition: str
    dashes: str
    offset: int
    from_score: int


@dataclass(frozen=True, slots=True)
class Label:
    """A boundary's score beside the ring."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Dial:
    score: int
    bands: tuple[Band, ...]
    labels: tuple[Label, ...]
    needle: int  # degrees from the left end


@dataclass(frozen=True, slots=True)
class Gives:
    """What a tier gives."""

    grade: str
    from_score: int
    to_score: int
    share: Decimal | None
    amount: Decimal | None
    quota_limit: Decimal
    checkout_cap: Decimal
    devices: int


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The last decision, when it serves no more: of what score and day it was, and why it ended."""

    score: int | None
    made_on: date
    ended_on: date
    was_overdue: bool


@dataclass(frozen=True, slots=True)
class PastHold:
    """One line of the quota's history."""

    name: str
    amount: Decimal
    held_on: date
    back_on: date | None


@dataclass(frozen=True, slots=True)
class ShownCredit:
    """What `storefront/credit.html` prints. `next_tier` and `missing` points lead to it; None at the top."""

    is_verified: bool
    report: CreditReport | None
    decision: Decision | None
    passes: bool
    reasons: list[str]
    tier: Gives | None
    next_tier: Gives | None
    missing: int
    dial: Dial | None
    made_on: date | None
    lapsed: Lapsed | None
    quota: standing.ShownQuota | None
    devices_held: int
    history: list[PastHold]
    may_ask: bool
    asks: str
    parts: breakdown.Breakdown | None
    income: IncomeDeclaration | None
    rent_limit: Decimal | None
    wants_income: bool


def shown(customer: Customer, on: date) -> ShownCredit:
    decision, report = decisions.current(customer, on), reports.latest(customer)
    tiers = list(decision.tier_set.tiers.all()) if decision else []
    own, score = (decision.tier, decision.score) if decision else (None, None)
    better = _next(tiers, own)
    quota, table = standing.quota_of(customer), tier_sets.in_force()
    return ShownCredit(
        is_verified=identity.verified(customer) is not None,
        report=report,
        decision=decision,
        passes=decision is not None and decision.outcome != Outcome.REFUSE,
        reasons=decisions.explain(decision) if decision else [],
        tier=_gives(own, tiers) if own else None,
        next_tier=_gives(better, tiers) if better else None,
        missing=better.from_score - score if better and score else 0,
        dial=dial_of(score, tiers, own) if score else None,
        made_on=calendar.business_date(decision.made_at) if decision else None,
        lapsed=_lapsed(customer) if decision is None else None,
        quota=quota if quota and (quota.limit or quota.held) else None,
        devices_held=len(quota.holds) if quota else 0,
        history=_history(customer),
        may_ask=decision is None or (decision.reapply_on is not None and decision.reapply_on <= on),
        asks=reports.asked_of(table),
        parts=breakdown.shown(decision) if decision else None,
        income=incomes.standing(customer),
        rent_limit=decisions.rent_limit(decision) if decision else None,
        wants_income=table is not None and tier_sets.reads_income(table),
    )


def _next(tiers: list[WaiverTier], own: WaiverTier | None) -> WaiverTier | None:
    """The lowest better tier that waives something."""
    above = [tier for tier in tiers if own and tier.from_score > own.from_score and tier.outcome != Outcome.REFUSE]
    return min(above, key=lambda tier: tier.from_score, default=None)


def _gives(tier: WaiverTier, tiers: list[WaiverTier]) -> Gives:
    return Gives(
        grade=tier.grade,
        from_score=tier.from_score,
        to_score=_ends_at(tiers, tier),
        share=Decimal(tier.percent) / 100 if tier.waives == WaiverTier.Waives.PERCENT else None,
        amount=tier.amount if tier.waives == WaiverTier.Waives.AMOUNT else None,
        quota_limit=tier.quota_limit,
        checkout_cap=tier.checkout_cap,
        devices=tier.devices,
    )


def _lapsed(customer: Customer) -> Lapsed | None:
    """Only arrears end a decision before its day without a new one (domain.md §4)."""
    last = decisions.latest(customer)
    if last is None:
        return None
    ended_on = calendar.business_date(last.ended_at) if last.ended_at else last.valid_until
    return Lapsed(last.score, calendar.business_date(last.made_at), ended_on, last.ended_at is not None)


def _history(customer: Customer) -> list[PastHold]:
    """The newest holds with their days, also those given back."""
    past = quota_service.history(customer, PAST_HOLDS)
    names = standing.names_of([hold.order_number for hold in past])
    return [
        PastHold(
            names.get(hold.order_number, hold.order_number),
            hold.amount,
            calendar.business_date(hold.held_at),
            calendar.business_date(hold.released_at) if hold.released_at else None,
        )
        for hold in past
    ]


def dial_of(score: int, tiers: list[WaiverTier], own: WaiverTier | None) -> Dial:
    starts = [tier.from_score for tier in tiers] or [LOWEST_SCORE]
    ends = [*starts[1:], HIGHEST_SCORE]
    passed = [_condition(tier, own) for tier in tiers] or [""]
    bands = tuple(_band(*part) for part in zip(starts, ends, passed, strict=True))
    return Dial(score, bands, tuple(_label(at) for at in (*starts, HIGHEST_SCORE)), _along(score, 180))


def _label(score: int) -> Label:
    """Just outside the ring; the two ends stand below it."""
    degrees = _along(score, 180)
    if degrees in (0, 180):
        return Label(25 if degrees == 0 else 175, 119, str(score))
    turn = math.radians(degrees)
    return Label(int(100 - 91 * math.cos(turn)), int(109 - 91 * math.sin(turn)), str(score))


def _condition(tier: WaiverTier, own: WaiverTier | None) -> str:
    if own is None or tier.from_score > own.from_score:
        return ""
    return "now" if tier.from_score == own.from_score else "passed"


def _band(start: int, end: int, condition: str) -> Band:
    first, last = _along(start, ARC), _along(end, ARC)
    length = max(last - first - GAP, 1)
    return Band(condition, f"{length} {ARC * 2}", -first, start)


def _along(score: int, whole: int) -> int:
    share = Decimal(score - LOWEST_SCORE) / (HIGHEST_SCORE - LOWEST_SCORE)
    return money.whole(share * whole)


def _ends_at(tiers: list[WaiverTier], own: WaiverTier | None) -> int:
    above = [tier.from_score for tier in tiers if own and tier.from_score > own.from_score]
    return min(above) - 1 if above else HIGHEST_SCORE
