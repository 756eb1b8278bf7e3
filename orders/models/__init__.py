"""The process: one rental from checkout to settlement."""

from orders.models.backtests import BackTest, BackTestCase
from orders.models.bookings import Booking
from orders.models.endings import Ending
from orders.models.inspections import Inspection
from orders.models.orders import Checkout, Order, State
from orders.models.parcels import Parcel
from orders.models.photos import DevicePhoto
from orders.models.reviews import ReviewRequest
from orders.models.risks import RiskHit, RiskRule

__all__ = [
    "BackTest",
    "BackTestCase",
    "Booking",
    "Checkout",
    "DevicePhoto",
    "Ending",
    "Inspection",
    "Order",
    "Parcel",
    "ReviewRequest",
    "RiskHit",
    "RiskRule",
    "State",
]
