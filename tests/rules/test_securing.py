"""Whether a deposit is frozen or paid: a freeze must outlast the lease, its return and the release (domain.md §7)."""

from datetime import date, timedelta

import pytest

from billing.rules import offline, securing
from billing.rules.securing import Kind
from rental import settings

LONGEST = settings.PROVIDERS["payments"]["alipay"]["OPTIONS"]["longest_hold_days"]


def test_days_are_those_until_the_release_at_the_latest() -> None:
    # 23 until the receipt at the latest, 2 March 2026 to 2 March 2027 are 365, 3 to send it back, 10 to release
    assert securing.days_to_hold(date(2026, 3, 2), 12, 3) == 23 + 365 + 3 + 10


@pytest.mark.parametrize(("longest", "kind"), [(401, Kind.FREEZE), (400, Kind.PAID), (None, Kind.PAID)])
def test_the_last_day_counts(longest: int | None, kind: Kind) -> None:
    assert securing.kind(longest, 401) is kind


@pytest.mark.parametrize("ordered_on", [date(2024, 2, 29), date(2027, 6, 30), date(2026, 12, 31)])
def test_by_our_settings_a_year_is_frozen_and_two_are_paid(ordered_on: date) -> None:
    assert securing.kind(LONGEST, securing.days_to_hold(ordered_on, 12, 3)) is Kind.FREEZE
    assert securing.kind(LONGEST, securing.days_to_hold(ordered_on, 24, 3)) is Kind.PAID


@pytest.mark.parametrize(("days_ago", "is_old"), [(0, False), (1, False), (2, True)])
def test_one_person_records_money_of_today_and_yesterday(days_ago: int, is_old: bool) -> None:
    on = date(2026, 3, 2)
    assert offline.is_old(on - timedelta(days=days_ago), on) is is_old
