"""What one operator may do alone (reliability.md 33). Above it a second person decides; limits are set in the admin."""

from decimal import Decimal
from enum import StrEnum

from core.money import ZERO


class Deed(StrEnum):
    """What an operator does with money; the value names the kind of approval too."""

    REFUND = "refund"
    REDUCTION = "reduction"
    OFFLINE = "offline"
    BY_HAND = "refund_by_hand"
    DEDUCTION = "deposit_deduction"


AT_FIRST = {
    Deed.REFUND: Decimal(500),
    Deed.REDUCTION: Decimal(200),
    Deed.OFFLINE: Decimal(5000),
    Deed.BY_HAND: Decimal(5000),
    Deed.DEDUCTION: Decimal(1000),
}


def needs_second_person(amount: Decimal, before: Decimal, most: Decimal) -> bool:
    """Whether it comes, with what was done before to the same thing, to more than `most`: no splitting around a limit.

    500.00 alone: no. 300.00 after 200.01: yes.
    """
    if amount <= ZERO or before < ZERO:
        raise ValueError("an amount is above zero")
    return before + amount > most
