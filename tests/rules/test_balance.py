"""The order in which a credit balance is used and given back (docs/domain/balance.md)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import balance
from billing.rules.balance import Rest
from core import money
from tests import worked

EARLY, LATE = Rest(1, date(2026, 3, 2), Decimal("40.00")), Rest(2, date(2026, 3, 5), Decimal("30.00"))
RESTS = st.lists(
    st.builds(
        Rest, st.integers(1, 10**6), st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.integers(1, 10**7).map(money.from_cents),
    ),
    min_size=1, max_size=8, unique_by=lambda rest: rest.payment,
)  # fmt: skip


def test_the_oldest_money_is_used_first_and_the_lower_number_on_one_day() -> None:
    same_day = Rest(0, LATE.day, Decimal(1))
    assert balance.oldest_first([LATE, same_day, EARLY]) == [EARLY, same_day, LATE]


@pytest.mark.parametrize("row", worked.table("balance", "Paying out"))
def test_the_newest_money_goes_back_first(row: dict[str, str]) -> None:
    shares = dict(balance.given_back([EARLY, LATE], Decimal(row["paid out"])))
    told = {1: row["on the payment of 2 March"], 2: row["on the payment of 5 March"]}
    assert shares == {payment: Decimal(amount) for payment, amount in told.items() if Decimal(amount)}


@given(RESTS, st.data())
def test_what_goes_back_is_what_was_asked_for_and_of_no_payment_more_than_its_rest(
    rests: list[Rest], data: st.DataObject
) -> None:
    whole = money.total(rest.amount for rest in rests)
    amount = money.from_cents(data.draw(st.integers(1, money.to_cents(whole))))
    shares = dict(balance.given_back(rests, amount))
    assert money.total(shares.values()) == amount
    assert all(0 < shares[rest.payment] <= rest.amount for rest in rests if rest.payment in shares)


def test_more_than_there_is_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"0\.01 more"):
        balance.given_back([EARLY, LATE], Decimal("70.01"))
