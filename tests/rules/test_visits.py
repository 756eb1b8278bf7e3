"""When a visit may be, and what a report comes to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import SHANGHAI
from visits.rules import findings, frequency, hours
from visits.rules.findings import Check, Conclusion

DAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)
SEEN = [Check.MATCHES, Check.MISMATCH, Check.NOT_SHOWN]


@pytest.mark.parametrize(
    ("hour", "minute", "decent"),
    [(7, 59, False), (8, 0, True), (12, 0, True), (21, 0, True), (21, 1, False), (22, 0, False), (0, 0, False)],
)
def test_a_visit_lies_between_eight_and_ten_with_its_whole_hour(hour: int, minute: int, decent: bool) -> None:
    assert hours.is_decent(DAY.replace(hour=hour, minute=minute)) is decent


@pytest.mark.parametrize(("hours_apart", "may"), [(168, True), (-168, True), (167, False), (-167, False), (0, False)])
def test_about_money_seven_days_lie_between_two_visits(hours_apart: int, may: bool) -> None:
    assert frequency.is_apart(DAY, [DAY + timedelta(hours=hours_apart)]) is may


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_no_minute_of_a_decent_visit_is_at_night(starts_at: datetime) -> None:
    if hours.is_decent(starts_at):
        minutes = [(starts_at + timedelta(minutes=n)).astimezone(SHANGHAI).hour for n in range(60)]
        assert all(8 <= hour < 22 for hour in minutes)


def test_an_appointment_can_still_be_moved_and_is_not_too_far() -> None:
    at = DAY.replace(hour=9)
    assert not hours.is_near_enough(at + timedelta(hours=2, seconds=-1), at)
    assert hours.is_near_enough(at + timedelta(hours=2), at)
    assert hours.is_near_enough(at + timedelta(days=14), at)
    assert not hours.is_near_enough(at + timedelta(days=14, seconds=1), at)


@pytest.mark.parametrize(
    ("checks", "met", "lives_there", "conclusion"),
    [
        ([Check.MATCHES, Check.MATCHES], True, True, Conclusion.CONFIRMED),
        ([Check.MATCHES, Check.NOT_SHOWN], True, True, Conclusion.DOUBTFUL),
        ([Check.MATCHES], False, True, Conclusion.DOUBTFUL),
        ([Check.MATCHES], True, False, Conclusion.DOUBTFUL),
        ([Check.MATCHES, Check.MISMATCH], True, True, Conclusion.MISMATCH),
        ([Check.MISMATCH, Check.NOT_SHOWN], False, False, Conclusion.MISMATCH),
    ],
)
def test_what_was_seen_is_concluded(checks: list[Check], met: bool, lives_there: bool, conclusion: Conclusion) -> None:
    assert findings.conclude(checks, met=met, lives_there=lives_there) == conclusion


@given(st.lists(st.sampled_from(SEEN), min_size=1), st.booleans(), st.booleans())
def test_a_mismatch_is_a_mismatch_whatever_else_was_seen(checks: list[Check], met: bool, lives_there: bool) -> None:
    found = findings.conclude(checks, met=met, lives_there=lives_there)
    assert (found == Conclusion.MISMATCH) == (Check.MISMATCH in checks)


def test_a_paper_that_nobody_looked_at_concludes_nothing() -> None:
    with pytest.raises(ValueError, match="not looked at"):
        findings.conclude([Check.MATCHES, Check.OPEN], met=True, lives_there=True)
