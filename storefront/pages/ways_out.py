"""One way out of a lease before anyone takes it: its sum line by line, and what happens then, in amounts and dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Bill
from billing.rules.terms import LeaseTerms
from billing.services import freeing
from core import money
from core.templatetags.xinzu import day, moment, yuan
from orders.actions import prices
from orders.models import Ending, Order
from orders.rules.quotes import Quote
from orders.services import buyouts, defects, early_returns, losses, retrievals
from storefront.pages import endings

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Line:
    """One amount of the sum; `is_less`: it is taken off."""

    title: Text
    note: Text
    amount: Decimal
    is_less: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What `components/sum_lines.html` prints; `code` names exactly these figures when the page sends them back."""

    code: str
    lines: list[Line]
    to_pay: Decimal
    given_back: Decimal
    total_title: Text
    after: list[Text]


@dataclass(frozen=True, slots=True)
class Offer:
    """The open offer to buy: what is left to pay of it, by when, and the bill that stands for it."""

    bill: int | None
    to_pay: Decimal
    until: datetime
    lines: list[Line]


def of(order: Order, name: str, at: datetime) -> Figures | None:
    """The figures of the step `name` today; None for a step that has none."""
    quote = prices.of(name, order, at)
    return FIGURES[name](order, quote, at) if quote else None


def offer(order: Order) -> Offer | None:
    ending = next((one for one in order.endings.all() if one.state == Ending.State.OPEN), None)
    if ending is None or ending.kind != Ending.Kind.BUYOUT or ending.valid_until is None:
        return None
    number = ending.bill.number if ending.bill else None
    return Offer(number, buyouts.remaining(order, ending), ending.valid_until, bought(order, ending.quoted))


def _buy(order: Order, quote: Quote, at: datetime) -> Figures:
    after = [
        format_html(_("The price holds until the end of {day}. Unpaid by then, the offer lapses and nothing changes."),
                    day=day(quote.on)),
        *fallen(order, quote, _("Once it is paid")),
        _deposit(order),
        _("The device is yours from then on."),
    ]  # fmt: skip
    return figures(quote, bought(order, quote), _("To pay today"), after)


def _return_early(order: Order, quote: Quote, at: datetime) -> Figures:
    basis = early_returns.basis_on(order, quote.on)
    last = day(quote.on + timedelta(days=early_returns.HAND_OVER_DAYS))
    after = [
        _("The day on which the carrier takes the parcel decides; these figures are for today."),
        format_html(_("Hand it over by {day}, else the return lapses and you go on renting."), day=last),
        *fallen(order, quote, _("Once it is handed over")),
        _deposit(order),
    ]
    return figures(quote, _sent_back(order, quote, basis), _("If it leaves today"), after)


def _broken(order: Order, quote: Quote, at: datetime) -> Figures:
    """A short rental whose device does not work: the days that stay paid, and what comes back."""
    used = quote.days
    days = ngettext("%(days)d day before today", "%(days)d days before today", used) % {"days": used}
    kept = [Line(_("Stays paid"), days, quote.payoff.price, is_less=True)] if used else []
    until = moment(defects.in_time_until(order))
    after: list[Text] = [
        *([] if used else [format_html(_("Reported until {until}, everything comes back."), until=until)]),
        format_html(
            _("Hand it over by {day}. Else this report lapses, and days beyond the last one cost day rent."),
            day=moment(at + defects.SEND_BACK_WAIT),
        ),
        _("It comes back once the merchant has the device and looked at it."),
        _deposit(order),
    ]
    return figures(quote, [Line(_("Paid for the days"), "", quote.payoff.prepaid), *kept], _("Back to you"), after)


def _lost(order: Order, quote: Quote, at: datetime) -> Figures:
    terms = LeaseTerms.from_json(order.lease.terms)
    note = _("the lower of the buyout price and the worn value") if terms.curve else _("its worn value")
    after = [
        *fallen(order, quote, _("Once you report it")),
        format_html(_("You have until {day} to pay. No late fee is added."), day=day(quote.on + losses.PAID_WITHIN)),
        _("What is unpaid after thirty days the deposit pays first."),
        _("If you find it before that, its value is no longer owed and you send it back."),
        _("Found within ninety days after you paid, you may send it back and get that money back less day rent."),
    ]
    lines = [Line(_("What it is worth today"), note, quote.payoff.price), *owed(quote)]
    return figures(quote, lines, _("To pay"), after)


