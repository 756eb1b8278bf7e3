"""Automatic payment of a lease: whether it is on, what comes next, and what was tried for a bill."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import AutopayAgreement, AutopayTry, Bill, Lease, Payment
from billing.services import autopay, deductions, statements
from billing.services.statements import BillView
from core import calendar
from core.templatetags.xinzu import short_day
from orders.actions import moments
from orders.models import Order
from storefront.pages import names
from storefront.pages.timelines import Step

Text = str | Promise
CHANNELS: dict[str, Text] = {"alipay": gettext_lazy("Alipay")}


@dataclass(frozen=True, slots=True)
class Switch:
    """What the card on the lease's page prints. `next_on`: the day of the next deduction, with its amount; none while
    it rests after a death."""

    word: Text
    tone: str
    is_on: bool
    channel: Text
    next_on: date | None
    next_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class ShownAutopay:
    """What `storefront/autopay.html` prints; `waits`: the customer has not agreed at the provider yet."""

    order: Order
    name: str
    agreement: AutopayAgreement | None
    is_on: bool
    waits: bool
    is_deducting: bool
    runs: bool
    rests: bool


def switch(lease: Lease, views: list[BillView], at: datetime, *, rests: bool) -> Switch | None:
    """None where nothing can be turned on or off."""
    if lease.state != Lease.State.LIVE:
        return None
    standing = autopay.standing(lease)
    is_on = standing is not None and standing.state == AutopayAgreement.State.ACTIVE
    if rests:
        return Switch(_("Rests"), "neutral", True, "", None, None) if is_on else None
    if standing is None or not is_on:
        return Switch(_("Off"), "neutral", is_on=False, channel="", next_on=None, next_amount=None)
    day, amount = _next(standing, views, at)
    channel = CHANNELS.get(standing.channel, standing.channel)
    return Switch(_("On"), "ok", is_on=True, channel=channel, next_on=day, next_amount=amount)


def _next(standing: AutopayAgreement, views: list[BillView], at: datetime) -> tuple[date | None, Decimal | None]:
    """The day of the next deduction, and what it comes to then."""
    for view in views:
        bill = view.bill
        day = deductions.next_on(bill, [], at) if bill.due_date and bill.due_date >= standing.first_on else None
        if day is not None:
            return day, statements.view(bill, day).owed_now
    return None, None


def shown(order: Order) -> ShownAutopay:
    standing = autopay.standing(order.lease)
    return ShownAutopay(
        order=order,
        name=names.of(order.plan.sku.device_model),
        agreement=standing,
        is_on=bool(standing and standing.state == AutopayAgreement.State.ACTIVE),
        waits=bool(standing and standing.state == AutopayAgreement.State.DRAFT),
        is_deducting=deductions.is_under_way(order.lease),
        runs=order.lease.state == Lease.State.LIVE,
        rests=moments.is_unable(order),
    )


def steps(bill: Bill, at: datetime) -> list[Step]:
    """What was tried for a bill and what is to come; nothing where no agreement is or was concerned with it."""
    made = deductions.tries(bill)
    told = [_tried(each) for each in made]
    following = deductions.next_on(bill, made, at) if deductions.covered([bill]) else None
    return [*told, _to_come(following, bool(made))] if following else told


def _tried(each: AutopayTry) -> Step:
    payment = each.payment
    when = f"{short_day(each.on)} {payment.created_at.astimezone(calendar.SHANGHAI):%H:%M}"
    channel = CHANNELS.get(payment.channel, payment.channel)
    match payment.state:
        case Payment.State.SUCCEEDED:
            return Step(_("%(when)s deducted") % {"when": when}, channel, None, "done")
        case Payment.State.OPEN:
            waits = _("%(channel)s has not said yet how it ended") % {"channel": channel}
            return Step(_("%(when)s being deducted") % {"when": when}, waits, None, "now")
    said = {"channel": channel, "reason": payment.get_declined_display() or payment.get_state_display()}
    return Step(_("%(when)s not successful") % {"when": when}, _("%(channel)s: %(reason)s") % said, None, "failed")


def _to_come(on: date, is_again: bool) -> Step:
    when = f"{short_day(on)} 10:00"
    title = _("%(when)s one more try") if is_again else _("%(when)s deducted automatically")
    return Step(title % {"when": when}, _("If you pay before, nothing is deducted"), None, "")
