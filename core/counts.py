"""Counts in the cache, which may forget them: for comfort and for people who look, never for money."""

from datetime import datetime

from django.core.cache import cache


def one_more(key: str, seconds: int) -> int:
    """The count under `key` with this one, kept for `seconds` from the first on."""
    if cache.add(key, 1, seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # forgotten between the two
        return 1


def allows(what: str, who: str, at: datetime, *, most: int, seconds: int) -> bool:
    """Counts that `who` does `what` once more; False beyond `most` times within the same stretch of `seconds`."""
    return one_more(f"limit:{what}:{who}:{int(at.timestamp()) // seconds}", seconds) <= most
