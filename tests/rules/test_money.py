"""Amounts (domain.md §2): exactly two places, rounded once, split without loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money

AMOUNTS = st.decimals(min_value=0, max_value=1_000_000, places=2)


@pytest.mark.parametrize(("raw", "rounded"), [("0.005", "0.01"), ("0.0049", "0.00"), ("541.825", "541.83")])
def test_half_a_fen_goes_up(raw: str, rounded: str) -> None:
    assert money.fen(Decimal(raw)) == Decimal(rounded)


def test_a_cap_is_floored() -> None:
    assert money.floor_fen(Decimal("9690.425")) == Decimal("9690.42")


def test_a_thousand_over_twelve_months() -> None:
    """4 × 83.34 + 8 × 83.33 = 333.36 + 666.64 = 1,000."""
    assert money.split(Decimal(1000), 12) == [Decimal("83.34")] * 4 + [Decimal("83.33")] * 8


@given(AMOUNTS, st.integers(1, 60))
def test_a_split_conserves_its_total_and_differs_by_a_fen_at_most(total: Decimal, parts: int) -> None:
    split = money.split(total, parts)
    assert sum(split) == total
    assert split == sorted(split, reverse=True)
    assert split[0] - split[-1] <= Decimal("0.01")


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-0.01", "0.001", "1000000000000", "1e18"])
def test_what_is_no_amount_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        money.exact(Decimal(bad))


def test_a_float_is_no_amount() -> None:
    with pytest.raises(ValueError, match="float"):
        money.exact(0.1)  # type: ignore[arg-type]


@given(AMOUNTS)
def test_fen_on_the_wire_and_back(amount: Decimal) -> None:
    assert money.from_cents(money.to_cents(amount)) == amount
