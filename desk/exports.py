"""What the desk gives to keep, as rows for a spreadsheet."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.models import LedgerEntry
from billing.rules import buckets
from billing.services import portfolio
from core import calendar
from core.spreadsheets import Row
from desk import figures, pictures, queues, reviews, trial
from desk.templatetags.desk_words import channel, happened

MONTHS = 12
CHUNK = 2000


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


def portfolio_moves(on: date) -> Iterator[Row]:
    """Every count behind the roll and cure rates, so that each can be worked out again."""
    yield (
        _("From"),
        _("To"),
        _("Bucket"),
        _("Leases"),
        *(_("then in %(bucket)s") % {"bucket": name} for name in buckets.NAMES),
        _("Roll rate"),
        _("Cure rate"),
    )
    for move in portfolio.moves(on, MONTHS):
        for early, name in enumerate(buckets.NAMES):
            then = [move.counts.get((early, late), 0) for late in range(len(buckets.NAMES))]
            roll = move.roll(early) if early + 1 < len(buckets.NAMES) else None
            yield (
                move.since,
                move.until,
                name,
                move.base(early),
                *then,
                _ratio(roll),
                _ratio(move.cure(early) if early else None),
            )


def trial_balance(on: date) -> Iterator[Row]:
    """Every account at the end of a day, then the totals."""
    found = trial.balance(on)
    yield (_("As of"), on)
    yield (_("Account"), _("Channel"), _("Debits"), _("Credits"), _("Debit balance"), _("Credit balance"))
    for row in found.rows:
        name, way = row.account.get_kind_display(), channel(row.account.channel)
        yield (name, way, row.debits, row.credits, row.debit, row.credit)
    yield (_("Total"), "", found.debits, found.credits, found.debit, found.credit)


def entries(rows: "QuerySet[LedgerEntry]") -> Iterator[Row]:
    """Entries of the ledger, oldest first."""
    yield (_("Day"), _("What"), _("Key"), _("Account"), _("Of"), _("Side"), _("Amount"))
    for entry in rows.order_by("pk").iterator(CHUNK):
        posting, account = entry.posting, entry.account
        owner = account.customer or account.merchant or channel(account.channel)
        yield (posting.day, happened(posting.what), posting.key, account.get_kind_display(), owner,
               entry.get_side_display(), entry.amount)  # fmt: skip


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
