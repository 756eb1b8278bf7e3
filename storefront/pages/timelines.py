"""The way of an order as a list of steps: each says who acts; what is done says when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.models import Deposit
from billing.rules.terms import LeaseTerms
from core import calendar
from core.templatetags.xinzu import day, yuan
from orders.models import Order, Parcel, State
from orders.services import returns, shipping

Text = str | Promise

FLOW = [
    State.PLACED, State.APPROVED, State.SIGNED, State.PAID, State.SHIPPED, State.ACTIVE, State.RETURNING,
    State.INSPECTING, State.SETTLING, State.COMPLETED,
]  # fmt: skip

STEPS: list[tuple[State, Text, Text]] = [
    (State.PLACED, _("Review"), _("We answer, most often in seconds")),
    (State.APPROVED, _("Read and sign the agreement"), _("You, then the merchant")),
    (State.SIGNED, _("First rent and deposit"), _("You, at the payment provider")),
    (State.PAID, pgettext_lazy("order step", "Shipping"), _("The merchant, within 48 hours")),
    (State.SHIPPED, _("Receipt"), _("You confirm; seven days after delivery it counts as confirmed")),
    (State.ACTIVE, _("Renting"), _("You pay month by month")),
    (State.RETURNING, _("Return"), _("You send the device back")),
    (State.INSPECTING, _("Inspection"), _("The merchant, within three working days")),
    (State.SETTLING, _("Settlement"), _("The deposit goes back within three working days")),
]

SHORT_TEXTS: dict[State, Text] = {
    State.PAID: _("The merchant, in time for your first day"),
    State.SHIPPED: _("With the delivery, at the earliest on your first day"),
    State.ACTIVE: _("It is paid for already"),
}

LEASED = (State.SHIPPED, State.ACTIVE)

REASONS: dict[str, Text] = {
    "by_customer": _("by you"),
    "not_reviewed": _("It was not reviewed in time."),
    "not_paid": _("It was not signed and paid in time."),
    "standstill": _("A death or a loss of legal capacity is on record. Whatever was paid goes back by itself."),
    "unit_late": _("The device for these days did not come back in time, and no other one was free."),
    "not_shipped": _("The merchant did not ship in time."),
    "not_visited": _("The visit did not come about in time."),
    "demand_refused": _("What we asked for could not be accepted."),
    "suspected_fraud": _("The papers did not match the application."),
    "risk": _("We cannot take this order. It says nothing about your credit score."),
    "blocked": _("We cannot rent to this account."),
    "lost_outbound": _("The parcel was lost on its way."),
    "turned_back": _("The parcel was turned back."),
    "unpaid": _("Thirty days passed and a rest was not paid."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`condition`: done, now, failed or empty for what is to come. `on` is a day, `at` an instant."""

    title: Text
    text: Text
    at: datetime | None
    condition: str
    on: date | None = None


def of(order: Order, parcels: Sequence[Parcel]) -> list[Step]:
    """From placing to settlement; an order that ended early shows how far it came and why it ended."""
    placed = Step(_("Order placed"), "", order.placed_at, "done")
    if order.state in (State.CANCELLED, State.REFUSED, State.WRITTEN_OFF):
        return [placed, *_past(order, parcels), _ended(order)]
    here = FLOW.index(State(order.state))
    never_began = _never_began(order, here)
    places = [place for place in range(len(STEPS)) if not (never_began and STEPS[place][0] in LEASED)]
    return [placed, *(_step(order, place, here, parcels) for place in places if not _is_skipped(place, here, parcels))]


def _never_began(order: Order, here: int) -> bool:
    """Turned back, or a defect at receipt: there was neither receipt nor renting."""
    return order.received_at is None and here > FLOW.index(State.ACTIVE)


