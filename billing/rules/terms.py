"""What a lease was agreed on: the snapshot that billing keeps in `Lease.terms` (domain.md intro, §3, §6)."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core import money

# fields that older snapshots do not have: what they are read as; days are of short leases, the last two of renewed ones
LATER: dict[str, Any] = {
    "damage": (), "first_day": None, "last_day": None, "day_price": None, "anchor_months": 0, "list_rent": None,
}  # fmt: skip


class FeeMode(StrEnum):
    """FREE: the days of grace are never charged. RETROACTIVE: once grace has passed, charged from the due date."""

    FREE = "FREE"
    RETROACTIVE = "RETROACTIVE"


@dataclass(frozen=True, slots=True)
class DamagePrice:
    """A line of the damage list that signing fixes; what stands on no line costs nothing."""

    code: str
    name: str
    name_en: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """Amounts in yuan, rates as ratios. `curve[k-1]` is the buyout price after period k, empty for RETURN_ONLY.

    A short lease has 0 months, its picked days, the price of one day, and its whole rent as the rent of its one period.
    `total_to_own` is what the plan states: all list rents and the last buyout price, without cover.
    Of a renewed lease `monthly_rent` is that of the new term, which follows `anchor_months`; `list_rent` was the first.
    """

    lease_model: str
    months: int
    monthly_rent: Decimal
    cover_monthly: Decimal
    signed_value: Decimal
    cash_price: Decimal
    total_to_own: Decimal | None
    curve: tuple[Decimal, ...]
    late_fee_mode: FeeMode
    grace_days: int
    fee_rate_daily: Decimal
    fee_cap_rate: Decimal
    return_window_days: int
    early_return_months: int = 1
    damage: tuple[DamagePrice, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    day_price: Decimal | None = None
    anchor_months: int = 0
    list_rent: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("monthly_rent", "cover_monthly", "signed_value", "cash_price"):
            object.__setattr__(self, name, money.exact(getattr(self, name)))
        if self.total_to_own is not None:
            object.__setattr__(self, "total_to_own", money.exact(self.total_to_own))
        object.__setattr__(self, "curve", tuple(money.exact(price) for price in self.curve))
        object.__setattr__(self, "late_fee_mode", FeeMode(self.late_fee_mode))
        self._check()

    def _check(self) -> None:
        if self.months < 0 or self.monthly_rent <= 0:
            raise ValueError("a lease has months, or none, and rent")
        if any(each is None for each in (self.first_day, self.last_day, self.day_price)) is self.is_short:
            raise ValueError("a short lease has its days and the price of one, a long one has months")
        if bool(self.curve) != (self.total_to_own is not None) or len(self.curve) not in {0, self.months}:
            raise ValueError("one buyout price for every period, or none")
        if not (0 <= self.fee_rate_daily < 1 and 0 <= self.fee_cap_rate <= 1):
            raise ValueError("rates are ratios")
        if min(self.grace_days, self.return_window_days, self.early_return_months) < 0:
            raise ValueError("days and months are not negative")

    @property
    def is_short(self) -> bool:
        return self.months == 0

    @property
    def first_rent(self) -> Decimal:
        """Of the first term, from which a renewal's discount is taken."""
        return self.monthly_rent if self.list_rent is None else self.list_rent

    @property
    def periods(self) -> int:
        """How many bills there are."""
        return self.months or 1

    def rent_of_days(self, days: int) -> Decimal:
        """Of days beyond the term: monthly_rent × 12 / 365, of a short lease the price of one day (domain.md §8)."""
        if self.day_price is not None:
            return self.day_price * days
        return money.fen(self.monthly_rent * 12 * days / 365)

    @property
    def contract_total(self) -> Decimal:
        """Σ rents and cover, of a lease that was not renewed."""
        return self.periods * (self.monthly_rent + self.cover_monthly)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; every Decimal is a string, so that `from_json` gives the very same terms."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "LeaseTerms":
        """ValueError when a field is missing, unknown or no such value. A lease of before LATER has none of it."""
        if set(stored) | set(LATER) != {field.name for field in fields(cls)}:
            raise ValueError("not the terms of a lease")
        read = {**LATER, **stored}
        for name in ("monthly_rent", "cover_monthly", "signed_value", "cash_price", "fee_rate_daily", "fee_cap_rate"):
            read[name] = Decimal(stored[name])
        if stored["total_to_own"] is not None:
            read["total_to_own"] = Decimal(stored["total_to_own"])
        read["curve"] = tuple(Decimal(price) for price in stored["curve"])
        read["damage"] = tuple(DamagePrice(**{**line, "amount": Decimal(line["amount"])}) for line in read["damage"])
        for name in ("first_day", "last_day"):
            read[name] = date.fromisoformat(read[name]) if read[name] else None
        for name in ("day_price", "list_rent"):
            read[name] = Decimal(read[name]) if read[name] else None
        return cls(**read)


def _plain(value: Any) -> Any:
    if isinstance(value, DamagePrice):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal | date):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value
