"""My credit: score dial, what the tier gives, where the quota is, why."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Customer
from accounts.services import identity
from core import calendar, money
from credit.models import HIGHEST_SCORE, LOWEST_SCORE, CreditReport, Decision, Outcome, WaiverTier
from credit.services import decisions, reports
from storefront.pages import standing

ARC = 236  # length of the half ring in units of its path
GAP = 3


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
class ShownCredit:
    """What `storefront/credit.html` prints."""

    is_verified: bool
    report: CreditReport | None
    decision: Decision | None
    passes: bool
    reasons: list[str]
    tier: WaiverTier | None
    waives_share: Decimal | None
    waives_amount: Decimal | None
    dial: Dial | None
    tier_ends_at: int
    made_on: date | None
    quota: standing.ShownQuota | None
    devices_held: int
    may_ask: bool


def shown(customer: Customer, on: date) -> ShownCredit:
    decision, report = decisions.current(customer, on), reports.latest(customer)
    tier = decision.tier if decision else None
    tiers = list(decision.tier_set.tiers.all()) if decision else []
    quota = standing.quota_of(customer)
    score = decision.report.score if decision and decision.report else None
    return ShownCredit(
        is_verified=identity.verified(customer) is not None,
        report=report,
        decision=decision,
        passes=decision is not None and decision.outcome != Outcome.REFUSE,
        reasons=decisions.explain(decision) if decision else [],
        tier=tier,
        waives_share=Decimal(tier.percent) / 100 if tier and tier.waives == WaiverTier.Waives.PERCENT else None,
        waives_amount=tier.amount if tier and tier.waives == WaiverTier.Waives.AMOUNT else None,
        dial=dial_of(score, tiers, tier) if score else None,
        tier_ends_at=_ends_at(tiers, tier),
        made_on=calendar.business_date(decision.made_at) if decision else None,
        quota=quota,
        devices_held=len(quota.holds) if quota else 0,
        may_ask=decision is None or (decision.reapply_on is not None and decision.reapply_on <= on),
    )


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
