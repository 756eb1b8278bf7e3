"""Another address for an order that is not shipped (D8): one of the customer's own, for the parcel only.

The signed agreement keeps the address that it was signed with; the change is an event of the order.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import Address
from accounts.services import addresses
from core.services import events
from credit.rules.risks import SHARED_ADDRESS
from orders.models import Order, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import risks, steps


def may(order: Order) -> bool:
    return order.state in BEFORE_SHIPPING


def change(order_id: int, address_id: int, actor: str, at: datetime) -> Order:
    """StepNotPossible once it is shipped or closed, Address.DoesNotExist for another's or a removed one.

    The risk rule about shared addresses looks again where a hit may hold the order; the same address is no change.
    """
    with transaction.atomic():
        order = steps.lock(order_id)
        if not may(order):
            raise steps.StepNotPossible(state=order.get_state_display())
        chosen: Address = addresses.listed(order.customer).get(pk=address_id)
        if chosen.pk == order.address_id:
            return order
        facts = {"from": order.address_id, "to": chosen.pk}
        order.address = chosen
        order.save(update_fields=["address"])
        events.record("readdressed", order, at=at, actor=actor, facts=facts)
        if order.state in (State.PLACED, State.PAID):
            risks.look(order, [SHARED_ADDRESS], at)
    return order
