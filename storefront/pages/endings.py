"""What every way out of a running lease costs, today or on a later day: buying, sending back, losing (domain.md §8).

A later day is computed as one plans for it: what falls due before it is paid on its day (`payoffs.ahead`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.rules import payoff
from billing.rules.payoff import Payoff, Position
from billing.rules.terms import LeaseTerms
from billing.services import payoffs
from billing.services.statements import BillView
from core import money
from core.money import ZERO
from core.templatetags.xinzu import day, yuan
from orders.models import Order
from orders.services import day_rents, losses
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
    """Both blocks of the lease page; `buyout` is None for a lease that gives no right to buy.

    `days`: first and last of the days that may be asked for; `later`: the one that was.
    """

    seen: "Seen"
    buyout: ShownBuyout | None
    ways: list[Way]
    days: tuple[date, date] | None = None
    later: "Later | None" = None


@dataclass(frozen=True, slots=True)
class Later:
    """The ways at the prices of a later day; `said`: what is counted as paid until then."""

    on: date
    ways: list[Way]
    said: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A lease as the ways are computed of it on day `on`: `owed` what is to pay from then on, `paid` all paid rents."""

    terms: LeaseTerms
    order: Order
    position: Position
    on: date
    owed: list[Decimal]
    paid: Decimal
    is_today: bool

    @property
    def start(self) -> date:
        start: date | None = self.order.lease.start
        assert start is not None  # it runs
        return start


def days_ahead(order: Order, on: date) -> tuple[date, date] | None:
    """The days after `on` that a price can be told of: up to the last one before the device counts as given up."""
    kept, last = day_rents.at_term(order), order.lease.last_day
    if kept is not None:
        last = kept.first + timedelta(days=max(losses.given_up_after(kept), 1) - 1)
    return (on, last) if last is not None and on < last else None


def of(
    order: Order, views: Sequence[BillView], on: date, hrefs: Mapping[str, str], others: Sequence[Way] = ()
) -> Endings:
    """The ways that this lease's terms permit, at the prices of day `on`. `views` is its whole statement of that day.

    `hrefs`: where the steps that are open now lead, by their names; `others`: renting on and swapping, where those are
    ways.
    """
    terms, position = LeaseTerms.from_json(order.lease.terms), payoffs.position(views, on)
    owed = [view.owed_now for view in views if view.owed_now]
    seen = Seen(terms, order, position, on, owed, _paid(views), is_today=True)
    ways = _ways(seen, hrefs, others)
    bought = payoff.buyout(terms, position) if terms.curve else None
    return Endings(seen, _buyout(terms, position, bought, on) if bought else None, ways, days_ahead(order, on))


def with_day(found: Endings, views: Sequence[BillView], asked: date, others: Sequence[Way]) -> Endings:
    """`found`, with the ways of a later day beside those of today; `views` is today's statement. Asks nothing."""
    ahead = payoffs.ahead(views, found.seen.position, asked)
    owed = [view.owed_now for view in views if view.owed_now and view.bill.due_date and view.bill.due_date >= asked]
    seen = replace(found.seen, position=ahead.position, on=asked, owed=owed, is_today=False)
    return replace(found, later=Later(asked, _ways(seen, {}, others), _counted(ahead)))


def _counted(ahead: payoffs.Ahead) -> str:
    said = ngettext(
        "Counted with %(count)d bill before that day paid on its day: %(sum)s.",
        "Counted with %(count)d bills before that day paid on their days: %(sum)s.",
        ahead.bills,
    )
    return said % {"count": ahead.bills, "sum": yuan(ahead.paid)} if ahead.bills else ""


def _paid(views: Sequence[BillView]) -> Decimal:
    return money.total(view.bill.paid for view in views if not view.bill.is_extra)


def _ways(seen: Seen, hrefs: Mapping[str, str], others: Sequence[Way]) -> list[Way]:
    """The loss comes last: nobody chooses it."""
    found = [_to_the_end(seen), *_before_the_end(seen), *([("buy", _buying(seen))] if seen.terms.curve else [])]
    step, lost = _losing(seen)
    ways = [replace(way, href=hrefs.get(step, "")) for step, way in found]
    return [*ways, *others, replace(lost, href=hrefs.get(step, ""))]


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


