"""The process: one rental from checkout to settlement."""

from orders.models.activations import ActivationReport
from orders.models.backtests import BackTest, BackTestCase
from orders.models.bookings import Booking
from orders.models.choices import DemandChoice
from orders.models.claims import ClaimLine, ClaimPhoto, DamageClaim
from orders.models.endings import Ending
from orders.models.extensions import ExtensionOffer
from orders.models.faults import Fault
from orders.models.inspections import AccountLock, Inspection
from orders.models.lease_rules import LeaseRuleSet
from orders.models.opinions import Opinion
from orders.models.orders import Checkout, Order, State
from orders.models.parcels import Parcel, ParcelEvent
from orders.models.photos import DevicePhoto
from orders.models.retrievals import Retrieval
from orders.models.reviews import ReviewRequest
from orders.models.risks import RiskHit, RiskRule
from orders.models.trials import RuleTrial, TriedOrder

__all__ = [
    "AccountLock",
    "ActivationReport",
    "BackTest",
    "BackTestCase",
    "Booking",
    "Checkout",
    "ClaimLine",
    "ClaimPhoto",
    "DamageClaim",
    "DemandChoice",
    "DevicePhoto",
    "Ending",
    "ExtensionOffer",
    "Fault",
    "Inspection",
    "LeaseRuleSet",
    "Opinion",
    "Order",
    "Parcel",
    "ParcelEvent",
    "Retrieval",
    "ReviewRequest",
    "RiskHit",
    "RiskRule",
    "RuleTrial",
    "State",
    "TriedOrder",
]
