"""Our own numbers towards providers: at most 32 letters and digits, never used twice."""

import secrets
from datetime import datetime

from core.calendar import business_date

_RANDOM_BYTES = 7


def new(letter: str, at: datetime) -> str:
    """`letter`, the business date and 14 random hex digits: P2026112309ab…"""
    return f"{letter}{business_date(at):%Y%m%d}{secrets.token_hex(_RANDOM_BYTES)}"
