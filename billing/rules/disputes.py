"""A lost dispute takes first what lies on no bill, then what was laid last (docs/domain/disputes.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Lying:
    """A part of the payment that lies on a bill now. `is_void`: the bill is, and its money went back as a rule."""

    allocation: int
    bill: int
    amount: Decimal
    is_void: bool = False


def taken_off(amount: Decimal, free: Decimal, lying: Sequence[Lying]) -> list[Lying]:
    """What comes off which part. `lying` in the order of laying. ValueError for more than there is.

    541.83 rent and 10.00 cover lie, 48.17 lie on nothing; 100.00 lost: 48.17 of those, 10.00 cover, 41.83 rent.
    """
    left = amount - min(amount, max(ZERO, free))
    taken = []
    for part in sorted(lying, key=lambda one: (one.is_void, -one.allocation)):
        share = min(part.amount, left)
        if share > ZERO:
            taken.append(Lying(part.allocation, part.bill, share, part.is_void))
            left -= share
    if left > ZERO:
        raise ValueError(f"{left} more than lies there")
    return taken
