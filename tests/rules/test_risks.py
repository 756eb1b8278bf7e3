"""Risk rules as data: a fact reaches its threshold; what refers everybody is no rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import risks
from credit.rules.risks import (
    DEMAND,
    HOLD,
    MANY_LEASES,
    OTHER_PAYER,
    REFUSE,
    SHARED_ADDRESS,
    RiskRule,
)

RULES = [RiskRule(MANY_LEASES, 3, 7), RiskRule(SHARED_ADDRESS, 2, 30), RiskRule(OTHER_PAYER, 1, 365)]


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        ({}, []),
        ({MANY_LEASES: 2}, []),
        ({MANY_LEASES: 3}, [MANY_LEASES]),
        ({SHARED_ADDRESS: 5, OTHER_PAYER: 1}, [SHARED_ADDRESS, OTHER_PAYER]),
        ({MANY_LEASES: None, OTHER_PAYER: 0}, []),
    ],
)
def test_a_known_fact_that_reaches_its_threshold_is_a_hit(facts: dict[str, int | None], kinds: list[str]) -> None:
    assert [hit.rule.kind for hit in risks.hits(RULES, facts)] == kinds


@given(st.integers(1, 9), st.integers(0, 20))
def test_a_lower_threshold_never_finds_less(threshold: int, count: int) -> None:
    strict, loose = (
        risks.hits([RiskRule(SHARED_ADDRESS, t, 30)], {SHARED_ADDRESS: count}) for t in (threshold + 1, threshold)
    )
    assert len(loose) >= len(strict)


@pytest.mark.parametrize(
    ("actions", "strongest"),
    [([], ""), ([DEMAND], DEMAND), ([DEMAND, HOLD], HOLD), ([HOLD, REFUSE, DEMAND], REFUSE)],
)
def test_the_strongest_action_follows(actions: list[str], strongest: str) -> None:
    assert risks.follows(actions) == strongest
