"""The list of leases and orders, and one running lease."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from billing.models import Deposit, ExtensionPlan
from billing.services import statements
from billing.services.statements import BillView, Condition
from contracts.models import Agreement
from core import calendar, money
from core.templatetags.xinzu import day, moment, yuan
from orders import actions
from orders.actions import moments
from orders.models import Order, Parcel, Retrieval, State
from orders.services import day_rents, papers, retrievals, returns
from storefront.pages import autopay, bills, deposits, endings, names, renewals, swaps, timelines, ways_out
from storefront.pages.orders import HEADLINES, TONES, carrier

Text = str | Promise
MOST = 100
_FOR_THE_ESTATE = gettext_lazy(
    "No late fee grows and nobody asks for money. The device goes back for the estate without a charge: call us."
)
TAKEN_BACK = {"do-not-renew", "do-not-swap"}  # these end a way out, and have no price to stand with
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in the list: where it stands, and what comes next."""

    href: str
    name: str
    kind: str
    word: Text
    tone: str
    text: str
    month: str
    headline: Text
    next_bill: bills.Row | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownList:
    """What `storefront/leases.html` prints, newest first."""

    current: list[OrderRow]
    ended: list[OrderRow]
    balance: Decimal


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """The last extension plan of a lease: its parts, what is left of them, and how it stands."""

    word: Text
    tone: str
    rows: list[bills.Row]
    left: Decimal
    is_running: bool


@dataclass(frozen=True, slots=True)
class AtTheEnd:
    """What `components/notice.html` says of a device that is to be sent back."""

    tone: str
    text: Text
    more: Text


@dataclass(frozen=True, slots=True)
class ShownLease:
    """What `storefront/lease.html` prints; `endings` only while the lease runs."""

    order: Order
    merchant: str
    name: str
    kind: str
    word: Text
    tone: str
    where: str
    bill_count: int
    next_bill: bills.Row | None
    next_free_day: date | None
    is_free_now: bool
    has_several: bool
    years: list[tuple[int | None, list[bills.Row]]]
    paid_count: int
    timeline: list[timelines.Step]
    endings: endings.Endings | None
    offer: ways_out.Offer | None
    at_the_end: AtTheEnd | None
    swap: swaps.Linked | None
    fault: AtTheEnd | None
    deposit: Deposit
    taken: list[deposits.Taken]
    serial: str
    is_used: bool
    parcels: list[tuple[Text, Parcel, Text]]
    buttons: list[actions.Offered]
    autopay: autopay.Switch | None
    is_unable: bool
    papers: list[Agreement]
    plan: ShownPlan | None


def rows(customer: Customer, on: date) -> ShownList:
    found = list(
        Order.objects.filter(customer=customer)
        .select_related("plan__sku__device_model__device_type", "lease", "customer__user")
        .order_by("-id")[:MOST]
    )
    owed = statements.statements([order.lease for order in found if order.lease.start], on)
    listed = [row(order, owed.get(order.lease_id, []), on) for order in found]
    return ShownList(
        current=[each for each in listed if each.closed_at is None],
        ended=[each for each in listed if each.closed_at],
        balance=statements.credit_balance(customer),
    )


