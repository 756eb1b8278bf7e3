"""The lease rules with which the platform began (domain.md §6, §8), for terms that no order was placed with."""

from decimal import Decimal
from typing import Any

FIRST: dict[str, Any] = {
    "late_fee_mode": "FREE", "grace_days": 3, "fee_rate_daily": Decimal("0.0003"), "fee_cap_rate": Decimal("0.20"),
    "return_window_days": 3,
}  # fmt: skip
