"""Automatic payment of a lease: whether it is on, what comes next, and what was tried for a bill."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import AutopayAgreement, AutopayTry, Bill, Lease, Payment
from billing.services import autopay, deductions
from billing.services.statements import BillView
from core import calendar
from core.templatetags.xinzu import short_day
from orders.models import Order
from storefront.pages import names
from storefront.pages.timelines import Step

Text = str | Promise
CHANNELS: dict[str, Text] = {"alipay": gettext_lazy("Alipay")}


@dataclass(frozen=True, slots=True)
class Switch:
    """What the card on the lease's page prints. `next_on`: the day of the next deduction, with its amount."""

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


def switch(lease: Lease, views: list[BillView]) -> Switch | None:
    """None where nothing can be turned on or off."""
    if lease.state != Lease.State.LIVE:
        return None
    standing = autopay.standing(lease)
    is_on = bool(standing and standing.state == AutopayAgreement.State.ACTIVE)
    following = next((view for view in views if standing and _is_deducted(view, standing)), None) if is_on else None
    return Switch(
        word=_("On") if is_on else _("Off"),
        tone="ok" if is_on else "neutral",
        is_on=is_on,
        channel=CHANNELS.get(standing.channel, standing.channel) if standing else "",
        next_on=following.bill.due_date if following else None,
        next_amount=following.owed_now if following else None,
    )


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
    )


def steps(bill: Bill, at: datetime) -> list[Step]:
    """What was tried for a bill and what is to come; nothing where no agreement is or was concerned with it."""
    made = deductions.tries(bill)
    told = [_tried(each) for each in made]
    following = deductions.next_on(bill, made, at) if deductions.covered([bill]) else None
    return [*told, _to_come(following, bool(made))] if following else told


def _is_deducted(view: BillView, standing: AutopayAgreement) -> bool:
    bill = view.bill
    return bill.state == Bill.State.OPEN and bill.due_date is not None and bill.due_date >= standing.first_on


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
