"""Lists page by key, newest first or oldest first: no counting, no offset, the same speed on the thousandth page."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

SIZE = 25
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows of one page and the key after which the next one begins, None on the last page."""

    rows: list[M]
    next: int | None


def page(rows: "QuerySet[M]", before: str, size: int = SIZE) -> Page[M]:
    """The rows with an id below `before`, as it stands in an address; anything else there means the first page."""
    ordered = rows.order_by("-pk")
    if before.isdecimal():
        ordered = ordered.filter(pk__lt=int(before))
    found = list(ordered[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def onward(rows: "QuerySet[M]", after: str, size: int = SIZE) -> Page[M]:
    """As `page`, the oldest first: the rows with an id above `after`."""
    ordered = rows.order_by("pk")
    if after.isdecimal():
        ordered = ordered.filter(pk__gt=int(after))
    found = list(ordered[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)
