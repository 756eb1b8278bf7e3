"""How often a person may be visited about money: once in seven days, whoever comes, met or not (domain.md §9)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

APART: Final = timedelta(days=7)


def is_apart(starts_at: datetime, others: Iterable[datetime]) -> bool:
    """Whether seven days lie between it and every other visit, made or agreed.

    Tuesday 10:00 after last Tuesday 10:00: yes. After last Tuesday 10:01: no, nor before one of next Monday.
    """
    return all(abs(starts_at - other) >= APART for other in others)
