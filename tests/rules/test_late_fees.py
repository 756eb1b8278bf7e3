"""Late fees (domain.md §6, docs/domain/late-fees.md)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import late_fees
from billing.rules.late_fees import FeeTerms, PaidOn
from billing.rules.terms import FeeMode
from catalog.rules import publishing
from core import money
from core.money import ZERO
from tests import worked

RENT = Decimal("541.83")
DUE = date(2026, 3, 31)
FREE = FeeTerms(FeeMode.FREE, 3, Decimal("0.0003"), Decimal("0.20"))
RETROACTIVE = FeeTerms(FeeMode.RETROACTIVE, 3, Decimal("0.0003"), Decimal("0.20"))


@pytest.mark.parametrize("row", worked.table("late-fees", "Worked examples"))
@pytest.mark.parametrize("terms", [FREE, RETROACTIVE], ids=["FREE", "RETROACTIVE"])
def test_the_documented_fees(row: dict[str, str], terms: FeeTerms) -> None:
    rent, due, paid = Decimal(row["rent"]), date.fromisoformat(row["due"]), date.fromisoformat(row["paid"])
    expected = Decimal(row[terms.mode])
    assert late_fees.fee_if_paid(rent, due, [], terms, paid) == expected
    assert late_fees.fee(rent, due, [PaidOn(paid, rent)], terms, paid + timedelta(days=400)) == expected


@pytest.mark.parametrize(
    "row", worked.table("late-fees", "Paid in parts, and reduced"), ids=lambda row: row["what moved"]
)
@pytest.mark.parametrize("terms", [FREE, RETROACTIVE], ids=["FREE", "RETROACTIVE"])
def test_the_documented_parts(row: dict[str, str], terms: FeeTerms) -> None:
    moved = [one.strip().split(" on ") for one in row["what moved"].split(";")]
    parts = [PaidOn(date.fromisoformat(day), Decimal(amount)) for amount, day in moved]
    assert late_fees.fee(RENT, DUE, parts, terms, parts[-1].day + timedelta(days=400)) == Decimal(row[terms.mode])


@pytest.mark.parametrize("row", worked.table("late-fees", "The rate that signing fixes"))
def test_the_documented_rates(row: dict[str, str]) -> None:
    cap = Decimal(row["yearly cap"])
    assert cap == publishing.LPR_TIMES * Decimal(row["LPR"])
    assert late_fees.clamped_rate(Decimal(row["agreed rate"]), cap) == Decimal(row["rate a day"])


@pytest.mark.parametrize("row", worked.table("late-fees", "Money that is told days late"))
@pytest.mark.parametrize("terms", [FREE, RETROACTIVE], ids=["FREE", "RETROACTIVE"])
def test_the_documented_late_news(row: dict[str, str], terms: FeeTerms) -> None:
    paid, came, amount = date(2026, 4, 20), date.fromisoformat(row["came as well"]), Decimal(row["amount"])
    posted = late_fees.fee_if_paid(RENT, DUE, [], terms, paid)
    then = late_fees.fee_if_had(RENT, DUE, [PaidOn(paid, RENT)], terms, came, amount)
    assert (then, posted - then) == (Decimal(row[f"{terms.mode} then"]), Decimal(row[f"{terms.mode} back"]))
    if amount == RENT:  # as if its bill had been open still
        assert late_fees.fee_if_paid(RENT, DUE, [], terms, paid, came) == then


def test_an_unpaid_rent_counts_the_day_asked() -> None:
    """4, 5 and 6 April: 3 × 541.83 × 0.0003 = 0.4876."""
    assert late_fees.fee(RENT, DUE, [], FREE, date(2026, 4, 6)) == Decimal("0.49")


def test_a_partial_payment_lowers_the_days_after_it() -> None:
    """300 on 5 April: 541.83 on the 4th, 241.83 on the 5th and 6th; 1,025.49 × 0.0003 = 0.3076."""
    paid = [PaidOn(date(2026, 4, 5), Decimal(300))]
    assert late_fees.fee(RENT, DUE, paid, FREE, date(2026, 4, 6)) == Decimal("0.31")


def test_a_payment_after_the_day_asked_changes_nothing() -> None:
    paid = [PaidOn(date(2026, 4, 9), RENT)]
    on = date(2026, 4, 6)
    assert late_fees.fee(RENT, DUE, paid, FREE, on) == late_fees.fee(RENT, DUE, [], FREE, on)


def test_what_is_paid_before_the_due_date_never_counts() -> None:
    paid = [PaidOn(date(2026, 1, 1), Decimal("541.82"))]
    assert late_fees.fee(RENT, DUE, paid, RETROACTIVE, date(2026, 4, 30)) == ZERO  # 30 × 0.01 × 0.0003


def test_retroactive_needs_the_whole_rent_by_the_end_of_grace() -> None:
    """All but 1.00 in time: 1.00 on 4 … 30 April and 541.83 on 1 and 2 April."""
    paid = [PaidOn(date(2026, 4, 3), Decimal("540.83"))]
    assert late_fees.fee(RENT, DUE, paid, RETROACTIVE, date(2026, 4, 30)) == money.fen(
        Decimal("0.0003") * (2 * RENT + 28 * Decimal(1))
    )


@pytest.mark.parametrize("row", worked.table("late-fees", "Days that stand still"))
def test_days_that_stand_still_never_count(row: dict[str, str]) -> None:
    rent, due, paid = Decimal(row["rent"]), date.fromisoformat(row["due"]), date.fromisoformat(row["paid"])
    since, until = date.fromisoformat(row["since"]), date.fromisoformat(row["until"]) if row["until"] != "–" else None
    terms = replace(FREE, still=((since, until),))
    assert late_fees.fee_if_paid(rent, due, [], terms, paid) == Decimal(row["FREE"])
    retroactive = replace(RETROACTIVE, still=terms.still)
    assert late_fees.fee_if_paid(rent, due, [], retroactive, paid) == Decimal(row["RETROACTIVE"])


@given(first=st.integers(0, 60), length=st.integers(0, 60), on=st.integers(0, 120))
def test_a_still_day_takes_just_its_own_share(first: int, length: int, on: int) -> None:
    """With the sum before rounding: a rate of 1 makes the fee the sum of balances, a cap of 999 never binds."""
    free = FeeTerms(FeeMode.FREE, 3, Decimal(1), Decimal(999))
    since, until, day = DUE + timedelta(first), DUE + timedelta(first + length), DUE + timedelta(on)
    paid = [PaidOn(DUE + timedelta(20), Decimal(200))]
    whole = late_fees.fee(RENT, DUE, paid, free, day)
    still = late_fees.fee(RENT, DUE, paid, replace(free, still=((since, until),)), day)
    lost = [DUE + timedelta(n) for n in range(4, on + 1) if since <= DUE + timedelta(n) < until]
    assert whole - still == sum((RENT - (200 if one >= paid[0].day else 0) for one in lost), ZERO)


def test_more_paid_than_the_rent_is_nonsense() -> None:
    with pytest.raises(ValueError, match="more was paid"):
        late_fees.fee(RENT, DUE, [PaidOn(DUE, RENT + 1)], FREE, DUE)


def test_the_rate_is_clamped_to_the_yearly_cap() -> None:
    """0.12 / 365 = 0.000328767 → above 0.0003; 0.0948 / 365 = 0.00025972… is below it and floored."""
    assert late_fees.clamped_rate(Decimal("0.0003"), Decimal("0.12")) == Decimal("0.0003")
    assert late_fees.clamped_rate(Decimal("0.0003"), Decimal("0.0948")) == Decimal("0.00025972")


RENTS = st.integers(100, 1_000_000).map(money.from_cents)
TERMS = st.sampled_from([FREE, RETROACTIVE])
PARTS = st.lists(st.tuples(st.integers(-40, 500), st.integers(1, 50)), max_size=5)


def _paid(rent: Decimal, parts: list[tuple[int, int]]) -> list[PaidOn]:
    return [PaidOn(DUE + timedelta(days=day), money.floor_fen(rent * share / 250)) for day, share in parts]


def _by_day(rent: Decimal, paid: list[PaidOn], terms: FeeTerms, on: date) -> Decimal:
    """The formula day by day, as the law writes it."""

    def balance(day: date) -> Decimal:
        return rent - money.total(part.amount for part in paid if part.day <= day)

    grace_end = DUE + timedelta(days=terms.grace_days)
    if on <= grace_end or (terms.mode is FeeMode.RETROACTIVE and balance(grace_end) == 0):
        return ZERO
    day = (grace_end if terms.mode is FeeMode.FREE else DUE) + timedelta(days=1)
    summed = ZERO
    while day <= on:
        summed += balance(day)
        day += timedelta(days=1)
    return min(money.fen(terms.rate_daily * summed), money.floor_fen(terms.cap_rate * rent))


@given(RENTS, PARTS, TERMS, st.integers(-10, 800))
def test_the_closed_form_is_the_sum_over_days(
    rent: Decimal, parts: list[tuple[int, int]], terms: FeeTerms, day: int
) -> None:
    paid, on = _paid(rent, parts), DUE + timedelta(days=day)
    assert late_fees.fee(rent, DUE, paid, terms, on) == _by_day(rent, paid, terms, on)


@given(RENTS, PARTS, TERMS, st.integers(-10, 3))
def test_nothing_is_charged_within_grace(
    rent: Decimal, parts: list[tuple[int, int]], terms: FeeTerms, day: int
) -> None:
    assert late_fees.fee(rent, DUE, _paid(rent, parts), terms, DUE + timedelta(days=day)) == ZERO


@given(RENTS, PARTS, TERMS, st.integers(0, 5000))
def test_the_cap_holds_for_ever(rent: Decimal, parts: list[tuple[int, int]], terms: FeeTerms, day: int) -> None:
    fee = late_fees.fee(rent, DUE, _paid(rent, parts), terms, DUE + timedelta(days=day))
    assert ZERO <= fee <= rent * terms.cap_rate


@given(RENTS, TERMS, st.integers(0, 60), st.integers(0, 400))
def test_nothing_grows_after_the_rent_is_paid(rent: Decimal, terms: FeeTerms, paid_after: int, later: int) -> None:
    paid_on = DUE + timedelta(days=paid_after)
    paid = [PaidOn(paid_on, rent)]
    assert late_fees.fee(rent, DUE, paid, terms, paid_on + timedelta(days=later)) == late_fees.fee_if_paid(
        rent, DUE, [], terms, max(paid_on, DUE)
    ) or paid_on + timedelta(days=later) <= late_fees.last_free_day(DUE, terms)


@given(RENTS, PARTS, TERMS, st.integers(0, 60), st.integers(1, 400))
def test_money_that_is_told_late_never_raises_a_fee_and_changes_nothing_where_it_lies_already(
    rent: Decimal, parts: list[tuple[int, int]], terms: FeeTerms, day: int, after: int
) -> None:
    paid, came = _paid(rent, parts), DUE + timedelta(days=day)
    rest = rent - sum((part.amount for part in paid), ZERO)
    last = max([came, *(part.day for part in paid)]) + timedelta(days=after)
    whole = [*paid, PaidOn(last, rest)]  # covered in the end
    posted = late_fees.fee(rent, DUE, whole, terms, last)
    assert late_fees.fee_if_had(rent, DUE, whole, terms, came, rent) <= posted
    assert late_fees.fee_if_had(rent, DUE, whole, terms, last, rent) == posted
