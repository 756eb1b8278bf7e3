"""Short rentals: the cheapest combination, and which days may be picked (domain.md §3)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import publishing, shorts
from catalog.rules.publishing import LeaseModel, PlanFigures, ShortFigures
from catalog.rules.shorts import Dates, Limits, Part
from tests import worked

MULTIPLES = {1: Decimal("60.00"), 3: Decimal("150.00"), 7: Decimal("300.00"), 30: Decimal("900.00")}
ON = date(2026, 11, 28)
LIMITS = Limits(least_days=2, most_days=10, gap_days=2)
amounts = st.integers(1, 50_000).map(lambda fen: Decimal(fen) / 100)
some_multiples = st.dictionaries(st.integers(1, 12), amounts, min_size=1, max_size=4)


def dearly(multiples: Mapping[int, Decimal], days: int) -> Decimal:
    """By trying every combination, memory aside another way than the rule's."""

    @cache
    def least(left: int) -> Decimal:
        if left <= 0:
            return Decimal(0)
        return min(amount + least(left - each) for each, amount in multiples.items())

    return least(days)


@pytest.mark.parametrize("row", worked.table("short-rentals", "Prices"))
def test_the_documented_prices(row: dict[str, str]) -> None:
    found = shorts.price(MULTIPLES, int(row["days"]))
    parts = " ".join(f"{part.count}×{part.days}" for part in found.parts)
    assert (found.amount, parts) == (Decimal(row["price"]), row["parts"])


def test_the_longest_first_would_be_dearer() -> None:
    """5 + 1 + 1 + 1 = 85; 4 + 4 = 70."""
    found = shorts.price({1: Decimal(10), 4: Decimal(35), 5: Decimal(55)}, 8)
    assert (found.amount, found.parts) == (Decimal(70), (Part(4, 2, Decimal(35)),))


@given(some_multiples, st.integers(1, 40))
def test_no_combination_is_cheaper_and_the_parts_are_the_price(multiples: dict[int, Decimal], days: int) -> None:
    found = shorts.price(multiples, days)
    assert found.amount == dearly(multiples, days) == sum(part.count * part.amount for part in found.parts)
    assert found.covered_days >= days


@given(some_multiples, st.integers(1, 40))
def test_a_further_day_never_makes_it_cheaper(multiples: dict[int, Decimal], days: int) -> None:
    assert shorts.price(multiples, days).amount <= shorts.price(multiples, days + 1).amount


def test_no_days_and_no_multiples_have_no_price() -> None:
    for multiples, days in ((MULTIPLES, 0), ({}, 3), ({0: Decimal(1)}, 3)):
        with pytest.raises(ValueError, match="days"):
            shorts.price(multiples, days)


@pytest.mark.parametrize("row", worked.table("short-rentals", "What may be picked"))
def test_the_documented_picks(row: dict[str, str]) -> None:
    dates = Dates(date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))
    assert (shorts.wrong(dates, LIMITS, ON) or "") == row["wrong"]


def test_the_last_day_is_not_before_the_first() -> None:
    with pytest.raises(ValueError, match="before"):
        Dates(ON, ON - timedelta(days=1))


periods = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9)).map(
        lambda pair: (ON + timedelta(days=pair[0]), ON + timedelta(days=sum(pair)))
    ),
    max_size=4,
)


@given(st.lists(periods, max_size=3), st.integers(0, 30))
def test_the_last_possible_day_is_free_and_the_next_one_is_not(
    units: list[list[tuple[date, date]]], ahead: int
) -> None:
    first = ON + timedelta(days=ahead)

    def any_free(days: int) -> bool:
        dates = Dates(first, first + timedelta(days=days - 1))
        return any(shorts.is_free(busy, dates, LIMITS.gap_days) for busy in units)

    last = shorts.last_possible(units, first, LIMITS)
    possible = [days for days in range(LIMITS.least_days, LIMITS.most_days + 1) if any_free(days)]
    assert last == (first + timedelta(days=max(possible) - 1) if possible else None)


SHORT = PlanFigures(
    lease_model=LeaseModel.RETURN_ONLY,
    signed_value=Decimal(12000),
    deposit_rate=Decimal("0.70"),
    cover_monthly=Decimal(0),
    early_return_months=1,
    terms=(),
    cash_price=Decimal(12999),
    cash_price_as_of=ON,
    lpr_yearly=None,
    short=ShortFigures(MULTIPLES, 30),
)


def codes(plan: PlanFigures) -> list[str]:
    return [objection.code for objection in publishing.objections(plan, ON)]


@pytest.mark.parametrize("row", worked.table("short-rentals", "The dearest price of 30 days"))
def test_the_documented_dearest_price(row: dict[str, str]) -> None:
    figures = ShortFigures({1: Decimal("200.00"), 30: Decimal(row["price of 30 days"])}, 30)
    plan = replace(SHORT, cash_price=Decimal(row["cash price"]), short=figures)
    assert codes(plan) == ([] if row["published"] == "yes" else ["short_dear"])


def test_a_short_plan_is_by_days_alone_returned_and_without_cover() -> None:
    term = publishing.TermFigures(12, Decimal(300), None)
    assert codes(SHORT) == []
    assert codes(replace(SHORT, terms=(term,))) == ["short_and_long"]
    assert codes(replace(SHORT, cover_offered=True)) == ["short_cover"]
    assert "short_owned" in codes(replace(SHORT, lease_model=LeaseModel.OPTION_TO_BUY))
    assert codes(replace(SHORT, short=ShortFigures({3: Decimal(150)}, 30))) == ["short_no_day"]
    assert codes(replace(SHORT, short=ShortFigures(MULTIPLES, None))) == ["short_no_most"]


def test_the_most_days_come_to_the_cash_price_at_most() -> None:
    """90 days as 3 × 30: 930 against a cash price of 900; 30 days are within 0.35 × 900 = 315."""
    plan = replace(SHORT, signed_value=Decimal(900), cash_price=Decimal(900))
    dear = ShortFigures({1: Decimal(11), 30: Decimal(310)}, 90)
    assert [o.params["days"] for o in publishing.objections(replace(plan, short=dear), ON)] == [90]
