"""How much of a deposit is kept for open bills (domain.md §7, docs/domain/deposits.md)."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Kept:
    """`taken` pays bills, `shortfall` stays owed, `rest` goes back once nothing is owed."""

    taken: Decimal
    shortfall: Decimal
    rest: Decimal


def kept(held: Decimal, owed: Decimal, most: Decimal) -> Kept:
    """Never more than was approved, than is owed, or than is held.

    Held 2,000.00, owed 618.00, approved 620.00: 618.00 taken, 1,382.00 go back.
    """
    taken = min(most, owed, held)
    return Kept(taken, owed - taken, held - taken)
