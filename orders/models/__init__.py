"""The process: one rental from checkout to settlement."""

from orders.models.endings import Ending, Inspection
from orders.models.orders import Checkout, Order, State
from orders.models.parcels import Parcel

__all__ = ["Checkout", "Ending", "Inspection", "Order", "Parcel", "State"]
