"""The one honest table of what a lease costs: what is shown is what is charged (domain.md §3, §4)."""

import hashlib
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from billing.rules.securing import Kind
from catalog.rules.shorts import Part


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
    its price; `monthly` is then the whole price.
    """

    deposit: Decimal
    waived: Decimal
    limited_by: str
    to_freeze: Decimal
    first_rent: Decimal
    monthly: Decimal
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
