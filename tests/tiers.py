"""The tier table of docs/domain/credit.md, as the rules read it."""

from decimal import Decimal

from credit.rules.grading import Band
from credit.rules.waiver import TierTerms
from tests import worked


def documented() -> list[Band]:
    return [_band(row) for row in worked.table("credit", "The tier table")]


def terms(grade: str, floor: Decimal) -> TierTerms | None:
    """What the band of a grade gives; None when it refuses."""
    band = next(band for band in documented() if band.grade == grade)
    if band.outcome == "REFUSE":
        return None
    return TierTerms(band.waives, band.amount, band.percent, band.quota_limit, band.checkout_cap, band.devices, floor)


def _band(row: dict[str, str]) -> Band:
    share = row["waives"]
    is_percent = share.endswith("%")
    return Band(
        from_score=int(row["from"]),
        grade=row["grade"],
        outcome=row["outcome"],
        waives="ALL" if share == "all" else "PERCENT" if is_percent else "AMOUNT",
        amount=Decimal(share) if share.isdigit() else Decimal(0),
        percent=int(share.removesuffix(" %")) if is_percent else 0,
        quota_limit=Decimal(row["quota"]),
        checkout_cap=Decimal(row["cap per checkout"]),
        devices=int(row["devices"]),
    )
