"""What a device costs that is kept past its return day: summed exactly, billed by the week (domain.md §8).

The cap is given: the last buyout price where there is one, else what the device was worth on the last day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.rules.terms import LeaseTerms
from core import money
from core.money import ZERO

WEEK = 7


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that one bill is for, both counted."""

    first: date
    last: date
    amount: Decimal


def first_day(terms: LeaseTerms, last_day: date) -> date:
    """The first day that costs: the one after the return window; of a short rental the one after its last.

    Last day 1 June, window 3 days: 5 June.
    """
    return last_day + timedelta(days=terms.return_window_days + 1)


def of_days(terms: LeaseTerms, cap: Decimal, days: int) -> Decimal:
    """Of so many days together, never above the cap. 309.00: 10.16 for one day, 71.11 for seven, not 71.12."""
    return money.exact(min(cap, terms.rent_of_days(days)))


def days_to_cap(terms: LeaseTerms, cap: Decimal) -> int:
    """The first day on which the sum is the cap; 0 where the cap is nothing."""
    low, high = 0, 1
    while terms.rent_of_days(high) < cap:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if terms.rent_of_days(middle) >= cap else (middle + 1, high)
    return low


def stretches(terms: LeaseTerms, cap: Decimal, first: date, billed: int, kept: int, *, is_over: bool) -> list[Stretch]:
    """What is to be billed after the first `billed` days, `kept` of which are past: whole weeks.

    The rest of a week too when `is_over` (the carrier has it, the device is given up) or the cap is reached.
    """
    end = days_to_cap(terms, cap)
    days = min(kept, end)
    if not is_over and days < end:
        days -= days % WEEK
    found = []
    while billed < days:
        upto = min(days, billed + WEEK - billed % WEEK)
        amount = of_days(terms, cap, upto) - of_days(terms, cap, billed)
        if amount > ZERO:
            found.append(Stretch(first + timedelta(days=billed), first + timedelta(days=upto - 1), amount))
        billed = upto
    return found
