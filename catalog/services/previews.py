"""What a plan would cost its customers, before it is published: the figures that the offer will disclose."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.models import LeasePlan
from catalog.rules import pricing, publishing, shorts
from catalog.rules.pricing import Disclosure
from catalog.rules.publishing import PlanFigures
from catalog.rules.shorts import Price
from catalog.services import plans
from catalog.services.plans import Drawn

LENGTHS = (1, 2, 3, 5, 7, 10, 14, publishing.SHORT_MEASURE_DAYS)


@dataclass(frozen=True, slots=True)
class Preview:
    """One choice of months. `disclosure` is None while a figure is missing or beyond sense; the guard says which."""

    months: int
    monthly_rent: Decimal
    cover_monthly: Decimal
    disclosure: Disclosure | None
    last_price: Decimal | None

    @property
    def extra(self) -> Decimal | None:
        """How far owning lies from the cash price, in either direction."""
        found = self.disclosure.extra if self.disclosure else None
        return None if found is None else abs(found)

    @property
    def extra_is_below(self) -> bool:
        return bool(self.disclosure and self.disclosure.extra is not None and self.disclosure.extra < 0)


@dataclass(frozen=True, slots=True)
class DaysPreview:
    """What so many days would cost, in which parts."""

    days: int
    price: Price


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """All terms of a plan on a day; `cash_price` as fixed by publishing, or the latest one for a draft."""

    cash_price: Decimal | None
    cash_price_as_of: date | None
    deposit: Decimal
    cost_cap: Decimal | None
    terms: tuple[Preview, ...]
    by_days: tuple[DaysPreview, ...] = ()


def of(plan: LeasePlan, on: date, drawn: Drawn | None = None) -> PlanPreview:
    """The plan as a customer would see it on day `on`; `drawn`: its choices as somebody types them."""
    figures = plans.figures_of(plan, on, drawn)
    price = plan.cash_price if plan.cash_price is not None else figures.cash_price
    return PlanPreview(
        cash_price=price,
        cash_price_as_of=plan.cash_price_as_of or figures.cash_price_as_of,
        deposit=pricing.deposit(plan.signed_value, plan.deposit_rate),
        cost_cap=None if figures.lpr_yearly is None else publishing.LPR_TIMES * figures.lpr_yearly,
        terms=tuple(_term(figures, i, price) for i in range(len(figures.terms))),
        by_days=_by_days(figures),
    )


def _by_days(figures: PlanFigures) -> tuple[DaysPreview, ...]:
    """Some lengths, the measured 30 days and the longest among them."""
    if figures.short is None or not figures.short.multiples:
        return ()
    shown = {*LENGTHS, *figures.short.multiples, figures.short.most_days or 1}
    return tuple(DaysPreview(days, shorts.price(figures.short.multiples, days)) for days in sorted(shown))


def _term(figures: PlanFigures, i: int, price: Decimal | None) -> Preview:
    term, cover = figures.terms[i], figures.cover_monthly
    try:
        if price is None:
            raise ValueError("no cash price")
        told = pricing.disclose(price, term.months, term.monthly_rent, cover, term.total_to_own)
    except ValueError:
        return Preview(term.months, term.monthly_rent, cover, None, None)
    last = None if told.total_to_own is None else told.total_to_own - told.total_to_return
    return Preview(term.months, term.monthly_rent, cover, told, last)
