"""When and how often a person may be reached (domain.md §9): never 22:00–08:00 local; what asks for money or
warns from 10:00; a day at most six dials and three conversations, whoever calls. Only the person himself is called."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from core.calendar import SHANGHAI, instant

QUIET_FROM: Final = time(22)
QUIET_UNTIL: Final = time(8)
REMINDERS_FROM: Final = time(10)
DIALS_A_DAY: Final = 6
CONVERSATIONS_A_DAY: Final = 3
CONVERSATION_S: Final = 10  # answered for as long: an effective call


class NoCall(StrEnum):
    """Why a person may not be called now."""

    HOUR = "HOUR"
    DIALS = "DIALS"
    CONVERSATIONS = "CONVERSATIONS"


def is_conversation(seconds: int | None) -> bool:
    """Whether it counts as an effective call; one whose end nobody told counts."""
    return seconds is None or seconds >= CONVERSATION_S


def no_call(at: datetime, dials: int, conversations: int, zone: ZoneInfo = SHANGHAI) -> NoCall | None:
    """Why the person may not be called at `at`, after so many dials and conversations of that local day; else None.

    21:59 after 5 dials and 2 conversations: None. 22:00: HOUR. 12:00 after 6 dials: DIALS.
    """
    if dials < conversations or conversations < 0:
        raise ValueError("every conversation began with a dial")
    if not QUIET_UNTIL <= at.astimezone(zone).time() < QUIET_FROM:
        return NoCall.HOUR
    if conversations >= CONVERSATIONS_A_DAY:
        return NoCall.CONVERSATIONS
    return NoCall.DIALS if dials >= DIALS_A_DAY else None


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