def shown(order: Order, at: datetime, asked: date | None = None) -> ShownLease:
    """`asked`: a later day whose prices are wanted too."""
    on = calendar.business_date(at)
    views = statements.statement(order.lease, on)
    listed = [bills.row(view, order.number, on) for view in views]
    following = _next(order, views, on)
    parcels = list(order.parcels.filter(void_at=None).order_by("id"))
    paid = [view for view in views if view.condition == Condition.PAID and not view.bill.is_extra]
    device = order.plan.sku.device_model
    runs = order.state == State.ACTIVE
    has_ways = runs and not moments.is_unable(order)  # for the estate there is one, without a price
    buttons, hrefs = _steps(order, at)
    offer = ways_out.offer(order) if runs else None
    return ShownLease(
        order=order,
        merchant=names.merchant(order.merchant),
        name=names.of(device),
        kind=names.drawing(device),
        word=order.get_state_display(),
        tone=TONES[State(order.state)],
        where=_where(order, views, on),
        bill_count=order.lease.months or 1,
        next_bill=bills.row(following, order.number, on) if following else None,
        next_free_day=following.last_free_day if following else None,
        is_free_now=bool(following and following.last_free_day and on <= following.last_free_day),
        has_several=sum(bills.is_asked_for(view, order, on) for view in views) > 1,
        years=[(year, list(group)) for year, group in groupby(listed, key=lambda row: row.year)],
        paid_count=len(paid),
        timeline=timelines.of_lease(order, parcels, _paid(views, paid), on),
        endings=_endings(order, views, on, hrefs, asked) if has_ways and not offer else None,
        papers=list(papers.following(order)),
        offer=offer,
        at_the_end=_at_the_end(order, on),
        swap=swaps.new_one(order) or swaps.old_one(order),
        fault=_fault(order),
        deposit=order.lease.deposit,
        taken=deposits.taken(order.lease.deposit),
        serial=order.unit.serial if order.unit else "",
        is_used=runs,
        parcels=[(parcel.get_way_display(), parcel, carrier(parcel)) for parcel in parcels],
        buttons=buttons,
        autopay=autopay.switch(order.lease, views, at, rests=moments.is_unable(order)),
        is_unable=moments.is_unable(order),
        plan=_plan(views, listed),
    )


def _plan(views: list[BillView], listed: list[bills.Row]) -> ShownPlan | None:
    """Asked for only where a bill is a part of one."""
    parts = [view.bill.plan_id for view in views if view.bill.plan_id is not None]
    if not parts:
        return None
    last = max(parts)
    found, State = ExtensionPlan.objects.get(pk=last), ExtensionPlan.State  # noqa: N806 - its states
    own = [(view, row) for view, row in zip(views, listed, strict=True) if view.bill.plan_id == last]
    tone = {State.RUNNING: "live", State.KEPT: "ok"}.get(State(found.state), "late")
    left = money.total(view.owed_now for view, _row in own)
    return ShownPlan(found.get_state_display(), tone, [row for _view, row in own], left, found.is_running)


def _endings(
    order: Order, views: list[BillView], on: date, hrefs: dict[str, str], asked: date | None
) -> endings.Endings:
    others = [renewals.way(order, hrefs, on), swaps.way(order, hrefs)]
    found = endings.of(order, views, on, hrefs, [way for way in others if way])
    if asked is None or order.lease.last_day is None:
        return found
    then = [renewals.way(order, {}, asked), swaps.way(order, hrefs)] if asked <= order.lease.last_day else []
    return endings.with_day(found, views, asked, [replace(way, href="") for way in then if way])


def _steps(order: Order, at: datetime) -> tuple[list[actions.Offered], dict[str, str]]:
    """The steps as buttons, and where all of them lead; a way out stands with its price among the others."""
    open_now = actions.for_customer(order, at)
    ways = {row.name for row in actions.ACTIONS if row.is_way_out} - TAKEN_BACK
    return [one for one in open_now if one.name not in ways], {one.name: one.url for one in open_now}


def _found_again(order: Order, on: date) -> AtTheEnd | None:
    """Of a device that was paid for and is there again: what is to be done, and what goes back."""
    found = retrievals.last(order) if order.state == State.COMPLETED else None
    if found is None:
        return None
    if found.state == Retrieval.State.REFUSED:
        return AtTheEnd("late", _("What came back was not accepted, and nothing goes back."), found.reason)
    if found.state == Retrieval.State.LAPSED:
        return AtTheEnd("neutral", _("The found device was not sent back. You keep it, and it is paid."), "")
    if found.state == Retrieval.State.DONE:
        said = _("The found device is back: %(amount)s goes back to you, %(rent)s was day rent.")
        figures = {"amount": yuan(found.refunded or money.ZERO), "rent": yuan(found.day_rent or money.ZERO)}
        return AtTheEnd("ok", said % figures, "")
    amount = yuan(retrievals.back(order, on).amount)
    if found.parcel_id is None:
        text = format_html(_("Hand the found device over by {day}; sent today {amount} goes back to you."),
                           day=day(calendar.business_date(found.until)), amount=amount)  # fmt: skip
        return AtTheEnd("wait", text, _("Each later day costs its day rent. Not sent, you keep it and it stays paid."))
    more = _("The day on which a carrier scanned it decides how much day rent is taken off.")
    return AtTheEnd("wait", _("The found device is on its way. Once the merchant has it, your money goes back."), more)


