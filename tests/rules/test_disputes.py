"""What a lost dispute takes off, and the late fee after it (docs/domain/disputes.md)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import disputes, late_fees
from billing.rules.disputes import Lying
from billing.rules.late_fees import FeeTerms, PaidOn
from billing.rules.terms import FeeMode
from core import money
from core.money import ZERO
from tests import worked

RENT, COVER = Decimal("541.83"), Decimal("10.00")
AMOUNTS = st.integers(1, 10**6).map(money.from_cents)
PARTS = st.lists(AMOUNTS, min_size=1, max_size=6).map(
    lambda amounts: [Lying(number, number % 2, amount) for number, amount in enumerate(amounts)]
)


@pytest.mark.parametrize("row", worked.table("disputes", "What comes off"))
def test_the_documented_cases(row: dict[str, str]) -> None:
    lying = [Lying(1, 7, RENT), Lying(2, 7, COVER)]
    taken = {one.allocation: one.amount for one in disputes.taken_off(Decimal(row["lost"]), Decimal("48.17"), lying)}
    told = {1: Decimal(row["off rent"]), 2: Decimal(row["off cover"])}
    assert {number: taken.get(number, ZERO) for number in told} == told
    assert Decimal(row["off the credit balance"]) == Decimal(row["lost"]) - money.total(taken.values())


@pytest.mark.parametrize("row", worked.table("disputes", "The late fee after it"))
def test_the_late_fee_counts_from_the_day_of_the_decision_only(row: dict[str, str]) -> None:
    """541.83 due 31 March; paid on the day told, taken back on the next, paid again on the last."""
    terms = FeeTerms(FeeMode(row["mode"]), 3, Decimal("0.0003"), Decimal("0.20"))
    paid, lost, again = (date.fromisoformat(row[name]) for name in ("paid", "lost", "paid again"))
    parts = [PaidOn(paid, RENT), PaidOn(lost, -RENT)]
    assert late_fees.fee_if_paid(RENT, date(2026, 3, 31), parts, terms, again) == Decimal(row["late fee"])


@given(PARTS, AMOUNTS, AMOUNTS)
def test_what_comes_off_is_what_was_lost_and_never_more_than_lies_there(
    lying: list[Lying], free: Decimal, wanted: Decimal
) -> None:
    amount = min(wanted, free + money.total(one.amount for one in lying))
    taken = disputes.taken_off(amount, free, lying)
    by_number = {one.allocation: one.amount for one in lying}
    assert money.total(one.amount for one in taken) == max(ZERO, amount - free)
    assert all(ZERO < one.amount <= by_number[one.allocation] for one in taken)


def test_what_lies_on_a_void_bill_comes_last() -> None:
    void, standing = Lying(2, 8, Decimal(100), is_void=True), Lying(1, 7, Decimal(100))
    assert [one.bill for one in disputes.taken_off(Decimal(100), ZERO, [standing, void])] == [7]


def test_more_than_there_is_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"0\.01 more"):
        disputes.taken_off(Decimal("100.01"), ZERO, [Lying(1, 7, Decimal(100))])
