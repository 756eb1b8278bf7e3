"""Tables for spreadsheets: CSV as Excel opens it, and nothing in it that Excel would run."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from billing.services import portfolio
from core import calendar
from desk import figures, pictures, queues, reviews

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
MONTHS = 12
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


def overview(at: datetime) -> Iterator[Row]:
    """The desk's first page: figures, arrears, months, then every queue in full."""
    on = calendar.business_date(at)
    arrears, cohorts = portfolio.arrears_and_cohorts(on)
    months = portfolio.months(on, MONTHS)
    yield (_("Part"), _("What"), _("Figure"), _("Share or remark"), _("Since or until"))
    yield (_("Overview"), _("As of"), _local(at))
    for figure in figures.strip(at, arrears, months):
        yield (_("Overview"), figure.word, figure.value, figure.note)
    for bar in pictures.bars(arrears):
        yield (_("Rents past due"), f"{bar.name} {bar.days}", bar.amount, _ratio(bar.share))
    for cohort in cohorts:
        for age, share in enumerate(cohort.shares):
            yield (_("Arrears by month of start"), f"{cohort.month:%Y-%m} +{age}", cohort.contract_total, _ratio(share))
    for month in months:
        yield (_("Rents by month"), f"{month.month:%Y-%m}", month.due, month.received)
    yield from _queues(at)


def _queues(at: datetime) -> Iterator[Row]:
    for review in reviews.rows(at, queues.MOST):
        told = " · ".join(str(part) for part in (review.reason, *review.signs) if part)
        name = f"{review.order.number} {review.name}"
        yield (_("Orders to review"), name, review.waiver, told, _local(review.order.placed_at))
    for queue in queues.QUEUES:
        if queue.name != "review":
            for row in queues.show(queue, at).rows:
                yield (queue.title, row.title, row.amount, row.text, _local(row.since) if row.since else "")


def _ratio(share: Decimal | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _local(at: datetime) -> str:
    return f"{at.astimezone(calendar.SHANGHAI):%Y-%m-%d %H:%M}"
