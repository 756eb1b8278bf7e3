"""After a demand letter: what each way costs today, side by side, and what was chosen (domain.md §9)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _

from arrears.models import DemandLetter
from core import calendar
from core.templatetags.xinzu import day
from orders.models import DemandChoice, Order
from orders.rules.quotes import Quote
from orders.services import choices, early_returns
from storefront.pages import names, ways_out
from storefront.pages.ways_out import Line

Text = str | Promise
Kind = DemandChoice.Kind


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways: its sum line by line, and what it means. `word` is its button."""

    kind: str
    title: Text
    text: Text
    word: Text
    code: str
    lines: list[Line]
    total: Decimal
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """What `storefront/choice.html` prints; no `letter`: there is nothing to choose (any more)."""

    order: Order
    name: str
    drawing: str
    letter: DemandLetter | None
    is_over: bool
    chosen: DemandChoice | None
    holds_until: date | None
    ways: list[Way]


def shown(order: Order, at: datetime) -> ShownChoice:
    on, device = calendar.business_date(at), order.plan.sku.device_model
    found = choices.of(order, on)
    letter = found.letter if found else None
    chosen = found.last if found else None
    pays = chosen is not None and chosen.kind == Kind.PAY
    return ShownChoice(
        order=order,
        name=names.of(device),
        drawing=names.drawing(device),
        letter=letter,
        is_over=letter is not None and letter.cure_until < on,
        chosen=chosen,
        holds_until=choices.holds_until(letter) if letter and pays else None,
        ways=[_way(order, kind, quote, chosen, on) for kind, quote in found.figures.items()] if found else [],
    )


def _way(order: Order, kind: str, quote: Quote, chosen: DemandChoice | None, on: date) -> Way:
    title, text, word = _words(order, kind, on)
    lines = ways_out.bought(order, quote) if kind == Kind.BUY else ways_out.owed(quote)
    is_chosen = chosen is not None and chosen.kind == kind == Kind.PAY
    return Way(kind, title, text, word, quote.code, lines, quote.payoff.to_pay, is_chosen)


def _words(order: Order, kind: str, on: date) -> tuple[Text, Text, Text]:
    if kind == Kind.PAY:
        return (
            _("Pay it and go on renting"),
            _("The lease stays as it was agreed, and the letter is answered."),
            _("Pay"),
        )
    if kind == Kind.RETURN:
        last = day(on + timedelta(days=early_returns.HAND_OVER_DAYS))
        text = _("No charge for ending early, and no rent after it. Hand it to the carrier by {day}.")
        return _("Send it back"), format_html(text, day=last), _("Send it back")
    return _("Buy it"), _("It is yours once this is paid. The price holds until midnight."), _("Buy it")
