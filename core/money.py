"""Amounts in yuan: `Decimal`, exactly two places, never negative. The only place that rounds (domain.md §2)."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
FEN = Decimal("0.01")
LARGEST = Decimal("1000000000000")  # exclusive; the database CHECK holds the same bound


def fen(amount: Decimal | int) -> Decimal:
    """Half up to the fen."""
    return Decimal(amount).quantize(FEN, rounding=ROUND_HALF_UP)


def floor_fen(amount: Decimal | int) -> Decimal:
    """Down to the fen: for caps, percentages that give a benefit, and buyout prices."""
    return Decimal(amount).quantize(FEN, rounding=ROUND_FLOOR)


def whole(amount: Decimal) -> int:
    """Half up to a whole number (credit scores are whole points)."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def exact(amount: Decimal | int | str) -> Decimal:
    """An amount that already has at most two places, as one with exactly two.

    ValueError when it is no such amount: a third place, negative, not finite, or too large.
    """
    if isinstance(amount, float):
        raise ValueError("an amount is never a float")
    value = Decimal(amount)
    if not value.is_finite() or value < 0 or value >= LARGEST:
        raise ValueError(f"not an amount: {value}")
    quantized = value.quantize(FEN, rounding=ROUND_FLOOR)
    if quantized != value:
        raise ValueError(f"an amount has two places: {value}")
    return quantized


def split(total: Decimal, parts: int) -> list[Decimal]:
    """`total` over `parts`: every part floored, the spare fen to the earliest; the sum is exact (domain.md §2).

    1,000 / 12 = 4 × 83.34 + 8 × 83.33.
    """
    if parts < 1:
        raise ValueError("at least one part")
    each, spare = divmod(to_cents(total), parts)
    return [from_cents(each + (1 if i < spare else 0)) for i in range(parts)]


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum, 0.00 for none."""
    return sum(amounts, ZERO)


def to_cents(amount: Decimal) -> int:
    """Whole fen, as payment wires want them."""
    return int(exact(amount) * 100)


def from_cents(cents: int) -> Decimal:
    return (Decimal(cents) / 100).quantize(FEN)
