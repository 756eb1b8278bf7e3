"""Business dates. Dates are counted in the platform's zone; instants are UTC (domain.md §2, §6)."""

from calendar import monthrange
from collections.abc import Set
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def add_months(start: date, months: int) -> date:
    """`months` after `start`, always counted from `start` and clamped: 31 Jan + 1 = 28 Feb, + 2 = 31 Mar."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def whole_months(start: date, on: date) -> int:
    """Whole months passed from `start` to `on`, 0 before it."""
    months = (on.year - start.year) * 12 + on.month - start.month
    if add_months(start, months) > on:
        months -= 1
    return max(months, 0)


def business_date(at: datetime, zone: ZoneInfo = SHANGHAI) -> date:
    """The day of the platform's zone in which the instant lies."""
    if at.tzinfo is None:
        raise ValueError("an instant carries its zone")
    return at.astimezone(zone).date()


def instant(on: date, hour: int = 0, minute: int = 0, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The UTC instant of a wall-clock time on a business day."""
    return datetime.combine(on, time(hour, minute), tzinfo=zone).astimezone(UTC)


def is_working_day(on: date, days_off: Set[date] = frozenset(), days_on: Set[date] = frozenset()) -> bool:
    """Monday to Friday, less holidays, plus the weekend days that make up for them."""
    return on in days_on or (on.weekday() < 5 and on not in days_off)


def working_days_after(
    on: date, count: int, days_off: Set[date] = frozenset(), days_on: Set[date] = frozenset()
) -> date:
    """The `count`-th working day after `on`."""
    while count > 0:
        on += timedelta(days=1)
        count -= is_working_day(on, days_off, days_on)
    return on
