"""The desk's charts: the portfolio's figures with their drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.rules import buckets
from billing.services.portfolio import Arrears, Cohort, Month
from desk import charts
from desk.charts import Columns, Lines

DAYS: tuple[str | Promise, ...] = (_("1–30 days"), _("31–60 days"), _("61–90 days"), _("over 90 days"))
NARROW, WIDE = (330, 230), (560, 250)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: its length on the scale of the longest, its amount and share."""

    name: str
    days: str | Promise
    rank: int
    length: int
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Series:
    """A month of start with its shares by age; None where the month is not yet so old."""

    name: str
    cohort: Cohort
    shares: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Vintages:
    """The lines for a narrow and a wide screen, and their figures."""

    narrow: Lines
    wide: Lines
    ages: range
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Rents:
    """Rents by month for a narrow and a wide screen, and their figures."""

    narrow: Columns
    wide: Columns
    months: Sequence[Month]


def bars(arrears: Arrears) -> list[Bar]:
    late = arrears.amounts[1:]
    lengths = charts.bars(late)
    return [
        Bar(name, DAYS[rank], rank + 1, lengths[rank], late[rank], arrears.share(late[rank]))
        for rank, name in enumerate(buckets.NAMES[1:])
    ]


def vintages(cohorts: Sequence[Cohort]) -> Vintages | None:
    """None while no lease has started."""
    if not cohorts:
        return None
    named = [(month_name(cohort.month), cohort.shares) for cohort in cohorts]
    ages = range(max(len(cohort.shares) for cohort in cohorts))
    series = tuple(_series(cohort, len(ages)) for cohort in cohorts)
    return Vintages(charts.lines(named, *NARROW), charts.lines(named, *WIDE), ages, series)


def rents(months: Sequence[Month]) -> Rents | None:
    """None while no rent was due."""
    if not months:
        return None
    named = [(month_name(month.month), month.due, month.received) for month in months]
    return Rents(charts.columns(named[-6:], *NARROW), charts.columns(named, *WIDE), months)


def month_name(month: date) -> str:
    """5月, May."""
    return date_format(month, "n月" if (get_language() or "zh").startswith("zh") else "M", use_l10n=False)


def _series(cohort: Cohort, ages: int) -> Series:
    missing: tuple[Decimal | None, ...] = (None,) * (ages - len(cohort.shares))
    return Series(month_name(cohort.month), cohort, cohort.shares + missing)
