"""What it takes to end a running lease on a day: buying the device, or sending it back early (domain.md §8)."""

from dataclasses import dataclass
from decimal import Decimal

from billing.rules.late_fees import DAYS_A_YEAR
from billing.rules.terms import LeaseTerms
from core import money
from core.money import ZERO

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Position:
    """A lease on a day. `period` is k: how many of its n bills are due on or before the day.

    `owed`: unpaid rent and cover of bills 1 … k; `fees`: their late fees if paid that day; `prepaid`: what was paid on
    bills k + 1 … n; `credit`: money received and laid on nothing; `kept`: day rent billed after the last day.
    """

    period: int
    owed: Decimal
    fees: Decimal
    prepaid: Decimal
    credit: Decimal
    kept: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payoff:
    """price + owed + fees − prepaid − credit, as `to_pay` or, when more was paid than is asked, as `given_back`."""

    price: Decimal
    owed: Decimal
    fees: Decimal
    prepaid: Decimal
    credit: Decimal

    @property
    def to_pay(self) -> Decimal:
        return max(ZERO, self._asked - self._had)

    @property
    def given_back(self) -> Decimal:
        return max(ZERO, self._had - self._asked)

    @property
    def _asked(self) -> Decimal:
        return self.price + self.owed + self.fees

    @property
    def _had(self) -> Decimal:
        return self.prepaid + self.credit


def buyout(terms: LeaseTerms, position: Position) -> Payoff:
    """Owning the device from that day on; later bills fall away. ValueError when the lease gives no such right.

    5,999.00; 12 × 309.00; total 6,388.00, bill 6 just due and open: price_6 = 5,999 + 389 / 2 − 1,854 = 4,339.50, with
    the rent of 309.00 that is 4,648.50. Day rent counts towards the price, so that all of it together is never more.
    """
    if not terms.curve:
        raise ValueError("this lease ends with the return of the device")
    return _payoff(max(ZERO, terms.curve[_period(terms, position) - 1] - position.kept), position)


def early_return(terms: LeaseTerms, position: Position) -> Payoff:
    """Sending it back that day: min(remaining rent, months of rent agreed); the period that runs is not given back.

    309.00, one month agreed: 309.00 in every period but the last, in which nothing is left to charge.
    """
    left = (terms.periods - _period(terms, position)) * terms.monthly_rent
    return _payoff(min(left, terms.early_return_months * terms.monthly_rent), position)


def on_demand(position: Position) -> Payoff:
    """Sending it back after a demand letter, or paying what the letter asks: what is due, and nothing beyond.

    Bills 1 to 5 due, two of 309.00 open with a late fee of 1.20: 618.00 + 1.20, whatever is left of the term.
    """
    return _payoff(ZERO, position)


def swap(terms: LeaseTerms, position: Position, months: int) -> Payoff:
    """Sending it back that day for another device of `months`: as an early return, and nothing where the new term is
    not shorter than what is left of this one.

    309.00, 7 of 12 periods left: 309.00 for a new term of 6 months, 0.00 for one of 12.
    """
    left = terms.periods - _period(terms, position)
    return _payoff(ZERO, position) if months >= left else early_return(terms, position)


def change_of_mind(terms: LeaseTerms, days: int, paid: Decimal, credit: Decimal) -> Payoff:
    """Sending it back in the first days: day rent of `days` (receipt to scan, both counted), the rest of `paid` back.

    309.00 × 12 / 365 × 3 days = 30.476… → 30.48.
    """
    if days < 1:
        raise ValueError("the day of receipt counts")
    rent = money.fen(terms.monthly_rent * MONTHS_A_YEAR * days / DAYS_A_YEAR)
    return Payoff(rent, ZERO, ZERO, paid, credit)


def not_as_agreed(paid: Decimal, days: int, used: int) -> Payoff:
    """Sending a short rental back because it does not work: of `paid`, spread over its `days`, the `used` ones stay.

    398.00 for 3 days, 1 used: 132.67 stays, 265.33 goes back.
    """
    if not 0 <= used <= days:
        raise ValueError(f"{used} days used of {days}")
    return Payoff(money.total(money.split(paid, days)[:used]), ZERO, ZERO, paid, ZERO)


def saved_by_buying_now(terms: LeaseTerms, period: int) -> Decimal:
    """How much less owning costs in all when bought in `period` than after the last one; rents, cover and price."""
    later = (terms.months - period) * (terms.monthly_rent + terms.cover_monthly) + terms.curve[-1]
    return max(ZERO, later - terms.curve[period - 1])


def _payoff(price: Decimal, position: Position) -> Payoff:
    return Payoff(price, position.owed, position.fees, position.prepaid, position.credit)


def _period(terms: LeaseTerms, position: Position) -> int:
    if not 1 <= position.period <= terms.periods:
        raise ValueError(f"period {position.period} of {terms.periods}")
    return position.period
