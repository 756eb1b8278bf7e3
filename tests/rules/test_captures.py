"""What is kept of a deposit (domain.md §7, docs/domain/deposits.md)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import captures
from core import money
from tests import worked

AMOUNTS = st.integers(0, 1_000_000).map(money.from_cents)


@pytest.mark.parametrize("row", worked.table("deposits", "Worked examples"))
def test_the_documented_examples(row: dict[str, str]) -> None:
    figures = {name: Decimal(value) for name, value in row.items()}
    kept = captures.kept(figures["held"], figures["owed"], figures["approved"])
    assert (kept.taken, kept.shortfall, kept.rest) == (figures["taken"], figures["still owed"], figures["goes back"])


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_no_fen_appears_or_is_lost(held: Decimal, owed: Decimal, most: Decimal) -> None:
    kept = captures.kept(held, owed, most)
    assert kept.taken + kept.rest == held
    assert kept.taken + kept.shortfall == owed
    assert kept.taken <= most
