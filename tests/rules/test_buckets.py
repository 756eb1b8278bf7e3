"""Arrears by age."""

import pytest

from billing.rules import buckets


@pytest.mark.parametrize(
    ("days", "name"),
    [(-1, "M0"), (0, "M0"), (1, "M1"), (30, "M1"), (31, "M2"), (60, "M2"), (61, "M3"), (90, "M3"), (91, "M3+")],
)
def test_days_past_due_lie_in_their_bucket(days: int, name: str) -> None:
    assert buckets.NAMES[buckets.bucket(days)] == name
