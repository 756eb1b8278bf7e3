"""Business dates (domain.md §2, §6)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendar

DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_months_are_counted_from_the_start_and_clamped(start: date, months: int, then: date) -> None:
    assert calendar.add_months(start, months) == then


@given(DAYS, st.integers(0, 60))
def test_whole_months_undo_added_months(start: date, months: int) -> None:
    assert calendar.whole_months(start, calendar.add_months(start, months)) == months


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), date(2026, 3, 31)),
        (datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC), date(2026, 4, 1)),
    ],
)
def test_the_day_changes_at_midnight_in_shanghai(at: datetime, on: date) -> None:
    assert calendar.business_date(at) == on


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        calendar.business_date(datetime(2026, 1, 1))


def test_a_business_day_begins_at_sixteen_utc_of_the_day_before() -> None:
    assert calendar.instant(date(2026, 4, 1)) == datetime(2026, 3, 31, 16, tzinfo=UTC)


def test_working_days_skip_weekends_and_holidays_and_count_days_made_up() -> None:
    friday = date(2026, 10, 9)
    assert calendar.working_days_after(friday, 1) == date(2026, 10, 12)
    assert calendar.working_days_after(friday, 1, days_off={date(2026, 10, 12)}) == date(2026, 10, 13)
    assert calendar.working_days_after(friday, 1, days_on={date(2026, 10, 10)}) == date(2026, 10, 10)
