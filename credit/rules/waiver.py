"""How much of each deposit is waived (domain.md §4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.money import ZERO, floor_fen

Limit = Literal["tier", "quota", "cap", "floor", "devices", "none"]


@dataclass(frozen=True, slots=True)
class TierTerms:
    """What a tier gives. `waives` is AMOUNT, PERCENT or ALL; `floor` is the deposit that every device keeps."""

    waives: str
    amount: Decimal
    percent: int
    quota_limit: Decimal
    checkout_cap: Decimal
    devices: int
    floor: Decimal

    def of(self, deposit: Decimal) -> Decimal:
        """The tier's own share of one deposit; a percentage is floored to the fen."""
        if self.waives == "ALL":
            return deposit
        return floor_fen(deposit * self.percent / 100) if self.waives == "PERCENT" else self.amount


@dataclass(frozen=True, slots=True)
class Line:
    """One device of a checkout and its deposit D."""

    number: int
    deposit: Decimal


@dataclass(frozen=True, slots=True)
class Waiver:
    """waived + to_hold = deposit. `limited_by` says what kept the waiver from being the whole deposit."""

    number: int
    deposit: Decimal
    waived: Decimal
    to_hold: Decimal
    limited_by: Limit


def waive(lines: Sequence[Line], tier: TierTerms | None, quota_left: Decimal, devices_held: int) -> list[Waiver]:
    """W = max(0, min(tier, quota left, what the cap leaves, D − floor)) for each line; P = D − W.

    Lines are served by falling deposit, ties by number; the answer comes in the order of `lines`. A device beyond the
    number that may be held with a waiver pays D. Without a tier nothing is waived.
    """
    if quota_left < 0 or devices_held < 0 or any(line.deposit < 0 for line in lines):
        raise ValueError("amounts and counts are never negative")
    if tier is None:
        return [_result(line, ZERO, "tier") for line in lines]
    cap_left, found = tier.checkout_cap, {}
    for line in sorted(lines, key=lambda line: (-line.deposit, line.number)):
        waived, limit = _share(line.deposit, tier, quota_left, cap_left, devices_held)
        found[line.number] = _result(line, waived, limit)
        quota_left, cap_left, devices_held = quota_left - waived, cap_left - waived, devices_held + (waived > 0)
    return [found[line.number] for line in lines]


def _share(deposit: Decimal, tier: TierTerms, quota: Decimal, cap: Decimal, held: int) -> tuple[Decimal, Limit]:
    """What is waived of one deposit, and the tightest of its limits (of equal ones the first here)."""
    if held >= tier.devices:
        return ZERO, "devices"
    limits: list[tuple[Decimal, Limit]] = [
        (tier.of(deposit), "tier"),
        (quota, "quota"),
        (cap, "cap"),
        (deposit - tier.floor, "floor"),
    ]
    amount, limit = min(limits, key=lambda each: each[0])
    return min(max(amount, ZERO), deposit), limit


def _result(line: Line, waived: Decimal, limit: Limit) -> Waiver:
    return Waiver(line.number, line.deposit, waived, line.deposit - waived, "none" if waived == line.deposit else limit)
