"""When a person may be reached (domain.md §9): never 22:00–08:00 local; reminders of money from 10:00."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.calendar import SHANGHAI, instant

QUIET_FROM: Final = time(22)
QUIET_UNTIL: Final = time(8)
REMINDERS_FROM: Final = time(10)


def earliest(at: datetime, *, urgent: bool, reminder: bool = False, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The first instant from `at` on at which the message may go; `at` itself when it may go now.

    `urgent` is what the person asked for this minute, a sign-in code: it goes at any hour.
    """
    if urgent:
        return at
    local = at.astimezone(zone)
    opens = REMINDERS_FROM if reminder else QUIET_UNTIL
    if local.time() >= QUIET_FROM:
        return instant(local.date() + timedelta(days=1), opens.hour, zone=zone)
    if local.time() < opens:
        return instant(local.date(), opens.hour, zone=zone)
    return at
