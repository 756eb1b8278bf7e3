"""The one honest table of what a lease costs: what is shown is what is charged (domain.md §3, §4)."""

import hashlib
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from billing.rules.lease_rules import LeaseRules
from billing.rules.securing import Kind
from catalog.rules.shorts import Part
from core import money


@dataclass(frozen=True)
class CostTable:
    """Yuan. deposit = waived + to_freeze; payable_now = first_rent + cover_monthly + to_freeze.

    `cover_is_chosen`: the cover is the customer's wish and not the plan's demand; then it is in the totals and not in
    the yearly cost. `cost_paid_*`: the yearly cost once `to_freeze` is paid instead of frozen; None where none can be
    told.

    `limited_by` says what kept the waiver from being larger; `credit_deposit` is the deposit after a passing
    decision when this table was made without one, else None. `deposit_kind`: PAID where no open channel can freeze
    `to_freeze` for so long. `list_rent`: the plan's rent where a grade lowers it, else None. `allowed`: the months of
    this plan that the customer's grade and income leave to choose from; `forbidden` says why this term is not among
    them ("income", "grade"). A short rental has 0 months, its days (where some are picked) and the `parts` of
    its price; `monthly` is then the whole price. `rules`: the platform's of the day, whose rate is below its legal cap.
    """

    deposit: Decimal
    waived: Decimal
    limited_by: str
    to_freeze: Decimal
    first_rent: Decimal
    monthly: Decimal
    rules: LeaseRules
    cover_monthly: Decimal
    months: int
    total_to_return: Decimal
    total_to_own: Decimal | None
    cash_price: Decimal
    cash_price_as_of: date
    extra: Decimal | None
    cost_simple_yearly: Decimal | None
    cost_effective_yearly: Decimal | None
    curve: tuple[Decimal, ...]
    credit_deposit: Decimal | None = None
    deposit_kind: Kind = Kind.FREEZE
    cover_is_chosen: bool = False
    cost_paid_simple: Decimal | None = None
    cost_paid_effective: Decimal | None = None
    list_rent: Decimal | None = None
    rent_off_percent: int = 0
    allowed: tuple[int, ...] = ()
    forbidden: str = ""
    first_day: date | None = None
    last_day: date | None = None
    parts: tuple[Part, ...] = ()

    @property
    def to_pay(self) -> Decimal:
        """The first bill, without the deposit."""
        return self.first_rent + self.cover_monthly

    @property
    def payable_now(self) -> Decimal:
        return self.to_pay + self.to_freeze

    @property
    def buyout_at_end(self) -> Decimal | None:
        return self.curve[-1] if self.curve else None

    @property
    def digest(self) -> str:
        """Names exactly these figures, so that an order placed on other ones is refused."""
        figures = "|".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self))
        return hashlib.sha256(figures.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Step:
    """What all devices together cost in each of the months `first` to `last` of their leases."""

    first: int
    last: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Together:
    """The tables of devices that are ordered in one go; every sum is the sum of what stands in them."""

    tables: tuple[CostTable, ...]

    @property
    def deposit(self) -> Decimal:
        return money.total(each.deposit for each in self.tables)

    @property
    def waived(self) -> Decimal:
        return money.total(each.waived for each in self.tables)

    @property
    def to_pay(self) -> Decimal:
        """The first bills, without the deposits."""
        return money.total(each.to_pay for each in self.tables)

    def to_hold(self, kind: Kind) -> Decimal:
        """The deposits that are frozen, or those that are paid."""
        return money.total(each.to_freeze for each in self.tables if each.deposit_kind is kind)

    @property
    def payable_now(self) -> Decimal:
        return money.total(each.payable_now for each in self.tables)

    @property
    def total_to_return(self) -> Decimal:
        return money.total(each.total_to_return for each in self.tables)

    @property
    def total_to_own(self) -> Decimal | None:
        """Only where every device can be owned."""
        totals = [each.total_to_own for each in self.tables if each.total_to_own is not None]
        return money.total(totals) if len(totals) == len(self.tables) else None

    @property
    def monthly(self) -> list[Step]:
        """After the first month: as a lease ends before another one, a month costs less."""
        ends = sorted({each.months for each in self.tables if each.months > 1})
        return [
            Step(first, last, money.total(each.to_pay for each in self.tables if each.months >= last))
            for first, last in zip([2, *(end + 1 for end in ends)], ends, strict=False)
        ]

    @property
    def digest(self) -> str:
        """Names all these figures and the order of their lines; of one table it is the table's own."""
        if len(self.tables) == 1:
            return self.tables[0].digest
        return hashlib.sha256("|".join(each.digest for each in self.tables).encode()).hexdigest()[:32]
