"""What a lease costs: deposit, buyout price of every period, totals and yearly cost (domain.md §3).

Amounts are yuan with two places. Rents are paid in advance, at t = 0 … n − 1 months; the buyout price at t = n.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from core import money
from core.money import ZERO

MONTHS_A_YEAR = 12
_DIGITS = 50  # of the working precision; the figures shown have six places
_STEPS = 60  # bisections: 2^-60 of a monthly rate is far below the sixth place
_DEAREST_MONTHLY = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What an offer, a checkout and an agreement must show. The yearly costs are ratios; None where one only returns.

    `total_to_return` = Σ (rent + cover); `total_to_own` = that and the last buyout price; `extra` is what owning in
    this way costs above the cash price (negative: less).
    """

    total_to_return: Decimal
    total_to_own: Decimal | None
    cash_price: Decimal
    extra: Decimal | None
    cost_simple_yearly: Decimal | None
    cost_effective_yearly: Decimal | None


@dataclass(frozen=True, slots=True)
class YearlyCost:
    """12·m and (1 + m)^12 − 1 of a monthly rate m, to the sixth place."""

    simple: Decimal
    effective: Decimal


def deposit(signed_value: Decimal, rate: Decimal) -> Decimal:
    """D after a passing decision; D_full is the whole signed value."""
    return money.fen(signed_value * rate)


def buyout_price(cash_price: Decimal, total_to_own: Decimal, months: int, monthly_rent: Decimal, k: int) -> Decimal:
    """The price at the end of period `k`, floored to the fen and never below zero.

    `total_to_own` is all list rents and the last buyout price, without cover. 9,999; 12 × 541.83; 12,798.06: price_1 =
    9,999 + 2,799.06 / 12 − 541.83 = 9,690.425 → 9,690.42.
    """
    if not 0 <= k <= months:
        raise ValueError(f"period {k} of {months}")
    premium = total_to_own - cash_price
    return money.floor_fen(max(ZERO, cash_price + premium * k / months - k * monthly_rent))


def curve(cash_price: Decimal, total_to_own: Decimal, months: int, monthly_rent: Decimal) -> list[Decimal]:
    """The buyout prices of periods 1 … n."""
    return [buyout_price(cash_price, total_to_own, months, monthly_rent, k) for k in range(1, months + 1)]


def disclose(
    cash_price: Decimal,
    months: int,
    monthly_rent: Decimal,
    cover_monthly: Decimal,
    total_to_own: Decimal | None,
    chosen_cover: Decimal = ZERO,
) -> Disclosure:
    """The figures of one term. `total_to_own` None: return only.

    `cover_monthly` is compulsory; `chosen_cover`, also monthly, is what this customer takes of his own will: it is in
    the totals, and not in the yearly cost, which counts what nobody can leave out (domain.md §3).
    """
    instalment = monthly_rent + cover_monthly
    total_to_return = months * (instalment + chosen_cover)
    if total_to_own is None:
        return Disclosure(total_to_return, None, cash_price, None, None, None)
    last_price = buyout_price(cash_price, total_to_own, months, monthly_rent, months)
    flows = cash_flows(months, instalment, last_price)
    cost = _yearly(monthly_cost(cash_price, flows))
    total = total_to_return + last_price
    return Disclosure(total_to_return, total, cash_price, total - cash_price, cost.simple, cost.effective)


def cost_with_deposit(
    cash_price: Decimal, months: int, instalment: Decimal, last_price: Decimal, deposit: Decimal
) -> YearlyCost | None:
    """The second yearly cost: of one who pays `deposit` with the first rent and has it back at t = n, without interest.

    None where the first payment leaves at most one more rent of the cash price open: what is owed for less than a month
    has no cost by the year. 9,999; 12 × 541.83; 6,296.10 at the end; 800.00 paid: 39.5 % instead of 35.6 %.
    """
    first, *rents, last = cash_flows(months, instalment, last_price)
    if cash_price - first - deposit <= instalment:
        return None
    return _yearly(monthly_cost(cash_price, [first + deposit, *rents, last - deposit]))


def lowered(rent: Decimal, off_percent: int) -> Decimal:
    """A grade's rent: the plan's rent less `off_percent`, half up to the fen. Never above the plan's."""
    if not 0 <= off_percent <= 50:
        raise ValueError(f"a grade takes from 0 to 50 percent off: {off_percent}")
    return money.fen(rent * (100 - off_percent) / 100)


def cash_flows(months: int, instalment: Decimal, last_price: Decimal) -> list[Decimal]:
    """What the customer pays at t = 0 … n."""
    return [instalment] * months + [last_price]


def present_value(flows: list[Decimal], rate_monthly: Decimal) -> Decimal:
    """Σ cf_t / (1 + rate)^t, unrounded."""
    with localcontext(prec=_DIGITS):
        factor, value = 1 + rate_monthly, Decimal(0)
        for flow in reversed(flows):
            value = value / factor + flow
        return value


def monthly_cost(cash_price: Decimal, flows: list[Decimal]) -> Decimal:
    """The monthly rate at which `flows` are worth the cash price; 0 when they come to no more than it.

    The last flow alone may be negative (a deposit that comes back): while the first one is below the cash price and
    the sum above it, the present value passes the cash price once. ValueError when the first payment alone is the
    cash price: no rate says what that costs.
    """
    if flows[0] >= cash_price:
        raise ValueError("the first payment is not below the cash price")
    if sum(flows) <= cash_price:
        return Decimal(0)
    with localcontext(prec=_DIGITS):
        low, high = Decimal(0), Decimal(1)
        while present_value(flows, high) > cash_price:
            if high > _DEAREST_MONTHLY:
                raise ValueError("no yearly cost can be told")
            low, high = high, high * 2
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if present_value(flows, middle) > cash_price else (low, middle)
        return high


def highest_last_price(cash_price: Decimal, months: int, instalment: Decimal, cap_yearly: Decimal) -> Decimal:
    """The largest last buyout price whose yearly cost stays within the cap; zero when the rents alone are above it.

    6,000 with 12 × 350 at 12 %: 2,277.68.
    """
    rate = cap_yearly / MONTHS_A_YEAR
    with localcontext(prec=_DIGITS):
        left = cash_price - present_value([instalment] * months, rate)
        return money.floor_fen(max(ZERO, left * (1 + rate) ** months))


def _yearly(monthly: Decimal) -> YearlyCost:
    return YearlyCost(_millionths(MONTHS_A_YEAR * monthly), _millionths((1 + monthly) ** MONTHS_A_YEAR - 1))


def _millionths(share: Decimal) -> Decimal:
    return Decimal(money.whole(share.scaleb(6))).scaleb(-6)
