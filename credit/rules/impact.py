"""What another tier table would change, in people and in yuan, before anybody approves it (domain.md §4).

Customers stand at their latest scores; past orders at their decision's score, each alone, with its quota free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from credit.rules.grading import OUTCOMES, Band, pick
from credit.rules.waiver import Line, TierTerms, waive

REFERENCE = Decimal("3000.00")  # a deposit by which the shares of two bands are compared


@dataclass(frozen=True, slots=True)
class Table:
    """A tier table with the floor that every deposit keeps."""

    bands: tuple[Band, ...]
    floor: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Past:
    """`count` orders of one score and one deposit D."""

    score: int
    deposit: Decimal
    count: int = 1


@dataclass(frozen=True, slots=True)
class Movement:
    """Customers by what their new band gives beside the old: more, less, partly both, the same."""

    up: int
    down: int
    mixed: int
    same: int
    quota_before: Decimal
    quota_after: Decimal

    @property
    def customers(self) -> int:
        return self.up + self.down + self.mixed + self.same


@dataclass(frozen=True, slots=True)
class Waived:
    """Of past orders: how many would have had a waiver, and of how much."""

    orders: int
    amount: Decimal


def movement(customers: Mapping[int, int], old: Table | None, new: Table) -> Movement:
    """`customers` by score. Without an old table everybody comes from nothing."""
    counts = {"up": 0, "down": 0, "mixed": 0, "same": 0}
    before = after = ZERO
    for score, count in customers.items():
        was, comes = (pick(score, old.bands) if old else None), pick(score, new.bands)
        counts[_direction(was, comes)] += count
        before += _limit(was) * count
        after += _limit(comes) * count
    return Movement(**counts, quota_before=before, quota_after=after)


def waived(past: Iterable[Past], table: Table) -> Waived:
    orders, amount = 0, ZERO
    for each in past:
        share = waiver(each.score, each.deposit, table)
        orders += each.count if share else 0
        amount += share * each.count
    return Waived(orders, amount)


def waiver(score: int, deposit: Decimal, table: Table) -> Decimal:
    """W of one order alone."""
    band = pick(score, table.bands)
    terms = terms_of(band, table.floor)
    return waive([Line(1, deposit)], terms, band.quota_limit, 0)[0].waived


def terms_of(band: Band, floor: Decimal) -> TierTerms | None:
    """None for a band that refuses."""
    if band.outcome == "REFUSE":
        return None
    return TierTerms(band.waives, band.amount, band.percent, band.quota_limit, band.checkout_cap, band.devices, floor)


def people_in(customers: Mapping[int, int], bands: Sequence[Band]) -> dict[int, int]:
    """Customers by the `from_score` of the band that holds them."""
    found = {band.from_score: 0 for band in bands}
    for score, count in customers.items():
        found[pick(score, bands).from_score] += count
    return found


def _direction(old: Band | None, new: Band) -> str:
    was, comes = (_worth(old) if old else (0,) * len(_worth(new))), _worth(new)
    if was == comes:
        return "same"
    if all(b >= a for a, b in zip(was, comes, strict=True)):
        return "up"
    return "down" if all(b <= a for a, b in zip(was, comes, strict=True)) else "mixed"


def _worth(band: Band) -> tuple[Decimal | int, ...]:
    """What a band gives, in parts that each may be more or less."""
    if band.outcome == "REFUSE":
        return (0, 0, 0, 0, 0)
    terms = terms_of(band, ZERO)
    share = terms.of(REFERENCE) if terms else ZERO
    return (OUTCOMES.index(band.outcome), share, band.quota_limit, band.checkout_cap, band.devices)


def _limit(band: Band | None) -> Decimal:
    return ZERO if band is None or band.outcome == "REFUSE" else band.quota_limit
