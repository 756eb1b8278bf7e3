"""What a returned device may cost: lines of the signed list, never above its value (docs/domain/end-of-lease.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import calendar, money
from core.money import ZERO

DEPRECIATION_MONTHS = 36
RESIDUAL_SHARE = Decimal("0.20")
COVERED = frozenset({"screen", "water", "drop"})  # what the merchant bears under accident cover, one case each


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the signed list that was found broken; `covered`: the merchant bears it."""

    code: str
    amount: Decimal
    covered: bool = False

    @property
    def charged(self) -> Decimal:
        return ZERO if self.covered else self.amount


@dataclass(frozen=True, slots=True)
class Settlement:
    """held = taken + back, damage + dues = taken + open."""

    held: Decimal
    damage: Decimal
    dues: Decimal
    taken: Decimal
    back: Decimal
    open: Decimal


def depreciated(signed_value: Decimal, start: date, on: date) -> Decimal:
    """signed_value × max(0.20, 1 − whole months / 36), floored to the fen.

    5,800.00 after 12 whole months: 5,800 × 24/36 = 3,866.66; after 36: 1,160.00.
    """
    left = max(DEPRECIATION_MONTHS - calendar.whole_months(start, on), 0)
    return money.floor_fen(max(signed_value * RESIDUAL_SHARE, signed_value * left / DEPRECIATION_MONTHS))


def is_covered(code: str, cover_monthly: Decimal) -> bool:
    """Whether the accident cover that the customer pays for bears this line."""
    return bool(cover_monthly) and code.lower() in COVERED


def claimed(lines: Iterable[Line], cap: Decimal) -> Decimal:
    """What the lines come to, at most the depreciated value."""
    return min(money.total(line.charged for line in lines), cap)


def awarded(lines: Iterable[Line], decided: Mapping[str, Decimal], cap: Decimal) -> Decimal:
    """What an operator leaves of the lines: of none more than it says. ValueError for more, or for a line unnamed."""
    total = ZERO
    for line in lines:
        if not ZERO <= decided[line.code] <= line.charged:
            raise ValueError(f"{line.code}: at most what was claimed")
        total += decided[line.code]
    return min(total, cap)


def settle(held: Decimal, damage: Decimal, dues: Decimal) -> Settlement:
    """Deposit held − damage − dues, never below zero; what it does not cover stays open.

    Held 2,000.00, damage 300.00, dues 618.00: 918.00 taken, 1,082.00 back. Held 500.00: all taken, 418.00 open.
    """
    owed = damage + dues
    taken = min(held, owed)
    return Settlement(held, damage, dues, taken, held - taken, owed - taken)
