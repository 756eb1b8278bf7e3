"""A fault within the lease (F7): reported, answered by the merchant, repaired or exchanged, the days credited.

The order stays ACTIVE and no date moves. Every wait ends by itself (docs/domain/clock.md): a merchant who is silent for
three working days leaves the answer to the desk, a desk that is silent for five leaves the customer his repair. A
device that the merchant keeps for fourteen days is his: the lease ends without a charge, as a return that arrived.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import Bill
from billing.rules.allocation import Part
from billing.rules.terms import LeaseTerms
from billing.services import freeing, reductions
from billing.services.reductions import Wish
from catalog.models import DeviceUnit
from catalog.services import stock, units
from core import calendar, money, running
from core.errors import DomainError
from core.services import events, workdays
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Ending, Fault, Order, State
from orders.services import day_rents, endings, inspections, shipping, steps

ANSWER_WORKING_DAYS, DESK_WORKING_DAYS = 3, 5
SEND_IN_WITHIN, ON_ITS_WAY, AT_MERCHANT = timedelta(days=7), timedelta(days=15), timedelta(days=14)
RECEIVED_AFTER = timedelta(days=7)
MOST = 200
log = logging.getLogger(__name__)
Remedy = Fault.Remedy


class FaultOpen(DomainError):
    code = "fault_open"
    message = _("A fault of this device is being dealt with already.")


class FaultMoved(DomainError):
    code = "fault_moved"
    message = _("This is no longer possible: the fault is “%(state)s” now.")


class NoFault(DomainError):
    code = "no_fault"
    message = _("No fault is reported for this device.")


class TermPast(DomainError):
    code = "fault_term_past"
    message = _("The lease ended on %(last_day)s. Please send the device back; say what is wrong with it there.")


class UnitNeeded(DomainError):
    code = "unit_needed"
    message = _("Of an exchange please enter the serial number or IMEI of the other unit, of a repair none.")


def report(order_id: int, words: str, actor: str, at: datetime) -> Fault:
    """The customer says what is wrong. StepNotPossible off lease or of a short rental, FaultOpen, TermPast."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.ACTIVE or order.is_short or order.unit_id is None:
            raise steps.StepNotPossible(state=order.get_state_display())
        _require_term(order, at)
        endings.require_none(order)
        if of(order) is not None:
            raise FaultOpen
        until = _working_days(at, ANSWER_WORKING_DAYS)
        fault = Fault.objects.create(
            order=order, words=words.strip(), old_unit_id=order.unit_id, reported_at=at, waits_until=until
        )
        _record(fault, "fault_reported", actor, at)
    return fault


def of(order: Order) -> Fault | None:
    """The one that is open."""
    return next((one for one in order.faults.all() if one.is_open), None)


def is_over(order: Order, at: datetime) -> bool:
    """Whether its last day is past."""
    last_day = order.lease.last_day
    return last_day is None or calendar.business_date(at) > last_day


def accept(order_id: int, remedy: str, actor: str, at: datetime) -> Fault:
    """Repair or exchange; the customer has seven days to send it in. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "accept")
        _accept(fault, remedy, actor, at)
    return fault


def decline(order_id: int, answer: str, actor: str, at: datetime) -> Fault:
    """With the reason that the customer reads. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "decline")
        fault.decline(answer, actor, at)
        fault.save()
        _record(fault, "fault_declined", actor, at)
        _tell(fault, "fault_declined", {"reason": answer}, at)
    return fault


def take_back(order_id: int, actor: str, at: datetime) -> Fault:
    """The customer needs no help any more, before he sent it in. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "close")
        if fault.state in Fault.AWAY:
            raise FaultMoved(state=fault.get_state_display())
        _close(fault, actor, at)
    return fault


def send_in(order_id: int, carrier: str, waybill: str, actor: str, at: datetime) -> Fault:
    """The customer handed it to a carrier. NoFault, FaultMoved, WaybillInvalid, TermPast, EndingOpen."""
    waybill = shipping.check_waybill(carrier, waybill)
    with transaction.atomic():
        fault = _locked(order_id, "send_in")
        _require_term(fault.order, at)
        endings.require_none(fault.order)
        fault.send_in(f"{carrier} {waybill}", at, at + ON_ITS_WAY)
        fault.save()
        _record(fault, "fault_sent_in", actor, at, waybill=waybill)
    return fault


def arrive(order_id: int, actor: str, at: datetime) -> Fault:
    """The merchant has it. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "arrive")
        _arrive(fault, actor, at)
    return fault


