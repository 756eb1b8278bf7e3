"""Every event of money balances, and a lease's life leaves the accounts where people would expect them."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import postings
from billing.rules.postings import Account, Billed, Kind, Line, Side
from core import money

LI = 7
AMOUNTS = st.integers(0, 10_000_000).map(money.from_cents)
ABOVE_ZERO = st.integers(1, 10_000_000).map(money.from_cents)
BILL = Billed(rent=Decimal("309.00"), cover=Decimal("9.00"), fee=Decimal("0.00"))


def standings(lines: Iterable[Line]) -> dict[Kind, Decimal]:
    """Debits less credits per kind, zeros left out."""
    sums: dict[Kind, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.account.kind] += line.amount if line.side is Side.DEBIT else -line.amount
    return {kind: amount for kind, amount in sums.items() if amount}


@given(ABOVE_ZERO, AMOUNTS, AMOUNTS)
def test_every_event_balances(rent: Decimal, cover: Decimal, fee: Decimal) -> None:
    bill = Billed(rent, cover, fee)
    for lines in (
        postings.billed(LI, bill),
        postings.unbilled(LI, bill),
        postings.fee_charged(LI, rent),
        postings.received(LI, "alipay", rent, cover),
        postings.received(LI, "alipay", cover, rent),
        postings.refund_intended(LI, rent, Kind.RECEIVABLE),
        postings.refund_intended(LI, rent, Kind.CREDIT),
        postings.refund_paid("alipay", rent),
    ):
        assert postings.balance(lines)


def test_a_paid_bill_leaves_money_in_the_channel_and_income() -> None:
    lines = postings.billed(LI, BILL) + postings.received(LI, "alipay", Decimal("318.00"), Decimal("0.00"))
    assert standings(lines) == {
        Kind.CLEARING: Decimal("318.00"),
        Kind.RENT_INCOME: Decimal("-309.00"),
        Kind.COVER_INCOME: Decimal("-9.00"),
    }


def test_a_cancelled_and_refunded_bill_leaves_nothing() -> None:
    paid = Decimal("318.00")
    lines = [
        *postings.billed(LI, BILL),
        *postings.received(LI, "alipay", paid, Decimal("0.00")),
        *postings.unbilled(LI, BILL),
        *postings.refund_intended(LI, paid, Kind.RECEIVABLE),
        *postings.refund_paid("alipay", paid),
    ]
    assert standings(lines) == {}


def test_money_beyond_the_bills_is_the_customers_credit_until_it_goes_back() -> None:
    lines = postings.received(LI, "alipay", Decimal("0.00"), Decimal("50.00"))
    assert standings(lines) == {Kind.CLEARING: Decimal("50.00"), Kind.CREDIT: Decimal("-50.00")}
    lines += postings.refund_intended(LI, Decimal("50.00"), Kind.CREDIT)
    assert standings(lines) == {Kind.CLEARING: Decimal("50.00"), Kind.REFUNDS_PAYABLE: Decimal("-50.00")}


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [postings.debit(Account(Kind.RENT_INCOME), Decimal(1))],
        [postings.debit(Account(Kind.RENT_INCOME), Decimal(1)), postings.credit(Account(Kind.FEE_INCOME), Decimal(2))],
        [postings.debit(Account(Kind.RENT_INCOME), Decimal(0)), postings.credit(Account(Kind.FEE_INCOME), Decimal(0))],
    ],
)
def test_what_does_not_balance_is_seen(lines: list[Line]) -> None:
    assert not postings.balance(lines)