def _to_the_end(seen: Seen) -> tuple[str, Way]:
    terms, owed = seen.terms, seen.owed
    said = ngettext("%(count)d bill to pay: %(sum)s", "%(count)d bills to pay: %(sum)s", len(owed))
    note = said % {"count": len(owed), "sum": yuan(money.total(owed))} if owed else _("all is paid")
    if terms.lease_model == "RENT_TO_OWN":
        text = _("With the last rent the device is yours")
        return "", Way("key", _("Rent to the end"), text, ZERO, ZERO, note)
    kept = day_rents.at_term(seen.order)
    assert kept is not None  # it has dates and is to be sent back
    if seen.on >= kept.first:
        return "return", _late(kept, seen.on)
    until = day(kept.first - timedelta(days=1), short=True)
    text = format_html(_("Send it off by {day}; nothing is added"), day=until)
    return "return", Way("box", _("Return at the end"), text, ZERO, ZERO, note)


def _late(kept: day_rents.Agreed, on: date) -> Way:
    days = kept.kept(on + timedelta(days=1))
    said = ngettext("%(days)d day at %(rent)s a day", "%(days)d days at %(rent)s a day", days)
    note = said % {"days": days, "rent": yuan(kept.a_day)}
    text = _("Day rent until a carrier scans the parcel, at most %(most)s") % {"most": yuan(kept.cap)}
    return Way("box", _("Send it back late"), text, kept.of_days(days), ZERO, note)


def _before_the_end(seen: Seen) -> list[tuple[str, Way]]:
    """Changing one's mind in the first days, an early return after them; nothing in the last period."""
    terms, position = seen.terms, seen.position
    if terms.is_short:
        return []  # sent back early, nothing is given back and nothing is added
    days = (seen.on - seen.start).days + 1
    if days <= COOLING_OFF_DAYS + 1:
        found = payoff.change_of_mind(terms, days, seen.paid, position.credit)
        used = ngettext("%(days)d day used", "%(days)d days used", days) % {"days": days}
        last = day(seen.start + timedelta(days=COOLING_OFF_DAYS), short=True)
        until = format_html(_("Until {day} you pay only the days used"), day=last)
        return [("return-early", Way("turn", _("Change your mind"), until, found.to_pay, found.given_back, used))]
    if position.period >= terms.months:
        return []
    found = payoff.early_return(terms, position)
    text = _("Sent back now, no later rent is charged")
    if not seen.is_today:
        text = _("Sent back that day, no later rent is charged")
    way = Way("turn", _("Return early"), text, found.to_pay, found.given_back, _early_note(terms, position))
    return [("return-early", way)]


def _early_note(terms: LeaseTerms, position: Position) -> str:
    months = min(terms.early_return_months, terms.months - position.period)
    said = ngettext("%(months)d month's rent", "%(months)d months' rent", months) % {"months": months}
    return _with_arrears(said, position)


def _buying(seen: Seen) -> Way:
    bought, left = payoff.buyout(seen.terms, seen.position), seen.terms.months - seen.position.period
    text = _("The device is yours; later bills fall away") if left else _("The device is yours")
    note = _with_arrears(_("the deposit is released"), seen.position)
    return Way("key", _("Buy it today") if seen.is_today else _("Buy it"), text, bought.to_pay, bought.given_back, note)


def _losing(seen: Seen) -> tuple[str, Way]:
    found = losses.payoff_of(seen.terms, seen.start, seen.position, seen.on)
    text = _("You owe what it is worth that day, once; later bills fall away")
    note = _with_arrears("", seen.position)
    return "lost", Way("warning", _("Lost or stolen"), text, found.to_pay, found.given_back, note)


def _with_arrears(said: str, position: Position) -> str:
    """What else is in the sum: arrears, and what was paid for later periods or lies on nothing."""
    owed, ahead = position.owed + position.fees, position.prepaid + position.credit
    if owed:
        parts = {"this": said, "owed": yuan(owed)}
        said = _("%(this)s, with %(owed)s owed") % parts if said else _("with %(owed)s owed") % parts
    if ahead:
        parts = {"this": said, "ahead": yuan(ahead)}
        said = _("%(this)s, less %(ahead)s paid ahead") % parts if said else _("less %(ahead)s paid ahead") % parts
    return said
