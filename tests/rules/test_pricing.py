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


@pytest.mark.parametrize("row", worked.table("prices", "Yearly cost with a paid deposit"))
def test_the_documented_yearly_costs_with_a_paid_deposit(row: dict[str, str]) -> None:
    cash, total, months, rent = (
        Decimal(row["cash price"]),
        Decimal(row["total to own"]),
        int(row["months"]),
        row["rent"],
    )
    last = pricing.buyout_price(cash, total, months, Decimal(rent), months)
    instalment = Decimal(rent) + Decimal(row["cover"])
    found = pricing.cost_with_deposit(cash, months, instalment, last, Decimal(row["deposit"]))
    told = ("–", "–") if found is None else (f"{found.simple * 100:.1f}", f"{found.effective * 100:.1f}")
    assert told == (row["simple %"], row["effective %"])


def test_chosen_cover_is_in_the_totals_and_not_in_the_cost() -> None:
    """12 × (350 + 9) = 4,308; + 2,277.68 = 6,585.68; the cost is that of the lease without it."""
    bare = pricing.disclose(Decimal(6000), 12, Decimal(350), money.ZERO, Decimal("6477.68"))
    chosen = pricing.disclose(Decimal(6000), 12, Decimal(350), money.ZERO, Decimal("6477.68"), Decimal(9))
    assert (chosen.total_to_return, chosen.total_to_own) == (Decimal(4308), Decimal("6585.68"))
    assert chosen.extra == Decimal("585.68")
    assert chosen.cost_simple_yearly == bare.cost_simple_yearly


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


@given(plans(), st.integers(0, 100), st.integers(0, 100))
def test_a_paid_deposit_makes_no_lease_cheaper(
    plan: tuple[Decimal, Decimal, int, Decimal], less: int, more: int
) -> None:
    cash, total, months, rent = plan
    small, large = (money.floor_fen(cash * share / 100) for share in sorted((less, more)))
    last = total - months * rent
    published = pricing.disclose(cash, months, rent, money.ZERO, total).cost_simple_yearly
    costs = [pricing.cost_with_deposit(cash, months, rent, last, paid) for paid in (small, large)]
    assert published is not None
    told = [published, *(cost.simple for cost in costs if cost)]
    assert told == sorted(told)
    assert costs[1] is None or costs[0] is not None  # what can be told of the larger one can be told of the smaller


@given(plans(), st.integers(0, 100))
def test_the_cost_with_a_deposit_is_a_rate_at_which_all_that_moves_is_worth_the_cash_price(
    plan: tuple[Decimal, Decimal, int, Decimal], share: int
) -> None:
    cash, total, months, rent = plan
    paid = money.floor_fen(cash * share / 100)
    cost = pricing.cost_with_deposit(cash, months, rent, total - months * rent, paid)
    assume(cost is not None and cost.simple > 0)
    assert cost is not None
    flows = [rent + paid, *[rent] * (months - 1), total - months * rent - paid]
    near = [pricing.present_value(flows, cost.simple / 12 + step) for step in (-ONE_IN_A_MILLION, ONE_IN_A_MILLION)]
    assert near[0] >= cash >= near[1]


@given(plans(), st.integers(0, 100))
def test_beyond_telling_is_only_what_leaves_less_than_a_rent(
    plan: tuple[Decimal, Decimal, int, Decimal], share: int
) -> None:
    cash, total, months, rent = plan
    paid = money.floor_fen(cash * share / 100)
    told = pricing.cost_with_deposit(cash, months, rent, total - months * rent, paid) is not None
    assert told == (cash - paid > 2 * rent)
