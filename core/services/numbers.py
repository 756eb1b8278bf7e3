"""Numbers that people read out: prefix, day, sequence. Unique for ever (reliability.md 37), no lock."""

from datetime import date

from django.db import connection


def take(prefix: str, on: date, count: int = 1) -> list[str]:
    """`count` fresh numbers such as XO261122000042."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('core_number') FROM generate_series(1, %s)", [count])
        return [f"{prefix}{on:%y%m%d}{row[0]:06d}" for row in cursor.fetchall()]
