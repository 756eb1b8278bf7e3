"""What buying today, or sending back early, costs (domain.md §3, §8), worked by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import payoff
from billing.rules.payoff import Position
from billing.rules.terms import LeaseTerms
from catalog.rules import pricing
from core.money import ZERO
from orders.services import losses
from tests import house_rules, worked

PHONE = LeaseTerms(
    lease_model="OPTION_TO_BUY",
    months=12,
    monthly_rent=Decimal(309),
    cover_monthly=ZERO,
    signed_value=Decimal(5999),
    cash_price=Decimal(5999),
    total_to_own=Decimal(6388),
    curve=tuple(pricing.curve(Decimal(5999), Decimal(6388), 12, Decimal(309))),
    **house_rules.FIRST,
)
RETURN_ONLY = replace(PHONE, lease_model="RETURN_ONLY", total_to_own=None, curve=())


def at(period: int, **figures: str) -> Position:
    amounts = {name: Decimal(figures.get(name, "0.00")) for name in ("owed", "fees", "prepaid", "credit")}
    return Position(period, **amounts)


def test_all_paid_the_price_of_the_period_is_all() -> None:
    # price_5 = 5,999 + 389 × 5/12 − 5 × 309 = 5,999 + 162.083… − 1,545 = 4,616.083… → 4,616.08
    found = payoff.buyout(PHONE, at(5))
    assert (found.price, found.to_pay, found.given_back) == (Decimal("4616.08"), Decimal("4616.08"), ZERO)


def test_what_is_owed_comes_on_top_and_what_was_paid_ahead_comes_off() -> None:
    # 4,339.50 + 309.00 + 0.46 − 618.00 − 20.00 = 4,010.96
    position = at(6, owed="309.00", fees="0.46", prepaid="618.00", credit="20.00")
    assert payoff.buyout(PHONE, position).to_pay == Decimal("4010.96")


def test_who_paid_ahead_more_than_the_price_gets_the_rest_back() -> None:
    # after period 12: 2,680.00 − 3,000.00 of credit
    found = payoff.buyout(PHONE, at(12, credit="3000.00"))
    assert (found.to_pay, found.given_back) == (ZERO, Decimal("320.00"))


def test_rent_to_own_is_owned_with_its_last_rent() -> None:
    prices = tuple(pricing.curve(Decimal(3600), Decimal(3708), 12, Decimal(309)))
    terms = replace(PHONE, lease_model="RENT_TO_OWN", cash_price=Decimal(3600), signed_value=Decimal(3600),
                    total_to_own=Decimal(3708), curve=prices)  # fmt: skip
    assert payoff.buyout(terms, at(12)).to_pay == ZERO


def test_a_lease_without_the_right_has_no_price() -> None:
    with pytest.raises(ValueError, match="return of the device"):
        payoff.buyout(RETURN_ONLY, at(5))


def test_sending_back_early_costs_the_agreed_months_and_never_more_than_what_is_left() -> None:
    assert payoff.early_return(PHONE, at(5)).to_pay == Decimal("309.00")
    assert payoff.early_return(replace(PHONE, early_return_months=2), at(5)).to_pay == Decimal("618.00")
    assert payoff.early_return(replace(PHONE, early_return_months=2), at(11)).to_pay == Decimal("309.00")
    assert payoff.early_return(PHONE, at(12)).to_pay == ZERO
    assert payoff.early_return(RETURN_ONLY, at(5)).to_pay == Decimal("309.00")


def test_rents_paid_ahead_come_back_with_an_early_return_and_the_running_one_does_not() -> None:
    found = payoff.early_return(PHONE, at(5, prepaid="618.00"))
    assert (found.to_pay, found.given_back) == (ZERO, Decimal("309.00"))


def test_a_change_of_mind_costs_the_days_used() -> None:
    # 309 × 12 / 365 = 10.1589 a day; 3 days 30.476… → 30.48; of 309.00 paid 278.52 come back
    found = payoff.change_of_mind(PHONE, 3, paid=Decimal("309.00"), credit=ZERO)
    assert (found.price, found.to_pay, found.given_back) == (Decimal("30.48"), ZERO, Decimal("278.52"))
    with pytest.raises(ValueError, match="receipt"):
        payoff.change_of_mind(PHONE, 0, paid=ZERO, credit=ZERO)


def test_buying_earlier_costs_less_in_all() -> None:
    # now 4,616.08; later 7 × 309 + 2,680 = 4,843.00; difference 226.92
    assert payoff.saved_by_buying_now(PHONE, 5) == Decimal("226.92")
    assert payoff.saved_by_buying_now(PHONE, 12) == ZERO


@pytest.mark.parametrize("period", [0, 13])
def test_a_period_that_is_not_one_is_refused(period: int) -> None:
    for rule in (payoff.buyout, payoff.early_return):
        with pytest.raises(ValueError, match="period"):
            rule(PHONE, at(period))


@given(st.integers(1, 12), *(st.integers(0, 10**6) for _ in range(4)))
def test_to_pay_less_given_back_is_always_the_sum(period: int, owed: int, fees: int, prepaid: int, credit: int) -> None:
    cents = [Decimal(part) / 100 for part in (owed, fees, prepaid, credit)]
    found = payoff.buyout(PHONE, Position(period, *cents))
    assert found.to_pay - found.given_back == PHONE.curve[period - 1] + cents[0] + cents[1] - cents[2] - cents[3]
    assert ZERO in (found.to_pay, found.given_back)


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Kept past its return day: what buying costs then"))
def test_day_rent_counts_towards_the_price(row: dict[str, str]) -> None:
    terms = replace(PHONE, curve=(*PHONE.curve[:-1], Decimal(row["last price"])))
    found = payoff.buyout(terms, replace(at(12), kept=Decimal(row["day rent billed"])))
    assert found.price == Decimal(row["buying costs"])


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Swap: what ending the old lease costs"), ids=str)
def test_the_documented_swaps(row: dict[str, str]) -> None:
    left, rent = int(row["rents left"]), Decimal(row["monthly rent"])
    terms = replace(RETURN_ONLY, monthly_rent=rent, early_return_months=int(row["months agreed"]))
    assert payoff.swap(terms, at(12 - left), int(row["new term"])).price == Decimal(row["price"])


PARTS = {"owed": "owed", "late fees": "fees", "paid ahead": "prepaid", "credit": "credit", "day rent billed": "kept"}


def position(row: dict[str, str]) -> Position:
    return Position(int(row["bills due"]), **{name: Decimal(row.get(column, "0.00")) for column, name in PARTS.items()})


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Buying it before the end: what is paid"))
def test_the_documented_prices_of_buying(row: dict[str, str]) -> None:
    cash, rent, total = (Decimal(row[name]) for name in ("cash price", "rent", "total to own"))
    curve = tuple(pricing.curve(cash, total, 12, rent))
    terms = replace(PHONE, monthly_rent=rent, signed_value=cash, cash_price=cash, total_to_own=total, curve=curve)
    found = payoff.buyout(terms, position(row))
    assert (found.price, found.to_pay) == (Decimal(row["price"]), Decimal(row["to pay"]))
    assert found.given_back == Decimal(row["back"])


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Sent back early: what is paid"))
def test_the_documented_early_returns(row: dict[str, str]) -> None:
    terms = replace(PHONE, early_return_months=int(row["months agreed"]))
    found = payoff.early_return(terms, position(row))
    assert (found.price, found.to_pay) == (Decimal(row["price"]), Decimal(row["to pay"]))
    assert found.given_back == Decimal(row["back"])


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Lost or stolen: what it costs"))
def test_the_documented_losses(row: dict[str, str]) -> None:
    terms = replace(PHONE if row["option to buy"] == "yes" else RETURN_ONLY, signed_value=Decimal(row["signed value"]))
    found = losses.payoff_of(terms, date(2026, 1, 31), position(row), date.fromisoformat(row["lost on"]))
    assert (found.price, found.to_pay) == (Decimal(row["value"]), Decimal(row["to pay"]))


@pytest.mark.parametrize("row", worked.table("short-rentals", "Not as agreed: what comes back"))
def test_the_documented_days_that_come_back(row: dict[str, str]) -> None:
    found = payoff.not_as_agreed(Decimal(row["paid"]), int(row["days"]), int(row["used"]))
    assert (found.price, found.given_back) == (Decimal(row["stays"]), Decimal(row["back"]))


def test_more_days_used_than_paid_are_nonsense() -> None:
    with pytest.raises(ValueError, match="4 days used of 3"):
        payoff.not_as_agreed(Decimal(398), 3, 4)
