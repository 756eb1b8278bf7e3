"""A device that was lost or kept, was paid for and is found within ninety days: sent back and paid back (domain.md §8).

What was paid for it less the day rent until the carrier had it goes back on the payments that it came by, once the
device is with the merchant. Until then nothing moves: who does not send it keeps it, and it is paid. The order stays
completed. The clock ends each wait: sent within seven days; a waybill that nobody scanned in fifteen does not count;
one that a carrier scanned counts as arrived after fifteen, or three working days after its delivery.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.rules import day_rent
from billing.rules.payoff import Payoff
from billing.rules.terms import LeaseTerms
from billing.services import partial_refunds
from catalog.services import stock, units
from core import calendar, money, running
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Order, Parcel, Retrieval, State
from orders.rules.quotes import Quote
from orders.services import day_rents, endings, inspections, shipping, steps

WITHIN_DAYS = 90
SEND_WITHIN = timedelta(days=7)
PAID_FOR = ("lost", "defaulted")  # how an order was completed that the device never came back of
AGAIN = timedelta(hours=12)
MOST = 200
log = logging.getLogger(__name__)


class NothingToGiveBack(DomainError):
    code = "nothing_to_give_back"
    message = _("Nothing was paid for this device that could be given back, or its ninety days are over.")


class NotUnderWay(DomainError):
    code = "retrieval_not_under_way"
    message = _("This device is not on its way back.")


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back if a carrier has it on a day: `paid` for it less `day_rent` of `days`."""

    paid: Decimal
    day_rent: Decimal
    days: int

    @property
    def amount(self) -> Decimal:
        return max(money.ZERO, self.paid - self.day_rent)


def is_possible(order: Order, on: date) -> bool:
    """Completed because it never came back, paid for not more than ninety days ago, and not under way or done."""
    if order.state != State.COMPLETED or order.reason not in PAID_FOR or order.unit_id is None:
        return False
    bill = _bill(order)
    if bill is None or bill.paid_at is None or not bill.paid:
        return False
    in_time = on <= calendar.business_date(bill.paid_at) + timedelta(days=WITHIN_DAYS)
    return in_time and not any(one.state in (Retrieval.State.OPEN, Retrieval.State.DONE) for one in _all(order))


def under_way(order: Order) -> Retrieval | None:
    """Asked of completed orders only, and only of those whose device never came back."""
    if order.state != State.COMPLETED or order.reason not in PAID_FOR:
        return None
    return next((one for one in _all(order) if one.state == Retrieval.State.OPEN), None)


def last(order: Order) -> Retrieval | None:
    """The newest one, open or not."""
    return next(iter(_all(order)), None) if order.reason in PAID_FOR else None


def back(order: Order, on: date) -> Back:
    """What goes back if the carrier has it on day `on`; nothing where nothing was paid."""
    bill, lease = _bill(order), order.lease
    if bill is None:
        return Back(money.ZERO, money.ZERO, 0)
    kept = lease.bills.filter(kind=Bill.Kind.DAY_RENT).exclude(state=Bill.State.VOID)
    until = kept.aggregate(last=Max("period_end"))["last"]
    first = day_rents.after_the_rents(lease)
    first = max(first, until + timedelta(days=1)) if until else first
    days = max(0, (on - first).days + 1)
    paid = partial_refunds.lying(bill)
    return Back(paid, day_rent.of_days(LeaseTerms.from_json(lease.terms), paid, days), days)


def due_back(order: Order, at: datetime) -> Back:
    """What goes back if the merchant has it now, of one that is under way. NotUnderWay."""
    found = under_way(order)
    if found is None:
        raise NotUnderWay
    return back(order, _left_on(found, at))


def quote(order: Order, on: date) -> Quote:
    """The same as the figures that a page shows and sends back."""
    found = back(order, on)
    return Quote(on, 0, Payoff(found.day_rent, money.ZERO, money.ZERO, found.paid, money.ZERO), found.days)


def open(order_id: int, actor: str, at: datetime, shown: str | None = None) -> Retrieval:  # noqa: A001 - with its noun
    """It is there again, and is to be sent back. NothingToGiveBack, QuoteChanged. Locks order."""
    on = calendar.business_date(at)
    with transaction.atomic():
        order = steps.lock(order_id)
        if not is_possible(order, on):
            raise NothingToGiveBack
        offer = quote(order, on)
        endings.require_shown(offer, shown)
        made = Retrieval.objects.create(order=order, opened_at=at, until=at + SEND_WITHIN)
        told = back(order, on)
        events.record("found_late", order, at=at, actor=actor, facts={"amount": str(told.amount)})
        day = calendar.business_date(made.until).isoformat()
        _tell(made, "found_late", {"day": day, "amount": str(told.amount)}, at)
    return made


def hand_over(order_id: int, actor: str, carrier: str, waybill: str, at: datetime) -> Parcel:
    """The customer says that the carrier has it; its first scan says since when. NotUnderWay, as `check_waybill`."""
    waybill = shipping.check_waybill(carrier, waybill)
    with transaction.atomic():
        order = steps.lock(order_id)
        found = _locked(order)
        if found.parcel is not None:
            raise NotUnderWay
        found.parcel = shipping.hand_parcel(order, Parcel.Way.BACK, carrier, waybill, at)
        _wait(found, at + shipping.CARRIER_WAIT)
        events.record("sent_back", order, at=at, actor=actor, facts={"waybill": waybill})
    return found.parcel


