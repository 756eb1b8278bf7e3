"""The trial balance as the desk shows it: each account's sums, its balance on one side, and both totals."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import LedgerAccount
from billing.rules.postings import Side
from billing.services import ledger
from billing.services.ledger import Standing
from core import money


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of account, one channel; of `debit` and `credit` one is the balance, the other None."""

    account: LedgerAccount
    debits: Decimal
    credits: Decimal
    debit: Decimal | None
    credit: Decimal | None


@dataclass(frozen=True, slots=True)
class Trial:
    rows: list[Row]
    debits: Decimal
    credits: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def is_even(self) -> bool:
        return (self.debits, self.debit) == (self.credits, self.credit)


def balance(on: date) -> Trial:
    """With all entries up to and including day `on`, in one query."""
    rows = [row(standing) for standing in ledger.trial_balance(on)]
    return Trial(
        rows,
        money.total(one.debits for one in rows),
        money.total(one.credits for one in rows),
        money.total(one.debit or money.ZERO for one in rows),
        money.total(one.credit or money.ZERO for one in rows),
    )


def row(standing: Standing) -> Row:
    """A standing with its balance on its side; none when both sums are the same."""
    left = standing.amount or None
    on_debit = standing.side is Side.DEBIT
    return Row(
        standing.account, standing.debits, standing.credits, left if on_debit else None, None if on_debit else left
    )
