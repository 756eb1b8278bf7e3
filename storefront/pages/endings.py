"""What every way out of a running lease costs today: buying, sending back early, keeping to the end (domain.md §8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Lease
from billing.rules import payoff
from billing.rules.payoff import Payoff, Position
from billing.rules.terms import LeaseTerms
from billing.services import payoffs
from billing.services.statements import BillView
from core import money
from core.money import ZERO
from core.templatetags.xinzu import day, yuan
from orders.services.terms import COOLING_OFF_DAYS
from storefront.pages import curves


@dataclass(frozen=True, slots=True)
class Way:
    """One row of `components/ways.html`: what must be paid today for it, or what comes back; `href` leads to it."""

    icon: str
    title: str
    text: str
    to_pay: Decimal
    given_back: Decimal
    note: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ShownBuyout:
    """What `components/buyout.html` prints: today's price, its curve and the sum as people would check it."""

    on: date
    payoff: Payoff
    period: int
    formula: str
    arrears: Decimal
    arrears_parts: str
    had: Decimal
    saved: Decimal
    curve: curves.Curve | None


@dataclass(frozen=True, slots=True)
class Endings:
    """Both blocks of the lease page; `buyout` is None for a lease that gives no right to buy."""

    buyout: ShownBuyout | None
    ways: list[Way]


def of(
    lease: Lease, views: Sequence[BillView], on: date, hrefs: Mapping[str, str], others: Sequence[Way] = ()
) -> Endings:
    """The ways that this lease's terms permit, at the prices of day `on`. `views` is its whole statement of that day.

    `hrefs`: where the steps that are open now lead, by their names; `others`: renting on and swapping, where those are
    ways.
    """
    terms = LeaseTerms.from_json(lease.terms)
    position = payoffs.position(views, on)
    ways = [
        replace(_to_the_end(terms, lease, views), href=hrefs.get("return", "")),
        *(replace(way, href=hrefs.get("return-early", ""))
          for way in _before_the_end(terms, lease, position, views, on)),
        *others,
    ]  # fmt: skip
    if not terms.curve:
        return Endings(None, ways)
    bought = payoff.buyout(terms, position)
    return Endings(
        _buyout(terms, position, bought, on),
        [*ways, replace(_buying(terms, position, bought), href=hrefs.get("buy", ""))],
    )


def _buyout(terms: LeaseTerms, position: Position, bought: Payoff, on: date) -> ShownBuyout:
    parts = _("rent %(rent)s, late fee %(fee)s") % {"rent": yuan(bought.owed), "fee": yuan(bought.fees)}
    return ShownBuyout(
        on=on,
        payoff=bought,
        period=position.period,
        formula=formula(terms, position.period, position.kept),
        arrears=bought.owed + bought.fees,
        arrears_parts=parts if bought.owed or bought.fees else "",
        had=bought.prepaid + bought.credit,
        saved=payoff.saved_by_buying_now(terms, position.period),
        curve=curves.draw(terms.curve, position.period, _("Buyout price after each month")),
    )


def formula(terms: LeaseTerms, period: int, kept: Decimal = ZERO) -> str:
    """5,999.00 + 389.00 × 5 ÷ 12 − 309.00 × 5: whoever doubts the price can type it in. Of a further term: the last
    price of the old one less the new rents. `kept`: day rent so far."""
    less = _(" − %(amount)s day rent") % {"amount": f"{kept:,.2f}"} if kept else ""
    if period > terms.anchor_months > 0:
        before = terms.curve[terms.anchor_months - 1]
        return f"{before:,.2f} − {terms.monthly_rent:,.2f} × {period - terms.anchor_months}{less}"
    assert terms.total_to_own is not None  # there is a curve
    premium = terms.total_to_own - terms.cash_price
    sign = "+" if premium >= ZERO else "−"
    share = f"{sign} {abs(premium):,.2f} × {period} ÷ {terms.months} "
    return f"{terms.cash_price:,.2f} {share if premium else ''}− {terms.monthly_rent:,.2f} × {period}{less}"


def _to_the_end(terms: LeaseTerms, lease: Lease, views: Sequence[BillView]) -> Way:
    owed = [view.owed_now for view in views if view.owed_now]
    said = ngettext("%(count)d bill to pay: %(sum)s", "%(count)d bills to pay: %(sum)s", len(owed))
    note = said % {"count": len(owed), "sum": yuan(money.total(owed))} if owed else _("all is paid")
    if terms.lease_model == "RENT_TO_OWN":
        text = _("With the last rent the device is yours")
        return Way("key", _("Rent to the end"), text, ZERO, ZERO, note)
    assert lease.last_day is not None
    until = day(lease.last_day + timedelta(days=terms.return_window_days), short=True)
    return Way("box", _("Return at the end"), format_html(_("Send it off by {day}; nothing is added"), day=until),
               ZERO, ZERO, note)  # fmt: skip


def _before_the_end(
    terms: LeaseTerms, lease: Lease, position: Position, views: Sequence[BillView], on: date
) -> list[Way]:
    """Changing one's mind in the first days, an early return after them; nothing in the last period."""
    assert lease.start is not None
    if terms.is_short:
        return []  # sent back early, nothing is given back and nothing is added
    days = (on - lease.start).days + 1
    if days <= COOLING_OFF_DAYS + 1:
        paid = money.total(view.bill.paid for view in views)
        found = payoff.change_of_mind(terms, days, paid, position.credit)
        used = ngettext("%(days)d day used", "%(days)d days used", days) % {"days": days}
        last = day(lease.start + timedelta(days=COOLING_OFF_DAYS), short=True)
        text = format_html(_("Until {day} you pay only the days used"), day=last)
        return [Way("turn", _("Change your mind"), text, found.to_pay, found.given_back, used)]
    if position.period >= terms.months:
        return []
    found = payoff.early_return(terms, position)
    return [Way("turn", _("Return early"), _("Sent back now, no later rent is charged"),
                found.to_pay, found.given_back, _early_note(terms, position))]  # fmt: skip


def _early_note(terms: LeaseTerms, position: Position) -> str:
    months = min(terms.early_return_months, terms.months - position.period)
    said = ngettext("%(months)d month's rent", "%(months)d months' rent", months) % {"months": months}
    return _with_arrears(said, position)


def _buying(terms: LeaseTerms, position: Position, bought: Payoff) -> Way:
    left = terms.months - position.period
    text = _("The device is yours; later bills fall away") if left else _("The device is yours")
    note = _with_arrears(_("the deposit is released"), position)
    return Way("key", _("Buy it today"), text, bought.to_pay, bought.given_back, note)


def _with_arrears(said: str, position: Position) -> str:
    """What else is in the sum: arrears, and what was paid for later periods or lies on nothing."""
    owed, ahead = position.owed + position.fees, position.prepaid + position.credit
    if owed:
        said = _("%(this)s, with %(owed)s owed") % {"this": said, "owed": yuan(owed)}
    return _("%(this)s, less %(ahead)s paid ahead") % {"this": said, "ahead": yuan(ahead)} if ahead else said
