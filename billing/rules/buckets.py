"""Arrears by age 账龄 (domain.md §9): days past due in buckets M0 … M3+."""

from bisect import bisect_right
from typing import Final

NAMES: Final = ("M0", "M1", "M2", "M3", "M3+")
EDGES: Final = (1, 31, 61, 91)  # the first day past due of M1, M2, M3 and M3+


def bucket(days_past_due: int) -> int:
    """0 (not past due) to 4 (more than 90 days): 0 → M0, 1 and 30 → M1, 31 → M2, 90 → M3, 91 → M3+."""
    return bisect_right(EDGES, days_past_due)
