"""The publish guard: what stands against offering a plan, in figures (domain.md §3; capabilities.md L1).

There is no exception path: a plan with one objection is not published.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from catalog.rules import pricing, shorts
from core import money

PRICE_HOLDS = timedelta(days=90)
LPR_TIMES = 4
OWN_AT_MOST = Decimal("1.10")  # of the cash price
RETURN_AT_MOST = Decimal("1.00")
DEPOSIT_FROM, DEPOSIT_TO = Decimal("0.30"), Decimal("1.00")
MOST_EARLY_RETURN_MONTHS = 2
SHORT_AT_MOST = Decimal("0.35")  # of the cash price, for 30 days
SHORT_MEASURE_DAYS = 30


class LeaseModel(StrEnum):
    RETURN_ONLY = "RETURN_ONLY"
    OPTION_TO_BUY = "OPTION_TO_BUY"
    RENT_TO_OWN = "RENT_TO_OWN"


@dataclass(frozen=True, slots=True)
class TermFigures:
    """One choice of months. `total_to_own` is all rents and the last buyout price; None for RETURN_ONLY."""

    months: int
    monthly_rent: Decimal
    total_to_own: Decimal | None


@dataclass(frozen=True, slots=True)
class ShortFigures:
    """A plan by the day: its multiples (days → amount) and the most days of one rental, None where not stated."""

    multiples: dict[int, Decimal]
    most_days: int | None


@dataclass(frozen=True, slots=True)
class Peer:
    """Another published plan of the merchant, for the deposit's order."""

    label: str
    signed_value: Decimal
    deposit: Decimal


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """A plan as it would be published. `cover_monthly` is the compulsory cover, 0 when it may be left out.

    `cash_price` and its day are the latest an operator set; `lpr_yearly` the lending rate of the day; None: none known.
    """

    lease_model: LeaseModel
    signed_value: Decimal
    deposit_rate: Decimal
    cover_monthly: Decimal
    early_return_months: int
    terms: tuple[TermFigures, ...]
    cash_price: Decimal | None
    cash_price_as_of: date | None
    lpr_yearly: Decimal | None
    peers: tuple[Peer, ...] = ()
    short: ShortFigures | None = None
    cover_offered: bool = False


@dataclass(frozen=True, slots=True)
class Objection:
    """A stable code and the figures that its sentence names."""

    code: str
    params: dict[str, object]


def objections(plan: PlanFigures, on: date) -> list[Objection]:
    """Everything that stands against publishing `plan` on day `on`; empty: it may be published."""
    found = list(_against_plan(plan, on))
    if plan.cash_price is not None:
        for term in plan.terms:
            found.extend(_against_term(plan, term, plan.cash_price))
    if plan.short is not None:
        found.extend(_against_short(plan, plan.short))
    return found


def _against_plan(plan: PlanFigures, on: date) -> Iterator[Objection]:
    if not plan.terms and plan.short is None:
        yield _objection("no_terms")
    if plan.cash_price is None or plan.cash_price_as_of is None:
        yield _objection("no_cash_price")
    else:
        if not timedelta(0) <= on - plan.cash_price_as_of <= PRICE_HOLDS:
            yield _objection("cash_price_old", as_of=plan.cash_price_as_of, days=PRICE_HOLDS.days)
        if plan.signed_value > plan.cash_price:
            yield _objection("signed_value_high", signed_value=plan.signed_value, cash_price=plan.cash_price)
    if plan.signed_value <= 0:
        yield _objection("signed_value_zero")
    if not DEPOSIT_FROM <= plan.deposit_rate <= DEPOSIT_TO:
        yield _objection("deposit_rate", rate=plan.deposit_rate, least=DEPOSIT_FROM, most=DEPOSIT_TO)
    if plan.early_return_months > MOST_EARLY_RETURN_MONTHS:
        yield _objection("early_return", months=plan.early_return_months, most=MOST_EARLY_RETURN_MONTHS)
    if plan.lease_model is not LeaseModel.RETURN_ONLY and plan.lpr_yearly is None:
        yield _objection("no_lending_rate")
    yield from _deposit_order(plan)


