"""A fault within the lease (F7): reported, answered by the merchant, repaired or exchanged, the days credited.

The order stays ACTIVE and no date moves. Its parcels are watched as all parcels are; what a carrier tells of them, and
what happens when nobody does anything, stands in fault_waits.py.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from billing.models import Bill
from billing.rules.allocation import Part
from billing.rules.terms import LeaseTerms
from billing.services import reductions
from billing.services.reductions import Wish
from catalog.services import stock, units
from core import calendar, money
from core.errors import DomainError
from core.services import events, workdays
from notices.services import messages
from orders.models import Fault, Order, Parcel, State
from orders.services import day_rents, endings, exchanges, shipping, steps

ANSWER_WORKING_DAYS, DESK_WORKING_DAYS = 3, 5
SEND_IN_WITHIN, ON_ITS_WAY, AT_MERCHANT = timedelta(days=7), timedelta(days=15), timedelta(days=14)
RECEIVED_AFTER = timedelta(days=7)
COMES_LATE = timedelta(days=15)  # a report that the clock closed goes on with its parcel; later it wants a new report
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
        until = working_days(at, ANSWER_WORKING_DAYS)
        fault = Fault.objects.create(
            order=order, words=words.strip(), old_unit_id=order.unit_id, reported_at=at, waits_until=until
        )
        record(fault, "fault_reported", actor, at)
    return fault


def of(order: Order) -> Fault | None:
    """The one that is open."""
    return next((one for one in order.faults.all() if one.is_open), None)


def is_over(order: Order, at: datetime) -> bool:
    """Whether its last day is past."""
    last_day = order.lease.last_day
    return last_day is None or calendar.business_date(at) > last_day


def accept(order_id: int, remedy: str, actor: str, at: datetime) -> Fault:
    """Repair or exchange; the customer has seven days to send it in. NoFault, FaultMoved, NoOtherUnit."""
    with transaction.atomic():
        fault = _locked(order_id, "accept")
        if remedy == Remedy.EXCHANGE:
            exchanges.require_possible(fault.order)
        accept_locked(fault, remedy, actor, at)
    return fault


def decline(order_id: int, answer: str, actor: str, at: datetime) -> Fault:
    """With the reason that the customer reads. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "decline")
        fault.decline(answer, actor, at)
        fault.save()
        record(fault, "fault_declined", actor, at)
        tell(fault, "fault_declined", {"reason": answer}, at)
    return fault


def take_back(order_id: int, actor: str, at: datetime) -> Fault:
    """The customer needs no help any more, before he sent it in. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "close")
        if fault.state in Fault.AWAY:
            raise FaultMoved(state=fault.get_state_display())
        close(fault, "fault_closed", actor, at)
    return fault


def send_in(order_id: int, carrier: str, waybill: str, actor: str, at: datetime) -> Fault:
    """The customer handed it to a carrier. NoFault, FaultMoved, WaybillInvalid, TermPast, EndingOpen.

    The waybill of an earlier report that the clock closed may be used again; what its carrier told counts.
    """
    waybill = shipping.check_waybill(carrier, waybill, order_id)
    with transaction.atomic():
        fault = _locked(order_id, "send_in")
        _require_term(fault.order, at)
        endings.require_none(fault.order)
        parcel = shipping.hand_parcel(fault.order, Parcel.Way.TO_REPAIR, carrier, waybill, at, fault)
        fault.send_in(parcel.scanned_at or at, at + ON_ITS_WAY)
        fault.save()
        record(fault, "fault_sent_in", actor, at, waybill=waybill)
        if parcel.delivered_at is not None:
            arrive_locked(fault, events.PLATFORM, parcel.delivered_at, at)
    return fault


def arrive(order_id: int, actor: str, at: datetime) -> Fault:
    """The merchant has it. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "arrive")
        arrive_locked(fault, actor, at, at)
    return fault


def send_back(order_id: int, code: str, carrier: str, waybill: str, actor: str, at: datetime) -> Fault:
    """The merchant sends the repaired unit, or of an exchange another one (`code`). UnitNeeded, as exchanges.bind,
    OutOfStock, NoFault, FaultMoved, WaybillInvalid. Locks order, units; stock last.
    """
    waybill, code = shipping.check_waybill(carrier, waybill), code.strip()
    with transaction.atomic():
        fault = _locked(order_id, "send_back")
        if bool(code) is not (fault.remedy == Remedy.EXCHANGE):
            raise UnitNeeded
        reason = "lost_inbound" if fault.lost_at else "faulty"
        bound = fault.new_unit if fault.lost_at is None else None  # its parcel turned back, or never left
        is_same = bound is not None and units.is_called(bound, code)
        unit = bound if is_same else exchanges.bind(fault.order, code, reason, at) if code else None
        fault.send_back(unit, at + ON_ITS_WAY)
        fault.save()
        shipping.hand_parcel(fault.order, Parcel.Way.FROM_REPAIR, carrier, waybill, at, fault)
        facts = {"waybill": waybill} | ({"unit": unit.serial} if unit else {})
        record(fault, "fault_sent_back", actor, at, **facts)
        tell(fault, "fault_sent_back", {"waybill": waybill}, at)
        if unit is not None and not is_same:
            stock.lend(fault.order.merchant_id, fault.order.plan.sku_id)
    return fault


