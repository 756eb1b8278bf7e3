"""Renting on, as its customer sees it: what may be had, the addendum to read and sign, and the signed paper."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.rules import renewal
from billing.rules.renewal import Further
from billing.rules.terms import LeaseTerms
from contracts.models import Agreement
from contracts.services import agreements
from contracts.services.agreements import Reading
from core import calendar
from core.errors import DomainError
from core.money import ZERO
from core.templatetags.xinzu import day, moment, yuan
from orders.models import Ending, Order
from orders.services import renewals
from storefront.pages import names
from storefront.pages.endings import Way

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """One further term; `code` comes back with the yes."""

    code: str
    title: str
    text: Text
    total: Decimal


@dataclass(frozen=True, slots=True)
class ShownRenewal:
    """What `storefront/renewal.html` prints: the choices or why there are none, or the addendum that is under way."""

    order: Order
    name: str
    kind: str
    choices: list[Choice]
    refused: str
    ending: Ending | None
    text: Reading | None
    phone: str
    first_day: date | None

    @property
    def state(self) -> str:
        """CHOOSE, or the state of the addendum."""
        return self.ending.paper.state if self.ending and self.ending.paper else "CHOOSE"

    @property
    def waits_for_machine(self) -> bool:
        return self.state in (Agreement.State.DRAFTED, Agreement.State.SIGNING)


def shown(order: Order, language: str, at: datetime) -> ShownRenewal:
    ending = renewals.of(order)
    choices, refused = ([], "") if ending else _choices(order, calendar.business_date(at))
    paper = ending.paper if ending else None
    reader = f"customer:{order.customer_id}"
    phone = order.customer.user.phone
    return ShownRenewal(
        order=order,
        name=names.of(order.plan.sku.device_model),
        kind=names.drawing(order.plan.sku.device_model),
        choices=choices,
        refused=refused,
        ending=ending,
        text=agreements.renewal_reading(paper, language, reader, at) if paper else None,
        phone=phone.masked if phone else "",
        first_day=renewals.further_of(order, ending).first_day if ending else None,
    )


def way(order: Order, hrefs: dict[str, str], on: date) -> Way | None:
    """Renting on among the ways to end a lease; None for one that is never renewed."""
    terms, first = LeaseTerms.from_json(order.lease.terms), renewals.opens_on(order)
    if first is None or terms.lease_model == renewals.RENT_TO_OWN or (terms.curve and terms.curve[-1] == ZERO):
        return None
    rent = renewal.rent(terms.first_rent, order.plan.renewal_discount_rate) + terms.cover_monthly
    note = _("then %(rent)s a month") % {"rent": yuan(rent)}
    return Way("calendar", _("Rent on"), _when(order, first, on), ZERO, ZERO, note, hrefs.get("renew", ""))


def _when(order: Order, first: date, on: date) -> str:
    ending = next((one for one in order.endings.all() if one.state == Ending.State.OPEN), None)
    if ending is not None and ending.kind == Ending.Kind.RENEWAL and ending.valid_until is not None:
        return format_html(_("Your renewal is under way, until {moment}"), moment=moment(ending.valid_until))
    if on < first:
        return format_html(_("A further term is offered from {day} on; never by itself"), day=day(first, short=True))
    return _("A further term, only if you sign it")


def _choices(order: Order, on: date) -> tuple[list[Choice], str]:
    try:
        return [_choice(each) for each in renewals.offers(order, on)], ""
    except DomainError as error:
        return [], str(error)


def _choice(offer: Further) -> Choice:
    months = ngettext("%(months)d month more", "%(months)d months more", offer.months) % {"months": offer.months}
    parts: list[str] = [
        format_html(_("{rent} a month, {first} to {last}."), rent=yuan(offer.monthly), first=day(offer.first_day),
                    last=day(offer.last_day)),
    ]  # fmt: skip
    if offer.price_after is not None and offer.price_before is not None:
        prices = {"before": yuan(offer.price_before), "after": yuan(offer.price_after)}
        parts.append(_("The buyout price falls from %(before)s to %(after)s.") % prices)
    return Choice(
        f"{offer.months}:{offer.code}", months, format_html("{} {}", parts[0], "".join(parts[1:])), offer.total
    )
