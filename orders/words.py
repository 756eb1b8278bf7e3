"""How back offices speak of an order: the tone of its state, the time that is left, its log in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contracts.models import Agreement
from core.calendar import SHANGHAI, business_date
from core.models import Event
from core.services import events
from orders.action_forms import DEFECTS
from orders.models import DevicePhoto, Ending, Fault, Order, Parcel, ParcelEvent, State
from orders.services import cancellations, day_rents, shipping

TONES = {
    State.PLACED: "wait",
    State.PAID: "wait",
    State.SHIPPED: "live",
    State.ACTIVE: "live",
    State.RETURNING: "live",
    State.INSPECTING: "wait",
    State.SETTLING: "wait",
    State.COMPLETED: "ok",
    State.WRITTEN_OFF: "late",
}
HURRY = timedelta(hours=12)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS = {
    "": _("Order placed"),
    "approve": _("Approved"),
    "refuse": _("Refused"),
    "sign": _("Signed by both"),
    "pay": _("First rent paid, deposit secured"),
    "ship": _("Shipped"),
    "turn_back": _("The lease did not begin: the device goes back"),
    "keep": _("Kept after all: the lease starts"),
    "defect": _("A defect was reported"),
    "receive": _("Received: the lease starts"),
    "lose_outbound": _("Lost on the way out"),
    "begin_return": _("The customer began the return"),
    "withdraw_return": _("The customer keeps renting"),
    "pass_title": _("Bought: the device is the customer's"),
    "lose": _("Reported lost"),
    "default": _("Not returned"),
    "find": _("Found again"),
    "arrive": _("Arrived at the merchant"),
    "lose_inbound": _("Lost on the way back"),
    "assess": _("Inspected"),
    "complete": _("Completed"),
    "write_off": _("Written off"),
    "activated": _("Reported as switched on"),
    "not_activated": _("Reported as never switched on"),
    "account_lock": _("Still locked: the customer was told how to remove it"),
    "account_lock_lifted": _("The customer removed the lock"),
    "account_lock_stood": _("The lock was not removed in time"),
    "damage_claimed": _("Damage claimed"),
    "damage_disputed": _("The customer disputes the claim"),
    "cancel": _("Cancelled"),
    "delivered": _("Delivered by the carrier"),
    "readdressed": _("Goes to another address"),
    "sent_back": _("Handed to the carrier for the return"),
    "found_late": _("Found again after it was paid for"),
    "found_returned": _("The found device is back: paid back less day rent"),
    "found_refused": _("The found device was not accepted"),
    "found_lapsed": _("The found device was not sent back"),
    "fault_reported": _("A fault was reported"),
    "fault_at_desk": _("The merchant did not answer: the platform does"),
    "fault_accepted": _("The fault is to be mended"),
    "fault_declined": _("The fault was declined"),
    "fault_sent_in": _("Sent in for the repair"),
    "fault_arrived": _("The faulty device has arrived"),
    "fault_sent_back": _("Sent back to the customer"),
    "fault_done": _("The customer has it again"),
    "fault_closed": _("The fault report is closed"),
    "fault_lost": _("Lost on its way: the merchant sends another device"),
    "fault_resumed": _("A carrier took the device after all: the fault report goes on"),
    "fault_never_sent": _("No carrier took the device: the fault report is closed"),
    "fault_not_taken": _("No carrier took the parcel back: the merchant still has the device"),
    "fault_turned_back": _("The parcel turned back to its sender"),
    "swap_opened": _("Another device is to replace it"),
    "swap_lapsed": _("No other device came: the lease goes on"),
}
FAILED = {"refuse", "cancel", "lose_outbound", "lose_inbound", "write_off"}
ACTORS = {
    "customer": _("Customer"),
    "merchant": _("Merchant"),
    "operator": _("Operator"),
    "platform": _("Platform"),
}
EVIDENCE = {
    "drafted": _("Terms fixed"),
    "presented": _("Shown to the customer"),
    "confirmed": _("Every key term confirmed"),
    "code_entered": _("Code from the SMS entered"),
    "signed": _("Signed and sealed"),
    "taken_back": _("Taken back by the customer"),
    "lapsed": _("Lapsed"),
}
REASONS = {
    "by_customer": _("by the customer"),
    "not_reviewed": _("not reviewed in time"),
    "not_paid": _("not signed and paid in time"),
    "standstill": _("the customer can no longer act"),
    "unit_late": _("the device of these days did not come back in time"),
    "not_shipped": _("not shipped in time"),
    "not_visited": _("the demanded visit did not come about in time"),
    "demand_refused": _("what was demanded was not accepted"),
    "risk": _("by a risk rule"),
    "suspected_fraud": _("suspected fraud"),
    "lost_outbound": _("lost on the way out"),
    "turned_back": _("the parcel was refused or turned back"),
    "defect": _("a defect at receipt"),
    "returned": _("device returned"),
    "bought": _("bought by the customer"),
    "lost": _("lost by the customer"),
    "defaulted": _("not returned"),
    "settled": _("settled"),
    "unpaid": _("not paid within thirty days"),
    "damage_claim": _("what the damage claim came to"),
    "unpaid_30_days": _("unpaid thirty days after the return, by the agreement"),
    "written_off": _("the rest was written off"),
    "refused": _("refused"),
}


@dataclass(frozen=True)
class Left:
    """The time until a deadline as a word with a tone."""

    word: str
    tone: str

    @property
    def is_over(self) -> bool:
        return self.tone == "late"


@dataclass(frozen=True)
class Entry:
    """One line of an order's log; `condition` is the mark that a timeline draws."""

    title: str | Promise
    on: date
    time: str
    actor: str | Promise
    text: str
    condition: str


