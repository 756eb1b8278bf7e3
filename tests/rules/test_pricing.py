"""Prices and yearly cost (domain.md §3, docs/domain/prices.md)."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.rules import pricing
from core import money
from tests import worked

ONE_IN_A_MILLION = Decimal("0.000001")


@pytest.mark.parametrize("row", worked.table("prices", "Buyout prices"))
def test_the_documented_buyout_prices(row: dict[str, str]) -> None:
    price = pricing.buyout_price(
        Decimal(row["cash price"]),
        Decimal(row["total to own"]),
        int(row["months"]),
        Decimal(row["rent"]),
        int(row["k"]),
    )
    assert price == Decimal(row["price"])


@pytest.mark.parametrize("row", worked.table("prices", "Yearly cost"))
def test_the_documented_yearly_costs(row: dict[str, str]) -> None:
    shown = pricing.disclose(
        Decimal(row["cash price"]),
        int(row["months"]),
        Decimal(row["rent"]),
        Decimal(row["cover"]),
        Decimal(row["total to own"]),
    )
    assert shown.cost_simple_yearly is not None
    assert shown.cost_effective_yearly is not None
    assert f"{shown.cost_simple_yearly * 100:.1f}" == row["simple %"]
    assert f"{shown.cost_effective_yearly * 100:.1f}" == row["effective %"]


def test_the_whole_disclosure_of_the_worked_example() -> None:
    """12 × 541.83 = 6,501.96; + 6,296.10 = 12,798.06; − 9,999 = 2,799.06."""
    shown = pricing.disclose(Decimal(9999), 12, Decimal("541.83"), money.ZERO, Decimal("12798.06"))
    assert (shown.total_to_return, shown.total_to_own) == (Decimal("6501.96"), Decimal("12798.06"))
    assert shown.extra == Decimal("2799.06")


def test_compulsory_cover_is_in_the_totals_and_in_the_cost() -> None:
    """12 × (350 + 10) = 4,320; + 2,277.68 = 6,597.68."""
    bare = pricing.disclose(Decimal(6000), 12, Decimal(350), money.ZERO, Decimal("6477.68"))
    covered = pricing.disclose(Decimal(6000), 12, Decimal(350), Decimal(10), Decimal("6477.68"))
    assert (covered.total_to_return, covered.total_to_own) == (Decimal(4320), Decimal("6597.68"))
    assert bare.cost_simple_yearly is not None
    assert covered.cost_simple_yearly is not None
    assert covered.cost_simple_yearly > bare.cost_simple_yearly


def test_a_lease_that_ends_with_the_return_shows_no_yearly_cost() -> None:
    shown = pricing.disclose(Decimal(6000), 12, Decimal(350), Decimal(10), None)
    assert shown == pricing.Disclosure(Decimal(4320), None, Decimal(6000), None, None, None)


def test_a_first_payment_of_the_whole_price_has_no_yearly_cost() -> None:
    with pytest.raises(ValueError, match="first payment"):
        pricing.monthly_cost(Decimal(100), [Decimal(100), Decimal(1)])


@pytest.mark.parametrize("k", [-1, 13])
def test_a_period_outside_the_lease_has_no_price(k: int) -> None:
    with pytest.raises(ValueError, match="period"):
        pricing.buyout_price(Decimal(9999), Decimal("12798.06"), 12, Decimal("541.83"), k)


def test_the_deposit_is_a_share_of_the_signed_value() -> None:
    assert pricing.deposit(Decimal("3332.99"), Decimal("0.7")) == Decimal("2333.09")  # 2,333.093


@st.composite
def plans(draw: st.DrawFn) -> tuple[Decimal, Decimal, int, Decimal]:
    """Cash price, total to own, months, rent that the guard would let through apart from the cap."""
    cash = money.fen(draw(st.integers(50_000, 2_000_000))) / 100
    months = draw(st.integers(2, 36))
    rent = money.floor_fen(cash * draw(st.integers(5, 99)) / 100 / months)
    rents = months * rent
    total = max(rents, money.floor_fen(cash * draw(st.integers(90, 110)) / 100))
    assume(0 < rent < cash)
    assume(total - cash <= rents)
    return money.exact(cash), total, months, rent


@given(plans())
def test_the_price_never_rises(plan: tuple[Decimal, Decimal, int, Decimal]) -> None:
    prices = pricing.curve(*plan)
    assert prices == sorted(prices, reverse=True)
    assert all(price >= 0 for price in prices)


@given(plans())
def test_the_last_price_is_what_is_left_of_the_total(plan: tuple[Decimal, Decimal, int, Decimal]) -> None:
    _cash, total, months, rent = plan
    assert pricing.curve(*plan)[-1] == total - months * rent


@given(plans(), st.data())
def test_an_early_buyer_never_pays_a_higher_yearly_cost(
    plan: tuple[Decimal, Decimal, int, Decimal], data: st.DataObject
) -> None:
    cash, total, months, rent = plan
    k = data.draw(st.integers(1, months))
    published = pricing.monthly_cost(cash, pricing.cash_flows(months, rent, total - months * rent))
    early = pricing.monthly_cost(cash, pricing.cash_flows(k, rent, pricing.buyout_price(*plan, k)))
    assert early <= published + ONE_IN_A_MILLION


@given(plans())
def test_the_cost_is_the_rate_at_which_the_payments_are_worth_the_cash_price(
    plan: tuple[Decimal, Decimal, int, Decimal],
) -> None:
    cash, total, months, rent = plan
    flows = pricing.cash_flows(months, rent, total - months * rent)
    rate = pricing.monthly_cost(cash, flows)
    assert pricing.present_value(flows, rate) <= cash
    if rate > ONE_IN_A_MILLION:
        assert pricing.present_value(flows, rate - ONE_IN_A_MILLION) > cash
