"""Another unit for a faulty one (换货): the same specification of the same merchant, and why it cannot be this one."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from catalog.models import DeviceUnit
from catalog.services import units
from core.errors import DomainError
from orders.models import Order
from orders.services import bookings, shipping


class NoOtherUnit(DomainError):
    code = "no_other_unit"
    message = _("No other unit of this specification is on your shelf. Repair it, or add a unit first.")


class OtherSpecification(DomainError):
    code = "other_specification"
    message = _("The unit %(code)s is a %(other)s. This lease is of a %(wanted)s.")


class FaultyItself(DomainError):
    code = "faulty_itself"
    message = _("%(code)s is the faulty unit itself. Please enter the other one.")


class UnitOutOfUse(DomainError):
    code = "unit_out_of_use"
    message = _("The unit %(code)s is out of use since %(day)s.")


def require_possible(order: Order) -> None:
    """NoOtherUnit: said before the customer sends anything in."""
    own = DeviceUnit.objects.filter(merchant=order.merchant_id, sku=order.plan.sku_id, retired_at=None)
    if not own.exclude(pk__in=bookings.units_out()).exists():
        raise NoOtherUnit


def bind(order: Order, code: str, reason: str, at: datetime) -> DeviceUnit:
    """Another unit is the order's from now on; the one it had is rented to nobody again. Locks units.

    FaultyItself, OtherSpecification, UnitOutOfUse, UnitNotFound, UnitOut.
    """
    _require_fitting(order, units.normalise(code))
    unit = shipping.free_unit(order, code)
    assert order.unit_id is not None
    units.retire(order.unit_id, reason, at)
    order.unit = unit
    order.save(update_fields=["unit"])
    return unit


def _require_fitting(order: Order, code: str) -> None:
    """What is wrong with a unit that the merchant has, in words that say it."""
    try:
        known = units.find_any(order.merchant, code)
    except units.UnitUnknown:
        return
    if known.pk == order.unit_id:
        raise FaultyItself(code=code)
    if known.sku_id != order.plan.sku_id:
        raise OtherSpecification(code=code, other=str(known.sku), wanted=str(order.plan.sku))
    if known.retired_at is not None:
        raise UnitOutOfUse(code=code, day=known.retired_at.date())
