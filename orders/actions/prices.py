"""What a step asks a yes to: the figures of today, of the steps that have some (`ShownForm`)."""

from collections.abc import Callable
from datetime import datetime

from core import calendar
from orders.models import Order
from orders.rules.quotes import Quote
from orders.services import buyouts, defects, early_returns, losses, retrievals


def of(name: str, order: Order, at: datetime) -> Quote | None:
    """The figures of the customer's step `name` if it is taken now; None for a step that has none."""
    quote = QUOTES.get(name)
    return quote(order, at) if quote else None


def _buy(order: Order, at: datetime) -> Quote:
    return buyouts.quote(order, calendar.business_date(at))


def _return_early(order: Order, at: datetime) -> Quote:
    on = calendar.business_date(at)
    return early_returns.quote(order, on, early_returns.basis_on(order, on))


def _lost(order: Order, at: datetime) -> Quote:
    return losses.quote(order, calendar.business_date(at))


def _broken(order: Order, at: datetime) -> Quote:
    return defects.quote(order, calendar.business_date(at), defects.days_used(order, at))


def _found_late(order: Order, at: datetime) -> Quote:
    return retrievals.quote(order, calendar.business_date(at))


QUOTES: dict[str, Callable[[Order, datetime], Quote]] = {
    "buy": _buy, "return-early": _return_early, "lost": _lost, "broken": _broken, "found-late": _found_late,
}  # fmt: skip
