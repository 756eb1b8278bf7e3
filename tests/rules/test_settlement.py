"""What a merchant is paid: worked examples, and that no fen is made or lost, whatever the months bring."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import postings, settlement
from billing.rules.postings import Kind, Line, Side
from billing.rules.settlement import Outcome, Parts
from core import money

ZERO = money.ZERO
AMOUNTS = st.integers(0, 10_000_000).map(money.from_cents)
PARTS = st.builds(Parts, AMOUNTS, AMOUNTS, AMOUNTS)
RATES = st.integers(0, 9999).map(lambda n: Decimal(n) / 10000)
BILL = Parts(Decimal("541.83"), Decimal("10.00"))


@pytest.mark.parametrize(
    ("gross", "refunded", "brought", "rate", "commission", "payable", "carried"),
    [
        ("1000.00", "0.00", "0.00", "0.08", "80.00", "920.00", "0.00"),
        ("551.83", "0.00", "0.00", "0.1", "55.18", "496.65", "0.00"),  # 55.183
        ("0.25", "0.00", "0.00", "0.1", "0.03", "0.22", "0.00"),  # 0.025: half up, once
        ("1000.00", "400.00", "0.00", "0.1", "60.00", "540.00", "0.00"),
        ("100.00", "551.83", "0.00", "0.1", "0.00", "0.00", "451.83"),
        ("0.00", "0.00", "451.83", "0.1", "0.00", "0.00", "451.83"),
        ("551.83", "0.00", "451.83", "0.1", "10.00", "90.00", "0.00"),
        ("551.83", "551.83", "0.00", "0.1", "0.00", "0.00", "0.00"),
    ],
)
def test_worked_examples(
    gross: str, refunded: str, brought: str, rate: str, commission: str, payable: str, carried: str
) -> None:
    found = settlement.outcome(Decimal(gross), Decimal(refunded), Decimal(brought), Decimal(rate))
    assert found == Outcome(Decimal(commission), Decimal(payable), Decimal(carried))


@given(AMOUNTS, AMOUNTS, AMOUNTS, RATES)
def test_nothing_is_made_or_lost(gross: Decimal, refunded: Decimal, brought: Decimal, rate: Decimal) -> None:
    found = settlement.outcome(gross, refunded, brought, rate)
    assert gross + found.carried_forward == refunded + brought + found.commission + found.payable
    assert min(found.commission, found.payable, found.carried_forward) >= 0
    assert not (found.carried_forward and (found.payable or found.commission))


@pytest.mark.parametrize(
    ("before", "amount", "rent", "cover", "fee"),
    [
        ("0.00", "551.83", "541.83", "10.00", "0.00"),
        ("0.00", "100.00", "90.00", "10.00", "0.00"),
        ("100.00", "100.00", "100.00", "0.00", "0.00"),
        ("4.00", "100.00", "94.00", "6.00", "0.00"),
    ],
)
def test_a_refund_takes_back_the_last_part_first(before: str, amount: str, rent: str, cover: str, fee: str) -> None:
    found = settlement.given_back(BILL, Decimal(before), Decimal(amount))
    assert found == Parts(Decimal(rent), Decimal(cover), Decimal(fee))


@given(PARTS, st.data())
def test_refunds_of_everything_take_back_every_part(laid: Parts, data: st.DataObject) -> None:
    taken, cents = [], money.to_cents(laid.total)
    before = 0
    while before < cents:
        step = data.draw(st.integers(max(1, cents // 4), cents - before)) if cents - before > cents // 4 else None
        amount = step or cents - before
        taken.append(settlement.given_back(laid, money.from_cents(before), money.from_cents(amount)))
        before += amount
    assert settlement.total(taken) == laid
    assert all(min(one.rent, one.cover, one.fee) >= 0 for one in taken)


@given(PARTS, PARTS, RATES)
def test_the_posting_balances_and_says_what_the_statement_says(came: Parts, went: Parts, rate: Decimal) -> None:
    found = settlement.outcome(came.total, went.total, ZERO, rate)
    lines = postings.settled(7, came, went, found.commission)
    assert postings.balance(lines) or not lines
    assert _credit(lines, Kind.MERCHANT_PAYABLE) == found.payable - found.carried_forward
    assert _credit(lines, Kind.COMMISSION_INCOME) == found.commission
    assert _credit(lines, Kind.RENT_INCOME) == went.rent - came.rent


def test_paying_out_empties_the_merchants_account() -> None:
    lines = postings.settled(7, BILL, Parts(), Decimal("55.18")) + postings.paid_out(7, "bank", Decimal("496.65"))
    assert postings.balance(lines)
    assert _credit(lines, Kind.MERCHANT_PAYABLE) == 0
    assert _credit(lines, Kind.CLEARING) == Decimal("496.65")


def test_the_month_before_is_the_whole_one() -> None:
    assert settlement.month_before(date(2026, 3, 1)) == date(2026, 2, 1)
    assert settlement.month_before(date(2026, 1, 31)) == date(2025, 12, 1)


def _credit(lines: list[Line], kind: Kind) -> Decimal:
    """Credits less debits."""
    of_kind = [line for line in lines if line.account.kind is kind]
    return sum((line.amount if line.side is Side.CREDIT else -line.amount for line in of_kind), ZERO)
