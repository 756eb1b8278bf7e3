"""When a mail that was turned away for now is tried again: the table, and its end."""

from datetime import UTC, datetime, timedelta

import pytest

from notices.rules import retries

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("before", "minutes"), [(0, 5), (1, 15), (2, 60), (3, 240), (4, 720), (5, None)])
def test_ever_more_slowly_and_then_never(before: int, minutes: int | None) -> None:
    assert retries.next_try(before, AT) == (None if minutes is None else AT + timedelta(minutes=minutes))


def test_a_code_is_not_tried_beyond_its_life() -> None:
    tried, at = 0, AT
    while (again := retries.next_try(tried, at, is_code=True)) is not None:
        tried, at = tried + 1, again
    assert at - AT < timedelta(minutes=5)


def test_no_number_of_times() -> None:
    with pytest.raises(ValueError, match="no number"):
        retries.next_try(-1, AT)
