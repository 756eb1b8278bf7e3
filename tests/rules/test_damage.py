"""What a returned device may cost, and what of it the deposit pays (docs/domain/end-of-lease.md)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendar, money
from orders.rules import damage
from orders.rules.damage import Line
from tests import worked

AMOUNTS = st.integers(0, 1_000_000).map(money.from_cents)
LINES = st.lists(st.tuples(AMOUNTS, st.booleans()), min_size=1, max_size=6).map(
    lambda rows: [Line(f"L{place}", amount, covered) for place, (amount, covered) in enumerate(rows)]
)


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Damage: what it may come to at most"))
def test_the_depreciated_value(row: dict[str, str]) -> None:
    start, on = date.fromisoformat(row["start"]), date.fromisoformat(row["claimed on"])
    assert calendar.whole_months(start, on) == int(row["whole months"])
    assert damage.depreciated(Decimal(row["signed value"]), start, on) == Decimal(row["depreciated"])


@pytest.mark.parametrize("row", worked.table("end-of-lease", "Damage: from the deposit to the goodbye"))
def test_what_the_deposit_pays(row: dict[str, str]) -> None:
    amounts = {name: Decimal(value) for name, value in row.items()}
    done = damage.settle(amounts["held"], amounts["damage"], amounts["dues"])
    assert (done.taken, done.back, done.open) == (amounts["taken"], amounts["back"], amounts["open"])


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_no_fen_appears_or_is_lost(held: Decimal, claimed: Decimal, dues: Decimal) -> None:
    done = damage.settle(held, claimed, dues)
    assert done.taken + done.back == held
    assert done.taken + done.open == claimed + dues


@given(LINES, AMOUNTS, st.data())
def test_damage_is_never_above_the_value_nor_above_the_claim(
    lines: list[Line], cap: Decimal, data: st.DataObject
) -> None:
    claimed = damage.claimed(lines, cap)
    assert claimed <= cap
    decided = {line.code: money.from_cents(data.draw(st.integers(0, money.to_cents(line.charged)))) for line in lines}
    assert damage.awarded(lines, decided, cap) <= claimed
    assert damage.awarded(lines, {line.code: line.charged for line in lines}, cap) == claimed


@given(st.integers(1, 10**7).map(money.from_cents), st.integers(0, 60))
def test_the_value_falls_month_by_month_and_never_below_a_fifth(value: Decimal, months: int) -> None:
    start = date(2026, 1, 31)
    now, later = (damage.depreciated(value, start, calendar.add_months(start, m)) for m in (months, months + 1))
    assert value >= now >= later >= money.floor_fen(value * damage.RESIDUAL_SHARE)


def test_the_cover_bears_screen_water_and_drop_of_whoever_pays_for_it() -> None:
    assert damage.is_covered("SCREEN", Decimal("10.00"))
    assert not damage.is_covered("screen", Decimal("0.00"))
    assert not damage.is_covered("battery", Decimal("10.00"))


@pytest.mark.parametrize("decided", [{"a": Decimal("10.01")}, {"a": Decimal(-1)}])
def test_no_line_is_decided_above_what_was_claimed(decided: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="at most"):
        damage.awarded([Line("a", Decimal("10.00"))], decided, Decimal(100))
