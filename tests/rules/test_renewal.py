"""A further term, worked by hand in docs/domain/end-of-lease.md (domain.md §3, §6, §8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import renewal
from billing.rules.terms import LeaseTerms
from core.money import ZERO
from tests import house_rules, worked

START = date(2025, 8, 31)
TERMS = LeaseTerms(
    lease_model="RETURN_ONLY",
    months=6,
    monthly_rent=Decimal("309.00"),
    cover_monthly=Decimal("12.50"),
    signed_value=Decimal(5999),
    cash_price=Decimal(5999),
    total_to_own=None,
    curve=(),
    **house_rules.FIRST,
)


def owned(rent: Decimal, last: Decimal) -> LeaseTerms:
    """Six months with an option to buy, whose last price is `last`."""
    curve = tuple(last + (6 - k) * rent for k in range(1, 7))
    return replace(
        TERMS, lease_model="OPTION_TO_BUY", monthly_rent=rent, total_to_own=6 * rent + last, curve=curve,
        cash_price=Decimal(9999),
    )  # fmt: skip


@pytest.mark.parametrize(
    "row", worked.table("end-of-lease", "Renewal: the rent, and what becomes of the buyout price"), ids=str
)
def test_the_worked_examples(row: dict[str, str]) -> None:
    terms = owned(Decimal(row["list rent"]), Decimal(row["price before"]))
    found = renewal.further(terms, START, int(row["months"]), Decimal(row["discount"]))
    assert found.after.monthly_rent == Decimal(row["rent"])
    assert found.months * found.after.monthly_rent == Decimal(row["total"])
    assert (found.price_before, found.price_after) == (Decimal(row["price before"]), Decimal(row["price after"]))


def test_numbers_and_anchor_go_on() -> None:
    found = renewal.further(TERMS, START, 3, Decimal("0.10"))
    assert [(each.number, each.first_day) for each in found.periods] == [
        (7, date(2026, 2, 28)),
        (8, date(2026, 3, 31)),
        (9, date(2026, 4, 30)),
    ]
    assert (found.first_day, found.last_day) == (date(2026, 2, 28), date(2026, 5, 30))


def test_a_second_renewal_is_reckoned_from_the_list_rent_not_from_the_first_discount() -> None:
    once = renewal.further(TERMS, START, 3, Decimal("0.10"))
    twice = renewal.further(once.after, START, 3, Decimal("0.10"))
    assert twice.after.monthly_rent == once.after.monthly_rent == Decimal("278.10")
    assert (twice.after.anchor_months, twice.after.months) == (9, 12)


@pytest.mark.parametrize(
    ("months", "is_too_dear"),
    [(13, False), (14, True)],  # 6 × 321.50 + 13 × (278.10 + 12.50) = 5,706.80; 14: 5,997.40; cap 5,706.80
)
def test_rents_and_cover_of_a_lease_that_ends_with_the_return_stay_below_its_cash_price(
    months: int, is_too_dear: bool
) -> None:
    terms = replace(TERMS, cash_price=Decimal("5706.80"), signed_value=Decimal(5000))
    found = renewal.further(terms, START, months, Decimal("0.10"))
    assert renewal.is_too_dear(found, terms.contract_total) is is_too_dear


def test_owning_never_comes_to_more_than_a_tenth_above_the_cash_price() -> None:
    terms = replace(owned(Decimal("309.00"), Decimal("200.00")), cash_price=Decimal("2000.00"))
    # 1,854.00 so far and 200.00 to own; one rent more: still 2,054.00. Two: 2,410.00 − … = 1,854 + 2 × 309 = 2,472.00
    cheap, dear = (renewal.further(terms, START, months, ZERO) for months in (1, 2))
    assert (cheap.after.total_to_own, dear.after.total_to_own) == (Decimal("2163.00"), Decimal("2472.00"))
    assert not renewal.is_too_dear(cheap, terms.contract_total)
    assert renewal.is_too_dear(dear, terms.contract_total)


@given(st.integers(1, 24), st.integers(0, 50), st.integers(0, 10**6), st.integers(1000, 10**5))
def test_the_price_never_rises_and_owning_never_gets_cheaper_than_agreed(
    months: int, percent: int, last: int, rent: int
) -> None:
    terms = owned(Decimal(rent) / 100, Decimal(last) / 100)
    found = renewal.further(terms, START, months, Decimal(percent) / 100)
    assert list(found.after.curve) == sorted(found.after.curve, reverse=True)
    assert found.after.total_to_own is not None
    assert terms.total_to_own is not None
    assert found.after.total_to_own >= terms.total_to_own
    assert LeaseTerms.from_json(found.after.to_json()) == found.after
