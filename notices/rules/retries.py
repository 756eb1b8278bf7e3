"""When a mail that a server turned away for now is tried again (RFC 5321, 4.5.4.1), and when that is its end."""

from datetime import datetime, timedelta
from typing import Final

WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720))
WAITS_OF_CODE: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2))  # a code lives five minutes


def next_try(turned_away: int, at: datetime, *, is_code: bool = False) -> datetime | None:
    """The instant of the next try after it was turned away `turned_away` times before this one; None: no further one.

    First at 10:00: again at 10:05. The sixth time: None.
    """
    if turned_away < 0:
        raise ValueError("no number of times")
    waits = WAITS_OF_CODE if is_code else WAITS
    return at + waits[turned_away] if turned_away < len(waits) else None
