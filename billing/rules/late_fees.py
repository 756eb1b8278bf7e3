"""The late fee of one bill (domain.md §6): a function of its rent, its due date and what was paid when.

Nothing accumulates. Days are the platform's; a payment counts from the day on which the provider received it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.rules.terms import FeeMode
from core import money
from core.money import ZERO

DAYS_A_YEAR = 365
_RATE_PLACES = 8


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """`rate_daily` of the open rent a day, at most `cap_rate` of the rent in all; nothing within the days of grace.

    `still`: spans of days that never count, each with its first day and the day on which it ended, if it did.
    """

    mode: FeeMode
    grace_days: int
    rate_daily: Decimal
    cap_rate: Decimal
    still: tuple[tuple[date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class PaidOn:
    """An amount that lowered what is open of the rent from `day` on: a payment or a reduction.

    Below zero: a payment that was taken back raised it again.
    """

    day: date
    amount: Decimal


def fee_terms(stored: Mapping[str, Any], still: Sequence[Sequence[str | None]] = ()) -> FeeTerms:
    """Of the terms of a lease as they are stored: four fields of them, for the night reads them by the ten thousand.

    `still`: its days that never count, as they are stored.
    """
    return FeeTerms(
        FeeMode(stored["late_fee_mode"]),
        stored["grace_days"],
        Decimal(stored["fee_rate_daily"]),
        Decimal(stored["fee_cap_rate"]),
        tuple((date.fromisoformat(first or ""), date.fromisoformat(end) if end else None) for first, end in still),
    )


def no_fee(terms: FeeTerms) -> FeeTerms:
    """Of an extra bill: the days of grace, and never a late fee (domain.md §8)."""
    return replace(terms, rate_daily=ZERO)


def fee(rent: Decimal, due_date: date, paid: Sequence[PaidOn], terms: FeeTerms, on: date) -> Decimal:
    """min(half-up(rate · Σ balance(d)), floor(cap · rent)), d from after grace (FREE) or after the due date to `on`.

    RETROACTIVE is 0 when nothing was open at the end of grace; what a lost dispute opens again counts from its own day.
    541.83 due 31 Mar, paid 6 Apr: FREE 4 and 5 Apr = 2 × 541.83 × 0.0003 → 0.33; RETROACTIVE 1 to 5 Apr → 0.81; paid
    3 Apr: 0. Still from 5 Apr on: the 4th alone → 0.16.
    """
    if sum((part.amount for part in paid), ZERO) > rent:
        raise ValueError("more was paid on the rent than the rent")
    grace_end = last_free_day(due_date, terms)
    if on <= grace_end:
        return ZERO
    first = grace_end + timedelta(days=1)
    if terms.mode is FeeMode.RETROACTIVE:
        was_open = sum((part.amount for part in paid if part.day <= grace_end), ZERO) < rent
        first = due_date + timedelta(days=1) if was_open else first
    sum_of_balances = _sum(rent, paid, first, on)
    for since, end in terms.still:
        last = on if end is None else min(on, end - timedelta(days=1))
        sum_of_balances -= _sum(rent, paid, max(first, since), last)
    return min(money.fen(terms.rate_daily * sum_of_balances), money.floor_fen(terms.cap_rate * rent))


def fee_if_paid(
    rent: Decimal, due_date: date, paid: Sequence[PaidOn], terms: FeeTerms, on: date, money_of: date | None = None
) -> Decimal:
    """The fee that stands once the open rent is paid on day `on`: what a page quotes and a payment posts.

    `money_of`: the day on which the money for it was received, when that was earlier.
    """
    rest = rent - sum((part.amount for part in paid), ZERO)
    return fee(rent, due_date, [*paid, PaidOn(money_of or on, rest)], terms, on)


def fee_if_had(
    rent: Decimal, due_date: date, paid: Sequence[PaidOn], terms: FeeTerms, day: date, amount: Decimal
) -> Decimal:
    """The fee of a rent that is covered by now, had `amount` come on `day` as well: what came before it counts first,
    what came later fills what was left.

    541.83 due 31 Mar, paid 20 Apr: 4 to 19 Apr → 2.60; had 541.83 come on 6 Apr: 4 and 5 Apr → 0.33.
    """
    before = [part for part in paid if part.day <= day]
    left = rent - sum((part.amount for part in before), ZERO)
    had = [*before, PaidOn(day, min(amount, left))]
    left -= had[-1].amount
    for part in sorted((part for part in paid if part.day > day), key=lambda part: part.day):
        had.append(PaidOn(part.day, min(part.amount, left)))
        left -= had[-1].amount
    return fee(rent, due_date, had, terms, max(part.day for part in had))


def last_free_day(due_date: date, terms: FeeTerms) -> date:
    """Until this day a payment costs nothing extra."""
    return due_date + timedelta(days=terms.grace_days)


def clamped_rate(rate_daily: Decimal, cap_yearly: Decimal) -> Decimal:
    """The daily rate that signing fixes: never above the yearly cap / 365, floored to eight places."""
    return min(rate_daily, most_lawful(cap_yearly))


def most_lawful(cap_yearly: Decimal) -> Decimal:
    """The highest daily rate under a yearly cap: 0.12 → 0.00032876, floored to eight places."""
    most = int(cap_yearly.scaleb(_RATE_PLACES)) // DAYS_A_YEAR
    return Decimal(most).scaleb(-_RATE_PLACES)


def _sum(rent: Decimal, paid: Sequence[PaidOn], first: date, last: date) -> Decimal:
    """Σ of what was open of the rent on each day from `first` to `last`."""
    less = sum((part.amount * _days(max(first, part.day), last) for part in paid), ZERO)
    return rent * _days(first, last) - less


def _days(first: date, last: date) -> int:
    return max(0, (last - first).days + 1)
