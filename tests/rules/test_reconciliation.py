"""Every line of a statement ends once, and every kind of error is called by its name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.rules.reconciliation import Booked, Difference, Kind, Outcome, Told, match

ENDS = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
NOON = ENDS - timedelta(hours=12)


def payment(key: int, amount: str = "309.00", at: datetime = NOON) -> Booked:
    return Booked(key, f"T{key}", f"P{key}", "", Decimal(amount), at)


def refund(key: int, of: int, amount: str = "100.00", at: datetime = NOON) -> Booked:
    return Booked(key, f"T{of}", f"P{of}", f"R{key}", Decimal(amount), at)


def line(row: Booked, key: int = 0) -> Told:
    return Told(key or row.key, row.trade_no, row.number, row.refund_no, row.amount)


def kinds(outcome: Outcome) -> list[Kind]:
    return [one.kind for one in outcome.differences]


def test_a_day_that_agrees_is_all_matches() -> None:
    rows = [payment(1), payment(2), refund(3, of=1)]
    outcome = match([line(row) for row in rows], rows, ENDS)
    assert [(told.key, row.key) for told, row in outcome.matches] == [(1, 1), (2, 2), (3, 3)]
    assert outcome.differences == ()


def test_each_kind_of_error_has_its_name() -> None:
    one, back = payment(1), refund(2, of=1)
    assert kinds(match([], [one], ENDS)) == [Kind.MISSING_THERE]
    assert kinds(match([line(one)], [], ENDS)) == [Kind.MISSING_HERE]
    assert kinds(match([replace(line(one), amount=Decimal("309.01"))], [one], ENDS)) == [Kind.AMOUNT]
    assert kinds(match([line(one), line(one, key=2)], [one], ENDS)) == [Kind.TWICE]
    assert kinds(match([replace(line(one), number="P9")], [one], ENDS)) == [Kind.NUMBER]
    assert kinds(match([replace(line(one), trade_no="T9")], [one], ENDS)) == [Kind.NUMBER]
    assert kinds(match([replace(line(back), refund_no="R9")], [back], ENDS)) == [Kind.NUMBER]
    assert kinds(match([replace(line(back), number="P9")], [back], ENDS)) == [Kind.NUMBER]


def test_a_wrong_number_never_takes_the_place_of_a_right_one() -> None:
    one, two = refund(1, of=7), refund(2, of=7)
    wrong = replace(line(one), refund_no="R9")
    outcome = match([wrong, line(two, key=2)], [one, two], ENDS)
    assert [(told.key, row) for told, row in outcome.matches] == [(2, two)]
    assert outcome.differences == (Difference(Kind.NUMBER, wrong, one),)


def test_the_last_minutes_of_a_day_may_stand_on_the_next_statement() -> None:
    late = payment(1, at=ENDS - timedelta(minutes=9))
    assert match([], [late], ENDS) == Outcome((), ())
    assert kinds(match([], [late], ENDS + timedelta(days=1))) == [Kind.MISSING_THERE]
    early = payment(1, at=ENDS + timedelta(seconds=1))  # theirs before midnight, ours after it
    assert match([line(early)], [early], ENDS).matches == ((line(early), early),)


def test_what_an_earlier_line_was_is_on_the_statement_twice() -> None:
    known = replace(payment(1), accounted=True)
    assert kinds(match([line(known)], [known], ENDS)) == [Kind.TWICE]
    assert kinds(match([], [known, replace(payment(2), reported=True)], ENDS)) == []


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 3)), max_size=12),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 3)), max_size=12),
    st.booleans(),
)
def test_every_line_ends_once_and_so_does_what_was_booked(
    told: list[tuple[int, int, int]], booked: list[tuple[int, int, int]], back: bool
) -> None:
    def numbers(trade: int, number: int) -> tuple[str, str, str]:
        return f"T{trade}", f"P{number}", f"R{number}" if back else ""

    lines = [Told(k, *numbers(t, n), Decimal(a)) for k, (t, n, a) in enumerate(told)]
    rows = [Booked(k, *numbers(t, n), Decimal(a), NOON) for k, (t, n, a) in enumerate(booked)]
    outcome = match(lines, rows, ENDS)
    ended = [one.key for one, _row in outcome.matches] + [one.line.key for one in outcome.differences if one.line]
    assert sorted(ended) == list(range(len(lines)))
    matched = [row.key for _line, row in outcome.matches]
    assert len(matched) == len(set(matched))
    spoken = {*matched, *(one.booked.key for one in outcome.differences if one.booked)}
    assert spoken == set(range(len(rows)))
    for one, row in outcome.matches:
        assert (one.trade_no, one.number, one.refund_no, one.amount) == (
            row.trade_no, row.number, row.refund_no, row.amount,
        )  # fmt: skip