def send_back(order_id: int, code: str, carrier: str, waybill: str, actor: str, at: datetime) -> Fault:
    """The merchant sends the repaired unit, or of an exchange another one (`code`). UnitNeeded, UnitNotFound, UnitOut,
    OutOfStock, NoFault, FaultMoved, WaybillInvalid. Locks order, units; stock last.
    """
    waybill, code = shipping.check_waybill(carrier, waybill), code.strip()
    with transaction.atomic():
        fault = _locked(order_id, "send_back")
        if bool(code) is not (fault.remedy == Remedy.EXCHANGE):
            raise UnitNeeded
        unit = _bind(fault.order, code, at) if code else None
        fault.send_back(f"{carrier} {waybill}", unit, at + RECEIVED_AFTER)
        fault.save()
        facts = {"waybill": waybill} | ({"unit": unit.serial} if unit else {})
        _record(fault, "fault_sent_back", actor, at, **facts)
        _tell(fault, "fault_sent_back", {"waybill": waybill}, at)
        if unit is not None:
            stock.lend(fault.order.merchant_id, fault.order.plan.sku_id)
    return fault


def receive(order_id: int, actor: str, at: datetime) -> Fault:
    """The customer has it again: the days without it are credited on the bills that come. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "finish")
        _finish(fault, actor, at)
    return fault


def end_due(at: datetime) -> int:
    """Waits that ran out, and faults of orders that went another way; how many ended. Each re-checks locked."""
    due = Fault.objects.filter(Q(waits_until__lte=at) | Q(waits_until__isnull=False) & ~Q(order__state=State.ACTIVE))
    ended = 0
    for order_id in list(due.order_by("waits_until").values_list("order_id", flat=True)[:MOST]):
        try:
            with running.apart(Order, order_id):
                ended += end_wait(order_id, at)
        except (DomainError, DatabaseError):
            log.exception("the fault of order %s did not end; the others go on", order_id)
    return ended


def end_wait(order_id: int, at: datetime) -> bool:
    """Whatever the fault waits for did not happen in time."""
    with transaction.atomic():
        order = steps.lock(order_id)
        fault = of(order)
        if fault is None or fault.waits_until is None:
            return False
        if fault.waits_until > at and order.state == State.ACTIVE:
            return False
        fault.order = order
        if order.state != State.ACTIVE:
            _close(fault, PLATFORM, at)
        else:
            ENDS[fault.state](fault, at)
    return True


def _bind(order: Order, code: str, at: datetime) -> DeviceUnit:
    """Another unit of the same model is the order's from now on; the faulty one is rented to nobody again."""
    unit = shipping.free_unit(order, code)
    assert order.unit_id is not None
    units.retire(order.unit_id, "faulty", at)
    order.unit = unit
    order.save(update_fields=["unit"])
    return unit


def _pass_on(fault: Fault, at: datetime) -> None:
    fault.pass_on(_working_days(at, DESK_WORKING_DAYS))
    fault.save()
    _record(fault, "fault_at_desk", PLATFORM, at)


def _accept(fault: Fault, remedy: str, actor: str, at: datetime) -> None:
    fault.accept(remedy, actor, at + SEND_IN_WITHIN)
    fault.save()
    _record(fault, "fault_accepted", actor, at)
    day = calendar.business_date(at + SEND_IN_WITHIN).isoformat()
    _tell(fault, "fault_accepted", {"day": day}, at)


def _arrive(fault: Fault, actor: str, at: datetime) -> None:
    fault.arrive(at + AT_MERCHANT)
    fault.save()
    _record(fault, "fault_arrived", actor, at)


def _close(fault: Fault, actor: str, at: datetime) -> None:
    fault.close(at)
    fault.save()
    _record(fault, "fault_closed", actor, at)


