"""The credit balance: received money that lies on no bill. It pays bills from the oldest money on, and goes back from
the newest on: what came long ago is the hardest to give back at a provider.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Rest:
    """What of a payment lies on no bill and is not on its way back; `day`: the one on which it was received."""

    payment: int
    day: date
    amount: Decimal


def oldest_first(rests: Iterable[Rest]) -> list[Rest]:
    return sorted(rests, key=lambda rest: (rest.day, rest.payment))


def given_back(rests: Iterable[Rest], amount: Decimal) -> list[tuple[int, Decimal]]:
    """How much of which payment goes back, the newest first. ValueError for more than there is.

    40.00 of 2 March and 30.00 of 5 March, 50.00 asked for: 30.00 of the second, 20.00 of the first.
    """
    shares, left = [], amount
    for rest in reversed(oldest_first(rests)):
        share = min(rest.amount, left)
        if share > ZERO:
            shares.append((rest.payment, share))
            left -= share
    if left > ZERO:
        raise ValueError(f"{left} more than the balance")
    return shares
