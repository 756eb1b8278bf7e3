"""The trust: what a source said, what we decided, and the revolving waiver quota."""

from credit.models.decisions import CreditReport, Decision, HardStop, LiftRevocation
from credit.models.demands import Demand
from credit.models.quota import Hold, QuotaAccount
from credit.models.scorecards import FactorBin, IncomeDeclaration, Scorecard
from credit.models.tiers import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    DemandRule,
    Outcome,
    Source,
    TierSet,
    WaiverTier,
)

__all__ = [
    "HIGHEST_SCORE",
    "LOWEST_SCORE",
    "CreditReport",
    "Decision",
    "Demand",
    "DemandRule",
    "FactorBin",
    "HardStop",
    "Hold",
    "IncomeDeclaration",
    "LiftRevocation",
    "Outcome",
    "QuotaAccount",
    "Scorecard",
    "Source",
    "TierSet",
    "WaiverTier",
]
