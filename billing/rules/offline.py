"""Money that an operator saw arrive: how old it may be for one person to record it alone (domain.md §6)."""

from datetime import date, timedelta

ALONE_BACK = timedelta(days=1)


def is_old(received_on: date, on: date) -> bool:
    """It came so long ago that a late fee of days hangs on the date: evidence and a second person are needed."""
    return on - received_on > ALONE_BACK
