"""Opinions as a table: a row for each moment, a column for each month, newest first."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from desk.pictures import month_name
from orders.services import opinions
from orders.services.opinions import Figure

MOST = 100


@dataclass(frozen=True, slots=True)
class Table:
    """What `desk/opinions.html` prints; None where nobody said anything."""

    months: list[str]
    rows: list[tuple[str | Promise, list[Figure | None]]]


def table(since: date) -> Table | None:
    """None when nobody said anything at all."""
    found = opinions.figures(since)
    months = sorted({one.month for one in found}, reverse=True)
    if not months:
        return None
    known = {(one.touchpoint, one.month): one for one in found}
    said = [name for name in opinions.NAMES if any(one.touchpoint == name for one in found)]
    rows = [(opinions.NAMES[name], [known.get((name, month)) for month in months]) for name in said]
    return Table([month_name(month) for month in months], rows)