def _against_short(plan: PlanFigures, short: ShortFigures) -> Iterator[Objection]:
    """Days or months; returned at the end, without cover, at prices that no month of it makes dear."""
    if plan.terms:
        yield _objection("short_and_long")
    if plan.lease_model is not LeaseModel.RETURN_ONLY:
        yield _objection("short_owned")
    if plan.cover_offered:
        yield _objection("short_cover")
    if 1 not in short.multiples:
        yield _objection("short_no_day")
    elif plan.cash_price is not None:
        yield from _against_days(short, plan.cash_price)


def _against_days(short: ShortFigures, cash_price: Decimal) -> Iterator[Objection]:
    if short.most_days is None:
        yield _objection("short_no_most")
    for days, share in ((SHORT_MEASURE_DAYS, SHORT_AT_MOST), (short.most_days or 1, RETURN_AT_MOST)):
        price, most = shorts.price(short.multiples, days).amount, money.floor_fen(share * cash_price)
        if price > most:
            yield _objection("short_dear", days=days, price=price, most=most, cash_price=cash_price)


def _deposit_order(plan: PlanFigures) -> Iterator[Objection]:
    """Never lower for a higher value (L1); a longer term has the same deposit by construction."""
    mine = pricing.deposit(plan.signed_value, plan.deposit_rate)
    for peer in plan.peers:
        dearer_for_less = peer.signed_value < plan.signed_value and peer.deposit > mine
        cheaper_for_more = peer.signed_value > plan.signed_value and peer.deposit < mine
        if dearer_for_less or cheaper_for_more:
            yield _objection(
                "deposit_order",
                deposit=mine,
                signed_value=plan.signed_value,
                other=peer.label,
                other_deposit=peer.deposit,
                other_value=peer.signed_value,
            )


def _against_term(plan: PlanFigures, term: TermFigures, cash_price: Decimal) -> Iterator[Objection]:
    if plan.lease_model is LeaseModel.RETURN_ONLY:
        yield from _against_return(plan, term, cash_price)
    elif term.total_to_own is None:
        yield _objection("no_total_to_own", months=term.months)
    else:
        yield from _against_owning(plan, term, term.total_to_own, cash_price)


def _against_return(plan: PlanFigures, term: TermFigures, cash_price: Decimal) -> Iterator[Objection]:
    if term.total_to_own is not None:
        yield _objection("total_to_own_stated", months=term.months)
    total = term.months * (term.monthly_rent + plan.cover_monthly)
    most = money.floor_fen(RETURN_AT_MOST * cash_price)
    if total > most:
        yield _objection("return_dear", months=term.months, total=total, most=most, cash_price=cash_price)


def _against_owning(
    plan: PlanFigures, term: TermFigures, total_to_own: Decimal, cash_price: Decimal
) -> Iterator[Objection]:
    rents = term.months * term.monthly_rent
    if plan.lease_model is LeaseModel.RENT_TO_OWN and total_to_own != rents:
        yield _objection("rents_are_not_the_total", months=term.months, rents=rents, total=total_to_own)
    if total_to_own < rents:
        yield _objection("total_below_rents", months=term.months, rents=rents, total=total_to_own)
        return
    if total_to_own - cash_price > rents:
        yield _objection("price_rises", months=term.months, premium=total_to_own - cash_price, rents=rents)
    total = total_to_own + term.months * plan.cover_monthly
    most = money.floor_fen(OWN_AT_MOST * cash_price)
    if total > most:
        yield _objection("own_dear", months=term.months, total=total, most=most, cash_price=cash_price)
    if plan.lpr_yearly is not None:
        yield from _against_cost(plan, term, total_to_own - rents, cash_price, LPR_TIMES * plan.lpr_yearly)


def _against_cost(
    plan: PlanFigures, term: TermFigures, last_price: Decimal, cash_price: Decimal, cap: Decimal
) -> Iterator[Objection]:
    """Σ cf_t / (1 + cap/12)^t ≤ cash price, compared unrounded."""
    instalment = term.monthly_rent + plan.cover_monthly
    flows = pricing.cash_flows(term.months, instalment, last_price)
    worth = pricing.present_value(flows, cap / pricing.MONTHS_A_YEAR)
    if worth > cash_price:
        yield _objection(
            "cost_high",
            months=term.months,
            cap=cap,
            worth=money.fen(worth),
            cash_price=cash_price,
            last_price=last_price,
            most=pricing.highest_last_price(cash_price, term.months, instalment, cap),
        )


def _objection(code: str, **params: object) -> Objection:
    return Objection(code, params)
