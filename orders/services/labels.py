"""The address that a parcel needs, opened for those who send it; every opening is recorded by the seal."""

from dataclasses import dataclass
from datetime import datetime

from orders.models import Order


@dataclass(frozen=True)
class Label:
    """Plain text, for the page of this one request only."""

    consignee: str
    phone: str
    region: str
    street: str


def open_label(order: Order, actor: str, at: datetime) -> Label:
    """The order's address in full, for the purpose "shipping"."""
    address = order.address
    sealed = (address.consignee, address.phone, address.street)
    consignee, phone, street = (value.open(by=actor, purpose="shipping", at=at) for value in sealed)
    return Label(consignee, phone, address.region, street)
