"""When a bill is deducted by itself (domain.md §6)."""

from datetime import date, timedelta

from billing.rules import autopay

DUE = date(2026, 2, 28)


def test_the_tries_of_a_bill_are_its_due_date_and_1_3_and_7_days_later() -> None:
    days = [DUE + timedelta(days=n) for n in range(10) if DUE in autopay.due_dates(DUE + timedelta(days=n))]
    assert days == [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 3), date(2026, 3, 7)]


def test_the_next_try_is_the_first_not_before_the_day_asked() -> None:
    assert autopay.next_try(DUE, date(2026, 2, 1)) == DUE
    assert autopay.next_try(DUE, DUE) == DUE
    assert autopay.next_try(DUE, date(2026, 3, 2)) == date(2026, 3, 3)
    assert autopay.next_try(DUE, date(2026, 3, 8)) is None
