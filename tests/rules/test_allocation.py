"""Where money goes (domain.md §6, docs/domain/bills.md)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import allocation
from billing.rules.allocation import Owed, Part
from core import money
from core.money import ZERO
from tests import worked

AMOUNTS = st.integers(0, 100_000).map(money.from_cents)
BILLS = st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), max_size=6).map(
    lambda rows: [Owed(number, *row) for number, row in enumerate(rows)]
)


@pytest.mark.parametrize("row", worked.table("bills", "Allocation"))
def test_the_documented_allocations(row: dict[str, str]) -> None:
    bills = [Owed(number, Decimal(300), Decimal(20), Decimal(5)) for number in (1, 2)]
    laid, rest = allocation.allocate(Decimal(row["money"]), bills)
    found = {f"{share.part.lower()} {share.bill}": share.amount for share in laid} | {"credit balance": rest}
    assert {name: found.get(name, ZERO) for name in list(row)[1:]} == {n: Decimal(v) for n, v in list(row.items())[1:]}


@given(AMOUNTS, BILLS)
def test_no_fen_appears_or_is_lost(amount: Decimal, bills: list[Owed]) -> None:
    laid, rest = allocation.allocate(amount, bills)
    assert money.total(share.amount for share in laid) + rest == amount
    assert all(share.amount > 0 for share in laid)


@given(AMOUNTS, BILLS)
def test_a_part_never_gets_more_than_is_owed(amount: Decimal, bills: list[Owed]) -> None:
    laid, rest = allocation.allocate(amount, bills)
    owed = {(bill.bill, part): getattr(bill, part.lower()) for bill in bills for part in Part}
    assert all(share.amount <= owed[share.bill, share.part] for share in laid)
    assert rest == 0 or rest == amount - money.total(bill.total for bill in bills)


@given(AMOUNTS, BILLS)
def test_nothing_comes_before_its_turn(amount: Decimal, bills: list[Owed]) -> None:
    laid, _rest = allocation.allocate(amount, bills)
    full = [Owed(bill.bill, bill.rent, bill.cover, bill.fee) for bill in bills]
    whole, _ = allocation.allocate(money.total(bill.total for bill in full), full)
    assert laid[:-1] == whole[: len(laid)][:-1]
