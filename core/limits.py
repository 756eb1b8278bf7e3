"""How often one visitor may ask for what costs us work. For comfort, not for money: a cache may forget the count."""

from datetime import datetime

from django.core.cache import cache


def allows(what: str, who: str, at: datetime, *, most: int, seconds: int) -> bool:
    """Counts one more time `who` does `what`; False beyond `most` of them within the same stretch of `seconds`."""
    key = f"limit:{what}:{who}:{int(at.timestamp()) // seconds}"
    if cache.add(key, 1, seconds):
        return True
    try:
        return cache.incr(key) <= most
    except ValueError:  # forgotten between the two
        return True
