"""What an income carries, what a grade takes off, and which schedules are left."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import pricing
from credit.rules import affordability
from orders.rules import schedules

D = Decimal


@pytest.mark.parametrize(
    ("income", "share", "limit"),
    [("6000", 33, "1980.00"), ("1000.01", 33, "330.00"), ("6000", 0, None), (None, 33, None), ("0", 33, "0.00")],
)
def test_a_share_of_the_income_is_floored(income: str | None, share: int, limit: str | None) -> None:
    """1000.01 × 33 % = 330.0033 → 330.00."""
    found = affordability.limit(D(income) if income else None, share)
    assert found == (D(limit) if limit else None)


def test_what_is_left_is_never_negative() -> None:
    assert affordability.left(D(1980), D(309)) == D(1671)
    assert affordability.left(D(300), D(309)) == D(0)
    assert affordability.left(None, D(309)) is None


@pytest.mark.parametrize(
    ("months", "payment", "longest", "left", "why"),
    [
        (12, "309", None, None, ""),
        (12, "309", 12, "309", ""),
        (24, "240", 12, None, "grade"),
        (12, "309", None, "308.99", "income"),
        (24, "309", 12, "0", "grade"),
    ],
)
def test_a_schedule_is_forbidden_by_the_grade_or_the_income(
    months: int, payment: str, longest: int | None, left: str | None, why: str
) -> None:
    assert schedules.forbidden(months, D(payment), longest, D(left) if left else None) == why


@pytest.mark.parametrize(
    ("rent", "off", "lower"), [("309", 0, "309.00"), ("309", 5, "293.55"), ("541.83", 3, "525.58")]
)
def test_a_grade_takes_a_percentage_off(rent: str, off: int, lower: str) -> None:
    """309 × 95 % = 293.55; 541.83 × 97 % = 525.5751 → 525.58."""
    assert pricing.lowered(D(rent), off) == D(lower)


@given(st.decimals("0.01", "9999.99", places=2), st.integers(0, 50))
def test_no_grade_ever_raises_a_rent(rent: Decimal, off: int) -> None:
    assert pricing.lowered(rent, off) <= rent


@pytest.mark.parametrize("off", [-1, 51])
def test_what_would_raise_or_give_away_is_nonsense(off: int) -> None:
    with pytest.raises(ValueError, match="percent off"):
        pricing.lowered(D(100), off)


@given(st.integers(1, 50), st.integers(1, 24))
def test_lower_rents_leave_every_buyout_price_as_it_was(off: int, months: int) -> None:
    """Both the rents and the total to own fall by the same amount (ADR 0015)."""
    rent, cash = D(309), D(5999)
    total = months * rent + 2680
    low = pricing.lowered(rent, off)
    before = pricing.curve(cash, total, months, rent)
    assert pricing.curve(cash, total - months * (rent - low), months, low) == before