def _finish(fault: Fault, actor: str, at: datetime) -> None:
    assert fault.sent_at is not None
    days = (calendar.business_date(at) - calendar.business_date(fault.sent_at)).days
    credited = _credit(fault, days, at)
    fault.finish(days, credited, at)
    fault.save()
    _record(fault, "fault_done", actor, at)
    _tell(fault, "fault_done", {"days": str(days), "amount": str(credited)}, at)


def _credit(fault: Fault, days: int, at: datetime) -> Decimal:
    """Day rent of the days, off the bills that come, the next one first; what none of them takes, off the last paid
    ones, and that money is the customer's credit. What was taken off.
    """
    lease = fault.order.lease
    rest = LeaseTerms.from_json(lease.terms).rent_of_days(days)
    taken = money.ZERO
    rents = lease.bills.filter(kind=Bill.Kind.RENT).select_related("lease__customer")
    coming = rents.filter(state=Bill.State.OPEN).order_by("due_date", "number")
    paid = rents.filter(state=Bill.State.PAID).order_by("-due_date", "-number")
    for bill in [*coming, *paid]:
        amount = min(rest - taken, reductions.most_owed(bill, calendar.business_date(at)))
        if amount > 0:
            reductions.owed(Wish(lease.number, bill.number, Part.RENT, amount, _reason(fault)), at)
            taken += amount
    return taken


def _reason(fault: Fault) -> str:
    with translation.override(fault.order.customer.user.language):
        return gettext("Days without the device")


def _keep_for_good(fault: Fault, at: datetime) -> None:
    """The merchant kept it beyond his days: the lease ends without a charge, and what is held is settled."""
    order = fault.order
    events.record("marked", order.merchant, at=at, facts={"order": order.number, "reason": "not_repaired"})
    endings.lock_books(order)
    steps.take(order, "begin_return", at=at, actor=PLATFORM)
    Ending.objects.create(order=order, kind=Ending.Kind.RETURN, basis=Ending.Basis.TERM, opened_at=at)
    assert fault.sent_at is not None
    sent = calendar.business_date(fault.sent_at)
    freeing.fall_away(freeing.later(order.lease, sent), at)
    fault.days = max(0, (day_rents.after_the_rents(order.lease) - sent).days)
    fault.credited = _credit(fault, fault.days, at)
    _close(fault, PLATFORM, at)
    endings.use_credit(order, at)
    steps.take(order, "arrive", inspections.clock(at), at=at, actor=PLATFORM)


def _require_term(order: Order, at: datetime) -> None:
    """TermPast: what is due back is brought back, whatever is wrong with it."""
    if is_over(order, at):
        raise TermPast(last_day=order.lease.last_day)


def _locked(order_id: int, edge: str) -> Fault:
    order = steps.lock(order_id)
    fault = of(order)
    if fault is None:
        raise NoFault
    fault.order = order
    if order.state != State.ACTIVE or not can_proceed(getattr(fault, edge)):
        raise FaultMoved(state=fault.get_state_display())
    return fault


def _working_days(at: datetime, count: int) -> datetime:
    return calendar.instant(workdays.after(calendar.business_date(at), count), 23, 59)


def _record(fault: Fault, kind: str, actor: str, at: datetime, **facts: str) -> None:
    events.record(kind, fault.order, at=at, actor=actor, facts=facts)


def _tell(fault: Fault, template: str, figures: dict[str, str], at: datetime) -> None:
    order = fault.order
    messages.inform(
        order.customer.user, template, {"order": order.number} | figures,
        step=f"fault:{fault.pk}:{template}", at=at, link=f"/leases/{order.number}/",
    )  # fmt: skip


ENDS: dict[str, Callable[[Fault, datetime], None]] = {
    Fault.State.REPORTED: _pass_on,
    Fault.State.AT_DESK: lambda fault, at: _accept(fault, Remedy.REPAIR, PLATFORM, at),
    Fault.State.ACCEPTED: lambda fault, at: _close(fault, PLATFORM, at),
    Fault.State.SENT: lambda fault, at: _arrive(fault, PLATFORM, at),  # lost on its way is the merchant's risk
    Fault.State.ARRIVED: _keep_for_good,
    Fault.State.BACK: lambda fault, at: _finish(fault, PLATFORM, at),
}
