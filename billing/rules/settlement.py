"""What a merchant is paid for a month: what came in on his leases' bills less what was given back, less commission.

Cash basis. Amounts are never negative: what came in and what went back stand apart, and a month that ends below zero
pays nothing and carries the debt into the next statement.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import calendar, money


@dataclass(frozen=True, slots=True)
class Parts:
    """Money by what it was paid for."""

    rent: Decimal = money.ZERO
    cover: Decimal = money.ZERO
    fee: Decimal = money.ZERO

    @property
    def total(self) -> Decimal:
        return self.rent + self.cover + self.fee


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a month comes to; of payable and carried_forward at least one is zero."""

    commission: Decimal
    payable: Decimal
    carried_forward: Decimal


def total(rows: Iterable[Parts]) -> Parts:
    listed = list(rows)
    return Parts(
        money.total(row.rent for row in listed),
        money.total(row.cover for row in listed),
        money.total(row.fee for row in listed),
    )


def outcome(gross: Decimal, refunded: Decimal, brought_forward: Decimal, commission_rate: Decimal) -> Outcome:
    """Commission is taken on what is left after refunds and the debt brought forward, rounded once.

    1,000.00 at 8 %: commission 80.00, payable 920.00. 100.00 less 551.83 refunded: nothing payable, 451.83 carried.
    """
    net = gross - refunded - brought_forward
    if net < 0:
        return Outcome(money.ZERO, money.ZERO, -net)
    commission = money.fen(net * commission_rate)
    return Outcome(commission, net - commission, money.ZERO)


def given_back(laid: Parts, before: Decimal, amount: Decimal) -> Parts:
    """Of which parts a refund takes back money that was laid on bills: the reverse of how it was laid.

    Late fee first, then cover, then rent; `before` was given back earlier. 551.83 = 541.83 rent + 10.00 cover: the
    first 100.00 back are 10.00 cover and 90.00 rent, the next 100.00 are rent.
    """
    fee = _overlap(before, amount, money.ZERO, laid.fee)
    cover = _overlap(before, amount, laid.fee, laid.cover)
    return Parts(amount - fee - cover, cover, fee)


def month_before(on: date) -> date:
    """The first day of the month before the one of day `on`."""
    return calendar.add_months(on.replace(day=1), -1)


def _overlap(start: Decimal, length: Decimal, other_start: Decimal, other_length: Decimal) -> Decimal:
    """How much of two stretches lies one on the other."""
    common = min(start + length, other_start + other_length) - max(start, other_start)
    return max(money.ZERO, common)
