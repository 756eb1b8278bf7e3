"""The snapshot of a lease's terms: exact in, exact out."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.terms import DamagePrice, FeeMode, LeaseTerms
from catalog.rules import pricing
from tests import house_rules

TERMS = LeaseTerms(
    lease_model="OPTION_TO_BUY",
    months=12,
    monthly_rent=Decimal("541.83"),
    cover_monthly=Decimal("12.50"),
    signed_value=Decimal(9800),
    cash_price=Decimal(9999),
    total_to_own=Decimal("12798.06"),
    curve=tuple(pricing.curve(Decimal(9999), Decimal("12798.06"), 12, Decimal("541.83"))),
    damage=(DamagePrice("screen", "屏幕碎裂", "Broken screen", Decimal("1799.82")),),
    **house_rules.FIRST,
)


def test_terms_come_back_exactly() -> None:
    assert LeaseTerms.from_json(TERMS.to_json()) == TERMS


def test_a_lease_of_before_the_damage_list_has_none() -> None:
    stored = TERMS.to_json()
    del stored["damage"]
    assert LeaseTerms.from_json(stored) == replace(TERMS, damage=())


def test_json_holds_no_number_that_a_float_could_spoil() -> None:
    stored = TERMS.to_json()
    assert stored["monthly_rent"] == "541.83"
    assert stored["fee_rate_daily"] == "0.0003"
    assert stored["curve"][0] == "9690.42"
    assert not any(isinstance(value, float) for value in stored.values())


@given(st.integers(1, 36), st.integers(1, 10**8), st.integers(0, 10**6), st.sampled_from(FeeMode))
def test_any_terms_come_back_exactly(months: int, rent: int, cover: int, mode: FeeMode) -> None:
    terms = LeaseTerms(
        lease_model="RETURN_ONLY",
        months=months,
        monthly_rent=Decimal(rent) / 100,
        cover_monthly=Decimal(cover) / 100,
        signed_value=Decimal(9800),
        cash_price=Decimal(9999),
        total_to_own=None,
        curve=(),
        **house_rules.FIRST | {"late_fee_mode": mode},
    )
    assert LeaseTerms.from_json(terms.to_json()) == terms


def test_the_contract_is_all_rents_and_cover() -> None:
    assert TERMS.contract_total == Decimal("6651.96")  # 12 × (541.83 + 12.50)


@pytest.mark.parametrize(
    "change",
    [
        {"months": 0},
        {"monthly_rent": Decimal(0)},
        {"monthly_rent": Decimal("0.001")},
        {"curve": ()},
        {"curve": (Decimal(1),)},
        {"fee_rate_daily": Decimal(1)},
        {"fee_cap_rate": Decimal("1.01")},
        {"grace_days": -1},
        {"late_fee_mode": "SOMETIMES"},
    ],
)
def test_nonsense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(TERMS, **change)


@pytest.mark.parametrize("spoil", [{"months": None}, {"more": 1}])
def test_a_stored_field_too_few_or_too_many_is_refused(spoil: dict[str, Any]) -> None:
    stored = TERMS.to_json() | spoil
    if spoil.get("months", 1) is None:
        del stored["months"]
    with pytest.raises(ValueError, match="terms"):
        LeaseTerms.from_json(stored)
