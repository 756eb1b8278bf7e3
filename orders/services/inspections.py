"""The device came back: the merchant has three working days to look at it (domain.md §5).

A device that is locked to an account cannot be looked at: its customer is told how to remove the lock, and the clock
stands until he did or his week is over. Damage is a claim (claims.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.services import units
from core import calendar
from core.errors import DomainError
from core.services import events, workdays
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import AccountLock, Ending, Inspection, Order, Parcel, State
from orders.services import returns, settlements, steps

WORKING_DAYS = 3
LOCK_DAYS = timedelta(days=7)


class AlreadyTold(DomainError):
    code = "lock_told_already"
    message = _("The customer was told of the lock once already. Pass the device, or claim what is damaged.")


class LockFirst(DomainError):
    code = "lock_first"
    message = _("Tell the customer first that the device is still locked; the inspection waits for him.")


class LockOver(DomainError):
    code = "lock_over"
    message = _("The inspection does not wait for this any more.")


class ClaimOpen(DomainError):
    code = "claim_open"
    message = _("A damage claim is under way for this device.")


@dataclass(frozen=True, slots=True)
class Findings:
    """The checklist; `condition` is one of the condition grades, or empty."""

    serial_matches: bool
    wiped: bool
    note: str
    condition: str = ""


def arrive(order_id: int, actor: str, at: datetime) -> Order:
    """The merchant has the parcel; the inspection clock starts."""
    with transaction.atomic():
        order = steps.lock(order_id)
        back = order.parcels.filter(way=Parcel.Way.BACK, void_at=None).first()
        if back is not None and back.scanned_at is None:  # it came, so it left: on the day that the customer says
            returns.left(order, back.handed_over_at, at)
        elif back is None:
            returns.left(order, at, at)
        steps.take(order, "arrive", clock(at), at=at, actor=actor)
        order.parcels.filter(way=Parcel.Way.BACK, delivered_at=None).update(delivered_at=at)
    return order


def clock(at: datetime) -> datetime:
    """The end of the third working day after `at`."""
    return calendar.instant(workdays.after(calendar.business_date(at), WORKING_DAYS), 23, 59)


def pass_device(
    order_id: int,
    inspector: User,
    *,
    serial_matches: bool,
    wiped: bool,
    note: str,
    at: datetime,
    condition: str = "",
) -> Inspection:
    """The device is in order: settle. ClaimOpen, StepNotPossible."""
    with transaction.atomic():
        order = steps.lock(order_id)
        require_unclaimed(order)
        found = Findings(serial_matches, wiped, note, condition)
        inspection = recorded(order, Inspection.Result.PASSED, found, inspector, at)
        return _record(order, inspection, f"merchant:{inspector.pk}", at)


def report_lock(order_id: int, inspector: User, at: datetime) -> AccountLock:
    """The device is locked to an account: its customer is told what to do, the inspection waits. AlreadyTold."""
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "assess")
        require_unclaimed(order)
        if AccountLock.objects.filter(order=order).exists():
            raise AlreadyTold
        lock = AccountLock.objects.create(order=order, reported_by=inspector, reported_at=at, until=at + LOCK_DAYS)
        wait(order, lock.until)
        events.record("account_lock", order, at=at, actor=f"merchant:{inspector.pk}")
        tell(order, "account_lock", {"day": calendar.business_date(lock.until).isoformat()}, at)
    return lock


def lift_lock(order_id: int, actor: str, at: datetime) -> AccountLock:
    """The customer removed it; the merchant has his three working days again. LockOver."""
    with transaction.atomic():
        order = steps.lock(order_id)
        lock = AccountLock.objects.select_for_update().filter(order=order).first()
        if lock is None or not lock.stands or order.state != State.INSPECTING:
            raise LockOver
        lock.lift(at)
        lock.save(update_fields=["lifted_at"])
        wait(order, clock(at))
        events.record("account_lock_lifted", order, at=at, actor=actor)
    return lock


def end_wait(order_id: int, at: datetime) -> None:
    """A lock that was not removed in time starts the clock anew; not inspected in time is passed without damage."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.INSPECTING or order.waits_until is None or order.waits_until > at or claimed(order):
            return
        lock = AccountLock.objects.select_for_update().filter(order=order).first()
        if lock is not None and lock.stands:
            lock.ended_at = at
            lock.save(update_fields=["ended_at"])
            wait(order, clock(at))
            events.record("account_lock_stood", order, at=at)
        else:
            _record(order, Inspection(order=order, result=Inspection.Result.NOT_MADE, made_at=at), PLATFORM, at)


def lose_inbound(order_id: int, at: datetime) -> None:
    """Handed to the carrier and not arrived for 15 days: the merchant's risk, the customer is settled."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state == State.RETURNING and order.waits_until is not None and order.waits_until <= at:
            steps.take(order, "lose_inbound", at=at, actor=PLATFORM)
            if order.unit_id is not None:
                units.retire(order.unit_id, "lost_inbound", at)
            end_open(order, at)
            settlements.settle_locked(order, at)


def recorded(order: Order, result: str, found: Findings, inspector: User, at: datetime) -> Inspection:
    """What was found, not yet saved."""
    return Inspection(
        order=order, result=result, serial_matches=found.serial_matches, wiped=found.wiped, note=found.note,
        condition=found.condition, inspector=inspector, made_at=at,
    )  # fmt: skip


def claimed(order: Order) -> bool:
    """Asked once for each reading of the order: callers hold a fresh or a locked one."""
    return getattr(order, "claim", None) is not None


def require_unclaimed(order: Order) -> None:
    """ClaimOpen."""
    if claimed(order):
        raise ClaimOpen


def wait(order: Order, until: datetime) -> None:
    """The present wait of a locked order ends then."""
    order.waits_until = until
    order.save(update_fields=["waits_until"])


def end_open(order: Order, at: datetime) -> None:
    """The return is done."""
    for ending in order.endings.select_for_update().filter(state=Ending.State.OPEN):
        ending.finish(at)
        ending.save()


def tell(order: Order, template: str, params: dict[str, str], at: datetime, page: str = "inspection") -> None:
    """The customer, once for each word."""
    messages.inform(
        order.customer.user,
        template,
        {"order": order.number} | params,
        step=f"order:{order.pk}:{template}",
        at=at,
        link=f"/orders/{order.number}/{page}/",
    )


def _record(order: Order, inspection: Inspection, actor: str, at: datetime) -> Inspection:
    steps.take(order, "assess", at=at, actor=actor, facts={"result": inspection.result})
    inspection.save()
    end_open(order, at)
    settlements.settle_locked(order, at, shelve=True)
    return inspection
