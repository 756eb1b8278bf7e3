"""Laying money on bills (domain.md §6): in the given order, inside a bill rent → cover → late fee."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Part(StrEnum):
    RENT = "RENT"
    COVER = "COVER"
    FEE = "FEE"


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open on a bill. `fee` is the one that stands when this money pays the rent; less of it is not posted."""

    bill: int
    rent: Decimal
    cover: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        return self.rent + self.cover + self.fee


@dataclass(frozen=True, slots=True)
class Laid:
    """`amount` of the money lies on `part` of a bill."""

    bill: int
    part: Part
    amount: Decimal


def allocate(amount: Decimal, bills: Sequence[Owed]) -> tuple[list[Laid], Decimal]:
    """Where `amount` goes, and its rest, which is a credit balance. Σ laid + rest = amount.

    `bills` stand in the order of payment: those the payer named, else oldest first.
    """
    laid, rest = [], amount
    for bill in bills:
        for part, owed in ((Part.RENT, bill.rent), (Part.COVER, bill.cover), (Part.FEE, bill.fee)):
            share = min(rest, owed)
            if share > 0:
                laid.append(Laid(bill.bill, part, share))
                rest -= share
    return laid, rest
