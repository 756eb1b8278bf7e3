"""A device that went out and comes back before its lease began: refused, turned back, or defective at receipt.

No rent was owed: once the device is back and looked at, everything that the customer paid or froze is given back.
"""

from datetime import datetime

from django.db import transaction

from billing.services import leases
from core import calendar
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Order, Parcel, State
from orders.services import defects, steps, swaps
from orders.services.defects import DEFECT, SEND_BACK_WAIT
from orders.services.shipping import CARRIER_WAIT

TURNED_BACK = "turned_back"


def turn_back_locked(order: Order, parcel: Parcel, actor: str, at: datetime) -> None:
    """The carrier brings the parcel back to the merchant; after 15 days without arrival it counts as lost."""
    steps.take(order, "turn_back", TURNED_BACK, at + CARRIER_WAIT, at=at, actor=actor, facts={"reason": TURNED_BACK})
    parcel.turned_back_at = at
    parcel.save(update_fields=["turned_back_at"])
    _tell(order, "parcel_turned_back", at)


def turn_back(order_id: int, actor: str, at: datetime) -> Order:
    """An operator heard of it by other means."""
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.require(order, "turn_back")
        turn_back_locked(order, order.parcels.get(way=Parcel.Way.OUT, void_at=None), actor, at)
    return order


def report_defect(order_id: int, actor: str, found: list[str], words: str, at: datetime) -> Order:
    """The device is not what was agreed: the lease does not begin. DefectUnsaid without a word or a ticked point."""
    defects.require_said(found, words)
    with transaction.atomic():
        order = steps.lock(order_id)
        steps.take(
            order, "turn_back", DEFECT, at + SEND_BACK_WAIT, at=at, actor=actor, facts={"reason": DEFECT}
        )  # fmt: skip
        order.parcels.filter(way=Parcel.Way.OUT, delivered_at=None).update(delivered_at=at)
        defects.note(order, found, words, actor, at)
        _tell(order, "defect_reported", at)
    return order


def keep(order_id: int, actor: str, at: datetime) -> Order:
    """The customer keeps a device whose defect he reported, before he handed a parcel over: the lease begins now."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if not may_keep(order):
            raise steps.StepNotPossible(state=order.get_state_display())
        _keep(order, actor, at)
    return order


def keep_by_time(order_id: int, at: datetime) -> None:
    """Not sent back in seven days: received."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if may_keep(order) and order.waits_until is not None and order.waits_until <= at:
            _keep(order, PLATFORM, at)


def never_began(order: Order) -> bool:
    """On its way back, though the customer never received it as agreed."""
    return order.received_at is None and order.state in (State.RETURNING, State.INSPECTING, State.SETTLING)


def may_keep(order: Order) -> bool:
    """A defect was reported and no parcel is under way."""
    is_defect = order.state == State.RETURNING and never_began(order) and order.reason == DEFECT
    return is_defect and not order.parcels.filter(way=Parcel.Way.BACK, void_at=None).exists()


def _keep(order: Order, actor: str, at: datetime) -> None:
    steps.take(order, "keep", at, at=at, actor=actor)
    leases.begin(order.lease_id, calendar.business_date(at), at)
    swaps.moved(order)
    _tell(order, "lease_started", at)


def _tell(order: Order, template: str, at: datetime) -> None:
    link = f"/orders/{order.number}/"
    messages.inform(
        order.customer.user, template, {"order": order.number}, step=f"order:{order.pk}:{template}", at=at, link=link
    )
