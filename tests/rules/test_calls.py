"""When and how often a person may be called (domain.md §9)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules import promises
from arrears.rules.promises import Judged
from core.calendar import SHANGHAI
from notices.rules import conduct
from notices.rules.conduct import NoCall

NOON = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def local(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 11, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "dials", "conversations", "expected"),
    [
        (local(8), 0, 0, None),
        (local(7, 59), 0, 0, NoCall.HOUR),
        (local(21, 59), 5, 2, None),
        (local(22), 0, 0, NoCall.HOUR),
        (local(0), 0, 0, NoCall.HOUR),
        (local(12), 3, 3, NoCall.CONVERSATIONS),
        (local(12), 6, 2, NoCall.DIALS),
        (local(12), 6, 3, NoCall.CONVERSATIONS),
    ],
)
def test_the_guard(at: datetime, dials: int, conversations: int, expected: NoCall | None) -> None:
    assert conduct.no_call(at, dials, conversations) is expected


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 60)), max_size=30))
def test_no_day_of_calls_that_the_guard_lets_through_breaks_a_rule(tries: list[tuple[int, int]]) -> None:
    dials = conversations = 0
    for minute, seconds in sorted(tries):
        at = local(minute // 60, minute % 60)
        if conduct.no_call(at, dials, conversations) is None:
            assert 8 <= at.hour < 22
            dials, conversations = dials + 1, conversations + conduct.is_conversation(seconds)
    assert dials <= 6
    assert conversations <= 3


def test_a_call_whose_end_nobody_told_counts_as_a_conversation() -> None:
    assert [conduct.is_conversation(seconds) for seconds in (None, 10, 9, 0)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("received", "overdue", "day", "expected"),
    [  # 500.00 by 10 May
        ("300.00", "200.00", 10, Judged.OPEN),
        ("300.00", "200.00", 11, Judged.BROKEN),
        ("500.00", "41.83", 8, Judged.KEPT),
        ("500.00", "41.83", 11, Judged.KEPT),
        ("0.00", "0.00", 11, Judged.KEPT),  # paid from the balance: nothing is overdue any more
    ],
)
def test_a_promise_is_judged_by_the_money(received: str, overdue: str, day: int, expected: Judged) -> None:
    on, until = date(2026, 5, day), date(2026, 5, 10)
    assert promises.judged(Decimal(500), until, Decimal(received), Decimal(overdue), on) is expected


def test_a_promise_is_for_the_next_days() -> None:
    on = date(2026, 5, 10)
    allowed = [promises.may_promise(on + timedelta(days=days), on) for days in (-1, 0, 31, 32)]
    assert allowed == [False, True, True, False]
