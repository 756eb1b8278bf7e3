"""When somebody may be at another's door: never 22:00–08:00 local (domain.md §9), the whole visit long."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.calendar import SHANGHAI
from notices.rules.conduct import QUIET_FROM, QUIET_UNTIL

LASTS: Final = timedelta(hours=1)
EARLIEST_NOTICE: Final = timedelta(hours=2)  # the customer can still move it
FURTHEST: Final = timedelta(days=14)
RINGS_FROM: Final = timedelta(hours=2)  # ahead of it: "I am on my way"
REPORT_OPENS: Final = timedelta(minutes=30)  # who comes early may begin early


def is_decent(starts_at: datetime, zone: ZoneInfo = SHANGHAI) -> bool:
    """The visit begins not before 08:00 and has ended by 22:00: 08:00 and 21:00 are, 07:59 and 21:01 are not."""
    starts, ends = starts_at.astimezone(zone), (starts_at + LASTS).astimezone(zone)
    return starts.time() >= QUIET_UNTIL and ends.time() <= QUIET_FROM and starts.date() == ends.date()


def is_near_enough(starts_at: datetime, at: datetime) -> bool:
    """Not so soon that nobody can move it, not so late that the order has long ended."""
    return at + EARLIEST_NOTICE <= starts_at <= at + FURTHEST


def may_ring(starts_at: datetime, at: datetime) -> bool:
    """Around the appointment of 15:00: from 13:00 until 16:00."""
    return starts_at - RINGS_FROM <= at <= starts_at + LASTS


def is_past(starts_at: datetime, at: datetime, zone: ZoneInfo = SHANGHAI) -> bool:
    """The day of the appointment is over."""
    return at.astimezone(zone).date() > starts_at.astimezone(zone).date()