def tone(state: str) -> str:
    return TONES.get(State(state), "neutral")


def left(until: datetime, at: datetime) -> Left:
    """3 hours left, 2 hours overdue: whole units, counted down."""
    if until < at:
        return Left(_overdue(at - until), "late")
    return Left(_remaining(until - at), "wait" if until - at < HURRY else "neutral")


def late(order: Order, on: date) -> str:
    """What a device that is kept past its return day costs; empty while it is in time."""
    last = order.lease.last_day
    if last is None or (on <= last and order.state == State.ACTIVE) or not day_rents.is_kept(order):
        return ""
    if order.customer.user.in_peace_since is not None:
        return ""
    found = day_rents.agreed(order)
    if found is None or on < found.first:
        return ""
    told = {"day": found.first.isoformat(), "amount": f"¥{found.a_day:,.2f}", "most": f"¥{found.cap:,.2f}"}
    return gettext("late since %(day)s: %(amount)s a day, at most %(most)s") % told


def deadline(order: Order) -> datetime | None:
    """What is promised by when: for a paid order the shipping, before the platform would cancel it."""
    return cancellations.may_cancel_from(order) or order.waits_until


def reason(code: str) -> str | Promise:
    """A reason as stored: a known code in the reader's language, or an actor's own words."""
    return REASONS.get(code, code)


def log(order: Order) -> list[Entry]:
    """Everything that happened to the order, oldest first."""
    rows = list(events.of(order))
    return [_entry(row, is_last=row is rows[-1]) for row in _told(rows)]


@dataclass(frozen=True)
class Swap:
    """The other order of a swap, for whoever works on this one."""

    number: str
    is_new: bool
    word: str
    tone: str
    href: str


def swap(order: Order, address: Callable[[Order], str]) -> Swap | None:
    """The order that this one replaces, or is replaced by; of two the newest swap. One query."""
    rows = Ending.objects.filter(Q(order=order, kind=Ending.Kind.SWAP) | Q(successor=order))
    found = rows.select_related("order", "successor").order_by("-id").first()
    if found is None or found.successor is None:
        return None
    is_new = found.successor_id == order.pk
    other = found.order if is_new else found.successor
    tone = "wait" if found.state == Ending.State.OPEN else "neutral"
    return Swap(other.number, is_new, f"{found.get_kind_display()} · {found.get_state_display()}", tone, address(other))


