"""The platform's rules of every new lease (domain.md §6, §8): a lease keeps those that it was signed with."""

from dataclasses import dataclass, replace
from decimal import Decimal

from billing.rules import late_fees
from billing.rules.terms import FeeMode

GRACE_DAYS = (1, 15)  # none would be no grace, and half a month later the next bill is near
MOST_FEE_CAP = Decimal("0.20")
MOST_RETURN_WINDOW = 31  # what the agreement can state


@dataclass(frozen=True, slots=True)
class LeaseRules:
    """Rates are ratios; `return_window_days` is that of long leases, a short one has none.

    ValueError for what no lease could be signed with, whatever the day.
    """

    late_fee_mode: FeeMode
    grace_days: int
    fee_rate_daily: Decimal
    fee_cap_rate: Decimal
    return_window_days: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "late_fee_mode", FeeMode(self.late_fee_mode))
        if not (self.fee_rate_daily.is_finite() and self.fee_cap_rate.is_finite()):
            raise ValueError("rates are numbers")
        if not (0 <= self.fee_rate_daily < 1 and 0 <= self.fee_cap_rate <= MOST_FEE_CAP):
            raise ValueError("rates are ratios, and a late fee never exceeds a fifth of the rent")
        if not GRACE_DAYS[0] <= self.grace_days <= GRACE_DAYS[1]:
            raise ValueError("days of grace are from 1 to 15")
        if not 0 <= self.return_window_days <= MOST_RETURN_WINDOW:
            raise ValueError("the return window has from 0 to 31 days")

    def under(self, cap_yearly: Decimal) -> "LeaseRules":
        """On a day with this yearly cap: 0.0003 a day stays at 0.12, and is 0.00025972 at 0.0948."""
        return replace(self, fee_rate_daily=late_fees.clamped_rate(self.fee_rate_daily, cap_yearly))