def _found_late(order: Order, quote: Quote, at: datetime) -> Figures:
    days = ngettext("%(days)d day", "%(days)d days", quote.days) % {"days": quote.days}
    lines = [
        Line(_("Paid for it"), "", quote.payoff.prepaid),
        Line(_("Day rent until a carrier has it"), days, quote.payoff.price, is_less=True),
    ]
    after: list[Text] = [
        format_html(_("Hand it over by {day}, else you keep it and nothing goes back."),
                    day=day(quote.on + retrievals.SEND_WITHIN)),
        _("The day on which the carrier takes the parcel decides; these figures are for today."),
        _("It goes back on the way it came, as soon as the merchant has the device."),
    ]  # fmt: skip
    return figures(quote, lines, _("Back to you"), after)


def figures(quote: Quote, lines: list[Line], total: Text, after: list[Text]) -> Figures:
    found = quote.payoff
    title = _("Back to you") if found.given_back else total
    return Figures(quote.code, lines, found.to_pay, found.given_back, title, after)


def bought(order: Order, quote: Quote) -> list[Line]:
    terms = LeaseTerms.from_json(order.lease.terms)
    title = _("Buyout price in month %(period)s") % {"period": quote.period}
    kept = terms.curve[quote.period - 1] - quote.payoff.price
    return [Line(title, endings.formula(terms, quote.period, kept), quote.payoff.price), *owed(quote)]


def _sent_back(order: Order, quote: Quote, basis: str) -> list[Line]:
    terms = LeaseTerms.from_json(order.lease.terms)
    if basis == Ending.Basis.COOLING_OFF:
        used = ngettext("%(days)d day used", "%(days)d days used", quote.days) % {"days": quote.days}
        formula = f"{terms.monthly_rent:,.2f} × 12 ÷ 365 × {quote.days}"
        return [Line(used, formula, quote.payoff.price), *owed(quote)]
    months = min(terms.early_return_months, terms.months - quote.period)
    said = ngettext("%(months)d month's rent", "%(months)d months' rent", months) % {"months": months}
    left = ngettext("%(left)d rent is left", "%(left)d rents are left", terms.months - quote.period)
    note = left % {"left": terms.months - quote.period}
    return [Line(said, note, quote.payoff.price), *owed(quote)]


def owed(quote: Quote) -> list[Line]:
    """What else is in the sum: rents and fees of today, and what was paid beyond them."""
    found = quote.payoff
    lines = [
        Line(_("Rents owed"), _("due up to today"), found.owed),
        Line(_("Late fees"), _("of today"), found.fees),
        Line(_("Paid ahead"), _("bills after today"), found.prepaid, is_less=True),
        Line(_("Credit balance"), "", found.credit, is_less=True),
    ]
    return [line for line in lines if line.amount]


def fallen(order: Order, quote: Quote, when: str) -> list[Text]:
    """The bills that nobody asks for any more, in one sentence; none for none."""
    later = freeing.later(order.lease, quote.on).filter(state=Bill.State.OPEN)
    amounts = [bill.amount for bill in later]
    if not amounts:
        return []
    said = ngettext(
        "%(when)s, %(count)d later bill of %(sum)s falls away.",
        "%(when)s, %(count)d later bills of %(sum)s fall away.",
        len(amounts),
    )
    return [said % {"when": when, "count": len(amounts), "sum": yuan(money.total(amounts))}]


def _deposit(order: Order) -> Text:
    deposit = order.lease.deposit
    if not deposit.to_hold:
        return _("Nothing is held as a deposit; what was waived comes back to your quota.")
    said = _("The deposit of %(amount)s goes back within three working days of settlement.")
    return said % {"amount": yuan(deposit.to_hold)}


FIGURES: dict[str, Callable[[Order, Quote, datetime], Figures]] = {
    "buy": _buy, "return-early": _return_early, "lost": _lost, "broken": _broken, "found-late": _found_late,
}  # fmt: skip