def _at_the_end(order: Order, on: date) -> AtTheEnd | None:
    """From thirty days before its last day: what sending it back too late costs; then what it does cost."""
    if order.state == State.COMPLETED:
        return _found_again(order, on)
    since = order.customer.user.in_peace_since
    if since is not None and order.received_at is not None:
        said = _("A death or a loss of legal capacity is on record since {day}. We are sorry.")
        return AtTheEnd("neutral", format_html(said, day=day(since)), _FOR_THE_ESTATE)
    last = order.lease.last_day
    if last is None or on < last - returns.OPENS_DAYS_BEFORE * ONE_DAY or not day_rents.is_kept(order):
        return None
    found = day_rents.agreed(order)
    if found is None:
        return None
    price = {"amount": yuan(found.a_day), "most": yuan(found.cap)}
    stops = _("It stops when a carrier scans the parcel.")
    if on >= found.first:
        text = _("Since {day} you pay {amount} a day, at most {most} in all.")
        text = format_html(text, day=day(found.first), **price)
        return AtTheEnd("late", text, stops)
    text = format_html(
        _("Send it off by {until}, and nothing is added. From {day} on you pay {amount} a day, at most {most} in all."),
        until=day(found.first - ONE_DAY), day=day(found.first), **price,
    )  # fmt: skip
    return AtTheEnd("wait", text, stops)


def _fault(order: Order) -> AtTheEnd | None:
    """A reported fault and where it stands; the last one, if it was declined, with the reason."""
    rows = sorted(order.faults.all(), key=lambda one: one.pk)
    last = rows[-1] if rows and order.state == State.ACTIVE else None
    if last is None or not (last.is_open or last.answer):
        return None
    if last.is_open and last.lost_at is not None:
        text = _("The parcel with your device was lost: the merchant sends you another one.")
    else:
        text = _("Fault reported: %(state)s") % {"state": last.get_state_display()}
    more = format_html(_("Until {until}; then it goes on by itself."), until=moment(last.waits_until))
    return AtTheEnd("wait" if last.is_open else "neutral", text, more if last.is_open else last.answer)


def _paid(views: list[BillView], paid: list[BillView]) -> timelines.Paid:
    return timelines.Paid(views[0].bill.paid, len(paid), money.total(view.bill.paid for view in views))


def row(order: Order, views: list[BillView], on: date) -> OrderRow:
    """`views`: the bills of a lease that has started."""
    following = _next(order, views, on)
    runs = order.lease.start is not None
    device = order.plan.sku.device_model
    month = _where(order, views, on)
    return OrderRow(
        href=reverse("storefront:lease" if runs else "storefront:order", args=[order.number]),
        name=names.of(device),
        kind=names.drawing(device),
        word=order.get_state_display(),
        tone=TONES[State(order.state)],
        text=order.plan.sku.label,
        month=month if order.state == State.ACTIVE else "",
        headline="" if order.state == State.ACTIVE else HEADLINES[order.state],
        next_bill=bills.row(following, order.number, on) if following else None,
        closed_at=order.closed_at,
    )


def _where(order: Order, views: list[BillView], on: date) -> str:
    """How far the lease has come: the month that runs, or the days."""
    if order.is_short:
        return order.length
    return _("Month %(period)s of %(months)s") % {"period": _period(views, on), "months": order.lease.months}


def _period(views: list[BillView], on: date) -> int:
    """How many of the agreement's bills are due by now: the month that runs."""
    return sum(1 for view in views if not view.bill.is_extra and view.bill.due_date and view.bill.due_date <= on)


def _next(order: Order, views: list[BillView], on: date) -> BillView | None:
    return next((view for view in views if bills.is_asked_for(view, order, on)), None)