@dataclass(frozen=True)
class Way:
    """A parcel with its carrier's name and what it was told of, the newest first."""

    parcel: Parcel
    carrier: str | Promise
    scans: list[ParcelEvent]


@dataclass(frozen=True)
class Trouble:
    """A fault with the customer's pictures of it; an operator or merchant opens them at his own address."""

    fault: Fault
    photos: list[DevicePhoto]


@dataclass(frozen=True)
class Link:
    """One link of an agreement's evidence chain, told in words."""

    number: int
    word: str | Promise
    at: datetime
    hash: str


def parcels(order: Order) -> list[Way]:
    """The order's parcels, the first one first."""
    rows = order.parcels.prefetch_related("scans").order_by("id")
    return [Way(row, shipping.CARRIERS.get(row.carrier, row.carrier), list(row.scans.all())[::-1]) for row in rows]


def troubles(order: Order) -> list[Trouble]:
    """The faults of its device, the newest first, and one query for the pictures if there are faults."""
    if order.received_at is None:
        return []
    without_files = Prefetch("photos", DevicePhoto.objects.defer("sealed").order_by("id"))
    rows = sorted(order.faults.all(), key=lambda one: -one.pk)
    prefetch_related_objects(rows, without_files)
    return [Trouble(row, list(row.photos.all())) for row in rows]


def evidence(agreement: Agreement) -> list[Link]:
    """The agreement's evidence, oldest first."""
    return [Link(row.sequence, EVIDENCE.get(row.kind, row.kind), row.at, row.hash) for row in agreement.evidence.all()]


def _told(rows: Iterable[Event]) -> list[Event]:
    return [row for row in rows if _step(row) in STEPS]


def _step(row: Event) -> str:
    return str(row.facts.get("step", "")) if row.kind == "transition" else row.kind


def _entry(row: Event, *, is_last: bool) -> Entry:
    step = _step(row)
    condition = "failed" if step in FAILED else "now" if is_last else "done"
    actor = ACTORS.get(row.actor.partition(":")[0], row.actor)
    return Entry(STEPS[step], business_date(row.at), _time(row.at), actor, _facts(row), condition)


def _facts(row: Event) -> str:
    facts = row.facts
    told = [str(reason(facts["reason"]))] if facts.get("reason") else []
    if facts.get("unit"):
        told.append(gettext("unit %(serial)s") % {"serial": facts["unit"]})
    if facts.get("order"):
        told.append(gettext("order %(number)s") % {"number": facts["order"]})
    if facts.get("waybill"):
        told.append(gettext("waybill %(waybill)s") % {"waybill": facts["waybill"]})
    if row.kind == "defect":
        told += [*(str(label) for name, label in DEFECTS if name in facts["points"]), facts["words"]]
    return " · ".join(filter(None, told))


def _time(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def _remaining(span: timedelta) -> str:
    if span >= DAY:
        return ngettext("%(count)d day left", "%(count)d days left", span // DAY) % {"count": span // DAY}
    if span >= HOUR:
        return ngettext("%(count)d hour left", "%(count)d hours left", span // HOUR) % {"count": span // HOUR}
    minutes = span // timedelta(minutes=1)
    return ngettext("%(count)d minute left", "%(count)d minutes left", minutes) % {"count": minutes}


def _overdue(span: timedelta) -> str:
    if span >= DAY:
        return ngettext("%(count)d day overdue", "%(count)d days overdue", span // DAY) % {"count": span // DAY}
    hours = span // HOUR
    if not hours:
        return gettext("just overdue")
    return ngettext("%(count)d hour overdue", "%(count)d hours overdue", hours) % {"count": hours}