def follow(order: Order, parcel: Parcel, scanned: datetime, delivered: datetime | None) -> None:
    """A carrier's scans of it: fifteen days from the first one, three working days from its delivery. Order locked."""
    found = Retrieval.objects.select_for_update().filter(parcel=parcel, state=Retrieval.State.OPEN).first()
    if found is not None:
        _wait(found, inspections.clock(delivered) if delivered else scanned + shipping.CARRIER_WAIT)
        if delivered and parcel.delivered_at is None:
            parcel.delivered_at = delivered
            parcel.save(update_fields=["delivered_at"])


def arrive(order_id: int, actor: str, at: datetime) -> Retrieval:
    """The merchant has it: it is paid back at once. NotUnderWay. Locks order, retrieval, unit, lease, payments."""
    with transaction.atomic():
        order = steps.lock(order_id)
        found = _locked(order)
        if found.parcel is not None and found.parcel.delivered_at is None:
            found.parcel.delivered_at = at
            found.parcel.save(update_fields=["delivered_at"])
        return _pay_back(order, found, actor, at, is_here=True)


def refuse(order_id: int, actor: str, reason: str, at: datetime) -> Retrieval:
    """An operator: what came is not this device, or nothing came. The customer hears why. NotUnderWay."""
    with transaction.atomic():
        order = steps.lock(order_id)
        found = _locked(order)
        found.refuse(reason.strip()[:200], at)
        found.save()
        events.record("found_refused", order, at=at, actor=actor, facts={"reason": found.reason})
        _tell(found, "found_refused", {"reason": found.reason}, at)
    return found


def end_due(at: datetime) -> int:
    """Waits that are over; how many ended. One that cannot be ended is logged, the others go on."""
    rows = Retrieval.objects.filter(state=Retrieval.State.OPEN, until__lte=at).order_by("until")
    ended = 0
    for order_id in list(rows.values_list("order_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, order_id):
                ended += _end(order_id, at)
        except (DomainError, DatabaseError):
            log.exception("the wait for the found device of order %s did not end; the others go on", order_id)
    return ended


def _end(order_id: int, at: datetime) -> bool:
    with transaction.atomic():
        order = steps.lock(order_id)
        rows = Retrieval.objects.filter(order=order, state=Retrieval.State.OPEN, until__lte=at)
        if not rows.exists():
            return False
        found = _locked(order)
        parcel = found.parcel
        if parcel is not None and shipping.stands_still(parcel, at):
            _wait(found, at + AGAIN)  # its carrier cannot be asked: silence says nothing
            return False
        if parcel is not None and parcel.scanned_at is not None:
            _pay_back(order, found, PLATFORM, at, is_here=parcel.delivered_at is not None)
            return True
        if parcel is not None:
            parcel.void_at = at
            parcel.save(update_fields=["void_at"])
        found.lapse(at)
        found.save()
        events.record("found_lapsed", order, at=at)
        _tell(found, "found_lapsed", {}, at)
    return True


def _pay_back(order: Order, found: Retrieval, actor: str, at: datetime, *, is_here: bool) -> Retrieval:
    """Once: the row leaves OPEN with it. A parcel that a carrier lost is the merchant's risk, as with every return."""
    told = back(order, _left_on(found, at))
    bill = _bill(order)
    assert bill is not None  # it was there when it was opened
    assert order.unit_id is not None
    if is_here:
        units.bring_back(order.unit_id, at)
    found.day_rent = min(told.day_rent, told.paid)
    found.refunded = partial_refunds.take_back(bill, told.amount, "device found again", at)
    found.finish(at)
    found.save()
    facts = {"amount": str(found.refunded), "day_rent": str(found.day_rent)}
    events.record("found_returned", order, at=at, actor=actor, facts=facts)
    _tell(found, "found_returned", {"amount": str(found.refunded), "rent": str(found.day_rent)}, at)
    if is_here:
        stock.put_back(order.merchant_id, order.plan.sku_id)
    return found


def _left_on(found: Retrieval, at: datetime) -> date:
    """The day on which the carrier had it, in the customer's favour; brought in person, the day of bringing."""
    parcel = found.parcel
    left = at if parcel is None else parcel.scanned_at or parcel.handed_over_at
    return calendar.business_date(min(max(left, found.opened_at), at))


def _locked(order: Order) -> Retrieval:
    rows = Retrieval.objects.select_for_update(of=("self",)).select_related("parcel")
    found = rows.filter(order=order, state=Retrieval.State.OPEN).first()
    if found is None:
        raise NotUnderWay
    found.order = order
    return found


def _wait(found: Retrieval, until: datetime) -> None:
    found.until = until
    found.save(update_fields=["until", "parcel"])


def _bill(order: Order) -> Bill | None:
    """What was paid for it."""
    return order.lease.bills.filter(kind=Bill.Kind.LOSS, state=Bill.State.PAID).order_by("-number").first()


def _all(order: Order) -> list[Retrieval]:
    return sorted(order.retrievals.all(), key=lambda one: -one.pk)


def _tell(found: Retrieval, template: str, params: dict[str, str], at: datetime) -> None:
    order = found.order
    messages.inform(
        order.customer.user, template, {"order": order.number} | params,
        step=f"retrieval:{found.pk}:{template}", at=at, link=f"/leases/{order.number}/",
    )  # fmt: skip
