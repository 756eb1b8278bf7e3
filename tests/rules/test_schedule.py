"""Due dates (domain.md §6, docs/domain/bills.md)."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import schedule
from tests import worked

STARTS = st.dates(date(2020, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("row", worked.table("bills", "Due dates"))
def test_the_documented_due_dates(row: dict[str, str]) -> None:
    period = schedule.period(date.fromisoformat(row["start"]), int(row["bill"]))
    assert period.first_day == date.fromisoformat(row["due"])


@pytest.mark.parametrize("row", worked.table("bills", "Last days"))
def test_the_documented_last_days(row: dict[str, str]) -> None:
    last = schedule.last_day(date.fromisoformat(row["start"]), int(row["months"]))
    assert last == date.fromisoformat(row["last day"])


@given(STARTS, st.integers(1, 36))
def test_periods_follow_each_other_without_gap_or_overlap(start: date, months: int) -> None:
    periods = schedule.periods(start, months)
    assert [period.number for period in periods] == list(range(1, months + 1))
    assert periods[0].first_day == start
    assert periods[-1].last_day == schedule.last_day(start, months)
    for earlier, later in itertools.pairwise(periods):
        assert later.first_day == earlier.last_day + timedelta(days=1)


@given(STARTS, st.integers(1, 36))
def test_a_due_date_never_drifts_from_the_day_of_the_start(start: date, number: int) -> None:
    due = schedule.period(start, number).first_day
    last_of_month = (due + timedelta(days=1)).month != due.month
    assert due.day == start.day or (due.day < start.day and last_of_month)


def test_there_is_no_period_before_the_first() -> None:
    with pytest.raises(ValueError, match="numbered"):
        schedule.period(date(2026, 1, 1), 0)
