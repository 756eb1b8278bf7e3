"""Renting on after the last day: what a further term costs and what becomes of the buyout price (domain.md §3, §8)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.rules import schedule
from billing.rules.schedule import Period
from billing.rules.terms import LeaseTerms
from core import money
from core.money import ZERO

OWN_AT_MOST = Decimal("1.10")  # of the cash price, all rents and the last price together (domain.md §3)
RETURN_AT_MOST = Decimal("1.00")  # of the cash price, all rents and cover of a lease that ends with the return


@dataclass(frozen=True, slots=True)
class Further:
    """A further term as it would be agreed: `after` is the whole lease with it, `periods` are the new ones."""

    after: LeaseTerms
    periods: tuple[Period, ...]
    price_before: Decimal | None

    @property
    def months(self) -> int:
        return len(self.periods)

    @property
    def monthly(self) -> Decimal:
        """Rent and cover of one new period."""
        return self.after.monthly_rent + self.after.cover_monthly

    @property
    def total(self) -> Decimal:
        return self.months * self.monthly

    @property
    def price_after(self) -> Decimal | None:
        """What buying costs once all new rents are due."""
        return self.after.curve[-1] if self.after.curve else None

    @property
    def first_day(self) -> date:
        return self.periods[0].first_day

    @property
    def last_day(self) -> date:
        return self.periods[-1].last_day

    @property
    def code(self) -> str:
        """What the page sends back: other figures than the ones shown are refused."""
        parts = (self.months, self.first_day, self.after.monthly_rent, self.total, self.price_after)
        return "/".join(map(str, parts))


def rent(list_rent: Decimal, discount: Decimal) -> Decimal:
    """List rent less the plan's discount. What the customer has as a benefit is floored: 309.00 less 10 % is 278.10."""
    return list_rent - money.floor_fen(list_rent * discount)


def further(terms: LeaseTerms, start: date, months: int, discount: Decimal) -> Further:
    """`months` more on a lease of `terms` that began on `start`. ValueError for a short lease or no months.

    Numbers and anchor go on. New rents count as further rents, the premium does not grow: from the last price each new
    rent is taken off, never below zero. 5,999.00; 12 × 309.00, price_12 2,590.95; 3 × 278.10 more → price_15 1,756.65.
    """
    if terms.is_short or months < 1:
        raise ValueError("only a long lease has further months")
    first, monthly = terms.first_rent, rent(terms.first_rent, discount)
    last = terms.curve[-1] if terms.curve else ZERO
    prices = tuple(max(ZERO, last - k * monthly) for k in range(1, months + 1)) if terms.curve else ()
    total = terms.total_to_own
    if total is not None:
        total = total + months * monthly + prices[-1] - last
    after = replace(
        terms,
        months=terms.months + months,
        monthly_rent=monthly,
        total_to_own=total,
        curve=terms.curve + prices,
        anchor_months=terms.months,
        list_rent=first,
    )
    numbers = range(terms.months + 1, after.months + 1)
    periods = tuple(schedule.period(start, number) for number in numbers)
    return Further(after, periods, last if terms.curve else None)


def is_too_dear(offer: Further, agreed_so_far: Decimal) -> bool:
    """Whether the whole lease would cost more than a plan may (domain.md §3, publish guard).

    `agreed_so_far`: all rents and cover without the new term. With an option to buy the rents and the last price are
    compared, without cover, as the plan's total is.
    """
    cash = offer.after.cash_price
    if offer.after.total_to_own is not None:
        return offer.after.total_to_own > OWN_AT_MOST * cash
    return agreed_so_far + offer.total > RETURN_AT_MOST * cash
