"""When a provider is asked again about an attempt of which nothing was heard (reliability.md, Callbacks)."""

from datetime import datetime, timedelta

AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))


def is_time(began: datetime, asked: datetime | None, at: datetime) -> bool:
    """1, 5, 15, 60 minutes after it began, each once: whether one of them passed since it was last asked about."""
    return any((asked or began) < began + wait <= at for wait in AFTER)
