"""What a device costs that is kept past its return day (docs/domain/end-of-lease.md)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import day_rent
from billing.rules.terms import LeaseTerms
from core import money
from orders.services.retrievals import Back
from tests import house_rules, worked

FIRST = date(2027, 3, 5)


def terms(rent: Decimal, day_price: Decimal | None = None) -> LeaseTerms:
    days: dict[str, Any] = {"first_day": date(2026, 3, 6), "last_day": date(2026, 3, 8), "day_price": day_price}
    if not day_price:
        days = {}
    return LeaseTerms(
        "RETURN_ONLY", 0 if day_price else 12, rent, Decimal(0), Decimal(5800), Decimal(5999), None, (),
        **house_rules.FIRST | {"return_window_days": 0 if day_price else 3}, **days,
    )  # fmt: skip


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Kept past its return day: the first day that costs"))
def test_the_first_day_that_costs(row: dict[str, str]) -> None:
    agreed = terms(Decimal(100), Decimal(20) if row["window"] == "0" else None)
    assert day_rent.first_day(agreed, date.fromisoformat(row["last day"])) == date.fromisoformat(row["first"])


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Kept past its return day: what the days cost"))
def test_what_the_days_cost(row: dict[str, str]) -> None:
    price = Decimal(row["one day"]) if row["one day"] else None
    agreed = terms(Decimal(row["monthly rent"] or 1), price)
    days, cap = int(row["days"]), Decimal(row["cap"])
    found = day_rent.stretches(agreed, cap, FIRST, 0, days, is_over=True)
    assert " + ".join(str(one.amount) for one in found) == row["bills"]
    assert day_rent.of_days(agreed, cap, days) == Decimal(row["together"])


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Found after it was paid for: what goes back"))
def test_what_goes_back_for_a_found_device(row: dict[str, str]) -> None:
    paid = Decimal(row["paid"])
    found = Back(paid, day_rent.of_days(terms(Decimal(row["monthly rent"])), paid, int(row["days"])), int(row["days"]))
    assert (found.day_rent, found.amount) == (Decimal(row["day rent"]), Decimal(row["back"]))


MONEY = st.integers(1, 1_000_000).map(money.from_cents)


@given(MONEY, MONEY, st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_each_day_is_billed_once_to_the_fen_and_never_above_the_cap(
    rent: Decimal, cap: Decimal, looks: list[int]
) -> None:
    agreed, kept, billed, found = terms(rent), 0, 0, []
    for place, more in enumerate(looks):
        kept += more
        is_over = place == len(looks) - 1
        rows = day_rent.stretches(agreed, cap, FIRST, billed, kept, is_over=is_over)
        if rows:
            billed = (rows[-1].last - FIRST).days + 1
        found += rows
    assert money.total(one.amount for one in found) == day_rent.of_days(agreed, cap, kept) <= cap
    covered = [one.first + timedelta(days=n) for one in found for n in range((one.last - one.first).days + 1)]
    assert len(set(covered)) == len(covered)


@given(MONEY, MONEY)
def test_the_cap_is_reached_on_its_day_and_not_before(rent: Decimal, cap: Decimal) -> None:
    agreed = terms(rent)
    days = day_rent.days_to_cap(agreed, cap)
    assert day_rent.of_days(agreed, cap, days) == cap > day_rent.of_days(agreed, cap, days - 1)
