"""An extension plan: bills that are due are paid in equal monthly parts instead (docs/domain/extensions.md).

The sum does not change, unless a fee is agreed and stated. Parts are bills with their own numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from billing.rules.allocation import Owed
from core import calendar, money
from core.money import ZERO

PART_FROM: Final = 2001  # the number of a lease's first part
FEWEST_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """`plans`: how many a lease may have. The first part is due within `first_within_days` days; the agreed fee is at
    most `fee_rate` of what is owed."""

    plans: int
    parts: int
    first_within_days: int
    fee_rate: Decimal


AT_FIRST: Final = Limits(plans=2, parts=12, first_within_days=31, fee_rate=Decimal("0.0100"))


@dataclass(frozen=True, slots=True)
class Part:
    """One bill of the plan. `fee` carries late fees that had grown, and the agreed fee."""

    number: int
    due_date: date
    rent: Decimal
    cover: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        return self.rent + self.cover + self.fee


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator picks: which bills by number, how many parts, the first one's day, and a fee or none."""

    bills: tuple[int, ...]
    parts: int
    first_day: date
    fee: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Proposal:
    """Σ parts = owed + agreed, part of rent by part of rent."""

    owed: Decimal
    agreed: Decimal
    parts: tuple[Part, ...]

    @property
    def total(self) -> Decimal:
        return self.owed + self.agreed


def proposal(owed: Sequence[Owed], terms: Terms, first_number: int = PART_FROM) -> Proposal:
    """Equal parts of all that is owed and the agreed fee; the spare fen to the earliest, each part a month later.

    Rents of 1,083.66, cover of 20.00, late fees of 9.43, in 3 parts: 371.03 each, of which 361.22 is rent.
    ValueError for nothing owed or fewer than two parts.
    """
    rent, cover = money.total(each.rent for each in owed), money.total(each.cover for each in owed)
    fees = money.total(each.fee for each in owed)
    if rent + cover <= ZERO or terms.parts < FEWEST_PARTS:
        raise ValueError("rent or cover is owed, and paid in two parts or more")
    rents = money.split(rent, terms.parts)
    with_cover = money.split(rent + cover, terms.parts)
    totals = money.split(rent + cover + fees + terms.fee, terms.parts)
    parts = (
        Part(first_number + place, calendar.add_months(terms.first_day, place), rents[place],
             with_cover[place] - rents[place], totals[place] - with_cover[place])
        for place in range(terms.parts)
    )  # fmt: skip
    return Proposal(rent + cover + fees, terms.fee, tuple(parts))


def refused(terms: Terms, owed: Decimal, plans_before: int, limits: Limits, on: date) -> str:
    """Which limit a plan breaks: plans, parts, first_day or fee; empty for none."""
    if plans_before >= limits.plans:
        return "plans"
    if not FEWEST_PARTS <= terms.parts <= limits.parts:
        return "parts"
    if not on <= terms.first_day <= on + timedelta(days=limits.first_within_days):
        return "first_day"
    if not ZERO <= terms.fee <= money.floor_fen(limits.fee_rate * owed):
        return "fee"
    return ""


def is_broken(due_date: date, grace_days: int, on: date) -> bool:
    """Whether an open part ends its plan: due 15 May, three days of grace: not on 18 May, but on 19 May."""
    return on > due_date + timedelta(days=grace_days)


def fee_of_part(carried: Decimal, grown: Decimal, rent: Decimal, cap_rate: Decimal) -> Decimal:
    """The late fee of a part: what it carries, and what grew since its own grace; together within the cap of its rent.

    Carried 50.00 on a rent of 361.22 (cap 20 %: 72.24): at most 22.24 more. Carried 80.00: nothing more.
    """
    return carried + min(grown, max(ZERO, money.floor_fen(cap_rate * rent) - carried))
