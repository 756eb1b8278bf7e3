"""Extension plans (domain.md §9, docs/domain/extensions.md)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import extension, late_fees
from billing.rules.allocation import Owed
from billing.rules.extension import AT_FIRST, Terms
from billing.rules.late_fees import FeeTerms
from billing.rules.terms import FeeMode
from core import money
from core.money import ZERO
from tests import worked

FREE = FeeTerms(FeeMode.FREE, 3, Decimal("0.0003"), Decimal("0.20"))
TAKEN_OVER = date(2026, 5, 20)
RENT, COVER = Decimal("541.83"), Decimal("10.00")
FIRST = date(2026, 6, 1)


def taken_over() -> list[Owed]:
    """The two bills of the page, with their late fees as the fee rule has them."""
    fees = [late_fees.fee_if_paid(RENT, due, [], FREE, TAKEN_OVER) for due in (date(2026, 4, 2), date(2026, 5, 2))]
    assert fees == [Decimal("7.15"), Decimal("2.28")]
    return [Owed(number, RENT, COVER, fee) for number, fee in enumerate(fees)]


@pytest.mark.parametrize("count", ["2", "3"])
def test_the_documented_parts(count: str) -> None:
    rows = [row for row in worked.table("extensions", "The parts") if row["parts"] == count]
    terms = Terms((2, 3), int(count), FIRST, Decimal(rows[0]["agreed fee"]))
    made = extension.proposal(taken_over(), terms).parts
    assert [
        (str(part.number), part.due_date.isoformat(), *map(str, (part.rent, part.cover, part.fee, part.total)))
        for part in made
    ] == [(row["part"], row["due"], row["rent"], row["cover"], row["fee"], row["total"]) for row in rows]


@pytest.mark.parametrize("row", worked.table("extensions", "When it breaks"))
def test_the_documented_break(row: dict[str, str]) -> None:
    on, rent, carried = date.fromisoformat(row["day asked"]), Decimal("361.22"), Decimal("3.14")
    assert extension.is_broken(FIRST, 3, on) is (row["plan"] == "BROKEN")
    grown = late_fees.fee_if_paid(rent, FIRST, [], FREE, on)
    assert str(extension.fee_of_part(carried, grown, rent, FREE.cap_rate)) == row["fee of that part if paid that day"]


amounts = st.decimals(min_value=0, max_value=9999, places=2)


@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=6), st.integers(2, 24), amounts)
def test_no_fen_is_added_or_lost_and_parts_are_equal(
    owed: list[tuple[Decimal, Decimal, Decimal]], parts: int, agreed: Decimal
) -> None:
    bills = [Owed(place, *each) for place, each in enumerate(owed)]
    if not any(bill.rent + bill.cover for bill in bills):
        with pytest.raises(ValueError, match="rent or cover"):
            extension.proposal(bills, Terms((), parts, FIRST, agreed))
        return
    made = extension.proposal(bills, Terms((), parts, FIRST, agreed))
    for of in ("rent", "cover"):
        assert money.total(getattr(part, of) for part in made.parts) == money.total(getattr(b, of) for b in bills)
    assert money.total(part.fee for part in made.parts) == money.total(bill.fee for bill in bills) + agreed
    assert all(min(part.rent, part.cover, part.fee) >= ZERO for part in made.parts)
    totals = [part.total for part in made.parts]
    assert max(totals) - min(totals) <= money.FEN
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize(
    ("terms", "before", "refused"),
    [
        (Terms((2,), 2, FIRST), 0, ""),
        (Terms((2,), 12, FIRST, Decimal("10.00")), 1, ""),
        (Terms((2,), 2, FIRST), 2, "plans"),
        (Terms((2,), 1, FIRST), 0, "parts"),
        (Terms((2,), 13, FIRST), 0, "parts"),
        (Terms((2,), 2, TAKEN_OVER - timedelta(days=1)), 0, "first_day"),
        (Terms((2,), 2, TAKEN_OVER + timedelta(days=32)), 0, "first_day"),
        (Terms((2,), 2, FIRST, Decimal("10.01")), 0, "fee"),
    ],
)
def test_the_limits(terms: Terms, before: int, refused: str) -> None:
    assert extension.refused(terms, Decimal("1000.99"), before, AT_FIRST, TAKEN_OVER) == refused


@given(amounts, amounts, amounts)
def test_a_part_never_bears_more_than_its_cap_but_for_what_it_carries(
    carried: Decimal, grown: Decimal, rent: Decimal
) -> None:
    fee = extension.fee_of_part(carried, grown, rent, FREE.cap_rate)
    assert carried <= fee <= max(carried, money.floor_fen(FREE.cap_rate * rent))
