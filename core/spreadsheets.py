"""Tables for spreadsheets: CSV as Excel opens it, and nothing in it that Excel would run."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.encoding import force_str

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
Row = Iterable[Any]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def answer(rows: Iterable[Row], name: str) -> StreamingHttpResponse:
    """The rows as a file to keep, sent as they are made."""
    streamed = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    streamed["Content-Disposition"] = f'attachment; filename="{name}"'
    streamed["Cache-Control"] = "no-store"
    return streamed


def lines(rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> str:
    """A value as text. One that a spreadsheet would take for a formula begins with an apostrophe."""
    text = "" if value is None else force_str(value)
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text