def of_lease(order: Order, parcels: Sequence[Parcel], bills: "Paid", on: date) -> list[Step]:
    """A lease in few steps, with its amounts and days; the later steps of a return follow once it is under way."""
    lease = order.lease
    here = len(FLOW) if order.state == State.WRITTEN_OFF else FLOW.index(State(order.state))
    assert lease.start is not None
    signed = calendar.business_date(order.paid_at) if order.paid_at else None
    is_paid = lease.deposit.kind == Deposit.Kind.PAID
    said = gettext("paid %(rent)s and the deposit of %(deposit)s") if is_paid else gettext(
        "paid %(rent)s, frozen %(deposit)s"
    )  # fmt: skip
    paid = said % {"rent": yuan(bills.first), "deposit": yuan(lease.deposit.to_hold)}
    begun = gettext("serial number %(serial)s") % {"serial": masked(order.unit.serial)} if order.unit else ""
    return [
        Step(_("Signed and paid"), paid, None, "done", signed),
        Step(_("Received: the lease starts"), begun, None, "done", lease.start),
        *_cured(order),
        _running(here, bills, on),
        *(_ahead(order) if order.state == State.ACTIVE else _returning(order, here, parcels)),
    ]


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid on a lease: its first bill, how many bills, and in all."""

    first: Decimal
    count: int
    total: Decimal


def masked(serial: str) -> str:
    """QH7P…8841: enough to compare with the back of the device."""
    return f"{serial[:4]}…{serial[-4:]}" if len(serial) > 10 else serial


def _cured(order: Order) -> list[Step]:
    """The last time that what was past due was made good; read with the order, where its page did."""
    cured_on: date | None = order.__dict__.get("cured_on")
    text = _("The case is closed: letters and visits about it fall away.")
    return [Step(_("Nothing is overdue any more"), text, None, "done", cured_on)] if cured_on else []


def _running(here: int, bills: Paid, on: date) -> Step:
    said = ngettext("%(count)d rent paid, %(total)s in all", "%(count)d rents paid, %(total)s in all", bills.count)
    told = said % {"count": bills.count, "total": yuan(bills.total)}
    if here > FLOW.index(State.ACTIVE):
        return Step(_("Rented"), told, None, "done")
    title = gettext("Renting: %(told)s") % {"told": told}
    return Step(title, gettext("today"), None, "now", on)


def _ahead(order: Order) -> list[Step]:
    """What is still to come, with its days."""
    lease, opens = order.lease, returns.opens_on(order)
    assert lease.last_day is not None
    terms = LeaseTerms.from_json(lease.terms)
    if terms.lease_model == "RENT_TO_OWN":
        return [Step(_("Yours"), gettext("with the last rent"), None, "", lease.last_day)]
    until = lease.last_day + timedelta(days=terms.return_window_days)
    sent = format_html(gettext("send it back by {day} without extra rent"), day=day(until, short=True))
    return [
        Step(_("A return or renewal can be arranged"), gettext("nothing happens by itself"), None, "", opens),
        Step(_("Last day"), sent, None, "", lease.last_day),
    ]


def _returning(order: Order, here: int, parcels: Sequence[Parcel]) -> list[Step]:
    """Return, inspection and settlement as the order's own timeline tells them."""
    first = [state for state, _title, _text in STEPS].index(State.RETURNING)
    places = [place for place in range(first, len(STEPS)) if not _is_skipped(place, here, parcels)]
    shown = [_step(order, place, here, parcels) for place in places]
    return [*shown, _ended(order)] if order.state == State.WRITTEN_OFF else shown


def _is_skipped(place: int, here: int, parcels: Sequence[Parcel]) -> bool:
    """No return and no inspection where the device was bought or did not come back."""
    is_of_return = STEPS[place][0] in (State.RETURNING, State.INSPECTING)
    came = any(p.way == Parcel.Way.BACK or p.turned_back_at is not None for p in parcels)
    return is_of_return and here > FLOW.index(State.INSPECTING) and not came


def _past(order: Order, parcels: Sequence[Parcel]) -> list[Step]:
    """What was done of an order that ended early; it was never settled."""
    done = [place for place in range(len(STEPS) - 1) if _done_at(order, STEPS[place][0]) is not None]
    return [_step(order, place, len(STEPS), parcels) for place in done]


def _ended(order: Order) -> Step:
    return Step(order.get_state_display(), REASONS.get(order.reason, order.reason), order.closed_at, "failed")


def _step(order: Order, place: int, here: int, parcels: Sequence[Parcel]) -> Step:
    state, title, text = STEPS[place]
    if order.is_short and state in SHORT_TEXTS:
        text = SHORT_TEXTS[state]
    if place < here:
        return Step(title, _waybill(state, parcels), _done_at(order, state), "done")
    if place == here:
        return Step(title, _waybill(state, parcels) or text, None, "now")
    return Step(title, text, None, "")


def _done_at(order: Order, state: State) -> datetime | None:
    """When the step that an order in `state` waits for was done."""
    done = {
        State.PLACED: order.approved_at,
        State.APPROVED: order.signed_at,
        State.SIGNED: order.paid_at,
        State.PAID: order.shipped_at,
        State.SHIPPED: order.received_at,
        State.SETTLING: order.closed_at,
    }
    return done.get(state)


def _waybill(state: State, parcels: Sequence[Parcel]) -> Text:
    way = {State.PAID: Parcel.Way.OUT, State.RETURNING: Parcel.Way.BACK}.get(state)
    return next((f"{shipping.CARRIERS.get(p.carrier, p.carrier)} {p.waybill}" for p in parcels if p.way == way), "")