def receive(order_id: int, actor: str, at: datetime) -> Fault:
    """The customer has it again: the days without it are credited on the bills that come. NoFault, FaultMoved."""
    with transaction.atomic():
        fault = _locked(order_id, "finish")
        finish(fault, actor, at)
    return fault


def day_without(order: Order) -> Decimal:
    """What comes off for each day without the device."""
    return LeaseTerms.from_json(order.lease.terms).rent_of_days(1)


def without_so_far(order: Order, at: datetime) -> Decimal:
    """Day rent of the days without it, if he has it again now; nothing before it was sent."""
    fault = of(order)
    if fault is None or fault.sent_at is None:
        return money.ZERO
    fault.order = order
    return LeaseTerms.from_json(order.lease.terms).rent_of_days(_days_until(fault, _here_since(fault, at)))


def accept_locked(fault: Fault, remedy: str, actor: str, at: datetime) -> None:
    """`accept` for who holds the lock."""
    fault.accept(remedy, actor, at + SEND_IN_WITHIN)
    fault.save()
    record(fault, "fault_accepted", actor, at)
    day = calendar.business_date(at + SEND_IN_WITHIN).isoformat()
    tell(fault, "fault_accepted", {"day": day}, at)


def arrive_locked(fault: Fault, actor: str, arrived_at: datetime, at: datetime) -> None:
    """`arrive` for who holds the lock; the merchant's fourteen days count from the arrival."""
    fault.arrive(arrived_at + AT_MERCHANT)
    fault.save()
    fault.parcels.filter(way=Parcel.Way.TO_REPAIR, delivered_at=None, void_at=None).update(delivered_at=arrived_at)
    record(fault, "fault_arrived", actor, at)


def stay(fault: Fault, kind: str, at: datetime) -> None:
    """The parcel back did not go, or turned round: the merchant has fourteen days again."""
    fault.parcels.filter(way=Parcel.Way.FROM_REPAIR, void_at=None).update(void_at=at)
    fault.stay(at + AT_MERCHANT)
    fault.save()
    record(fault, kind, events.PLATFORM, at)


def finish(fault: Fault, actor: str, at: datetime) -> None:
    """He has it since the carrier's delivery, or since now: the days without it are credited."""
    parcel = _back_parcel(fault)
    credit(fault, _days_until(fault, _here_since(fault, at)), at)
    fault.finish(at)
    fault.save()
    if parcel is not None and parcel.delivered_at is None:
        parcel.delivered_at = at
        parcel.save(update_fields=["delivered_at"])
    record(fault, "fault_done", actor, at)
    tell(fault, "fault_done", {"days": str(fault.days), "amount": str(fault.credited)}, at)


def give_up(fault: Fault, kind: str, since: datetime, at: datetime) -> None:
    """It came back to the customer unmended: the report is closed, the days without it are credited."""
    credit(fault, _days_until(fault, min(since, at)), at)
    close(fault, kind, events.PLATFORM, at)
    tell(fault, "fault_done", {"days": str(fault.days), "amount": str(fault.credited)}, at)


def close(fault: Fault, kind: str, actor: str, at: datetime) -> None:
    """Without a remedy."""
    fault.close(at)
    fault.save()
    record(fault, kind, actor, at)


def credit(fault: Fault, days: int, at: datetime) -> None:
    """Day rent of the days, off the bills that come, the next one first; what none of them takes, off the last paid
    ones, and that money is the customer's credit.
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
    fault.days, fault.credited = days, taken


def working_days(at: datetime, count: int) -> datetime:
    """The end of that working day."""
    return calendar.instant(workdays.after(calendar.business_date(at), count), 23, 59)


def record(fault: Fault, kind: str, actor: str, at: datetime, **facts: str) -> None:
    events.record(kind, fault.order, at=at, actor=actor, facts=facts)


def tell(fault: Fault, template: str, figures: dict[str, str], at: datetime) -> None:
    """The customer, once for each word and way."""
    order = fault.order
    ways = fault.parcels.count()
    messages.inform(
        order.customer.user, template, {"order": order.number} | figures,
        step=f"fault:{fault.pk}:{template}:{ways}", at=at, link=f"/leases/{order.number}/",
    )  # fmt: skip


def _back_parcel(fault: Fault) -> Parcel | None:
    return fault.parcels.filter(way=Parcel.Way.FROM_REPAIR, void_at=None).first()


def _here_since(fault: Fault, at: datetime) -> datetime:
    parcel = _back_parcel(fault)
    return min(at, parcel.delivered_at) if parcel is not None and parcel.delivered_at else at


def _days_until(fault: Fault, since: datetime) -> int:
    """The day of the handing over counts, the day of having it again does not, nor one for which no rent is owed."""
    assert fault.sent_at is not None
    until = min(calendar.business_date(since), day_rents.after_the_rents(fault.order.lease))
    return max(0, (until - calendar.business_date(fault.sent_at)).days)


def _reason(fault: Fault) -> str:
    with translation.override(fault.order.customer.user.language):
        return gettext("Days without the device")


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
