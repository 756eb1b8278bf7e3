"""Working days skip weekends and public holidays, and count the weekend days that make up for them."""

from datetime import date

import pytest

from core.models import Holiday
from core.services import workdays
from rental.management.commands import holidays

pytestmark = pytest.mark.django_db


def test_without_holidays_only_weekends_are_skipped() -> None:
    assert workdays.after(date(2026, 3, 5), 3) == date(2026, 3, 10)  # Thursday: Friday, Monday, Tuesday


def test_a_holiday_is_skipped_and_a_make_up_day_counts() -> None:
    Holiday.objects.create(day=date(2026, 3, 9), working=False, name="holiday")
    Holiday.objects.create(day=date(2026, 3, 7), working=True, name="make-up Saturday")
    assert workdays.after(date(2026, 3, 5), 3) == date(2026, 3, 10)  # Friday, Saturday, Tuesday


def test_the_national_day_week_of_2025_is_known() -> None:
    assert holidays.fill() > 100
    assert workdays.after(date(2025, 9, 30), 1) == date(2025, 10, 9)


def test_filling_again_keeps_an_operators_row() -> None:
    Holiday.objects.create(day=date(2025, 10, 1), working=True, name="ours")
    holidays.fill()
    assert Holiday.objects.get(day=date(2025, 10, 1)).working
