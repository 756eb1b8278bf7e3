"""How many units are free. Each verb is one conditional UPDATE, last before commit; the CHECK holds what it forgets."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog.models import StockLevel
from core.errors import DomainError


class OutOfStock(DomainError):
    code = "out_of_stock"
    message = _("This device is out of stock at the moment.")


class NothingReserved(DomainError):
    code = "nothing_reserved"
    message = _("No unit of this device is reserved.")


def available(merchant_id: int, sku_id: int) -> int:
    """Units that an order may still reserve."""
    level = StockLevel.objects.filter(merchant_id=merchant_id, sku_id=sku_id).first()
    return level.on_hand - level.reserved if level else 0


def reserve(merchant_id: int, sku_id: int) -> None:
    """Keep one unit for an order. OutOfStock."""
    rows = StockLevel.objects.filter(merchant_id=merchant_id, sku_id=sku_id, on_hand__gt=F("reserved"))
    if not rows.update(reserved=F("reserved") + 1):
        raise OutOfStock


def free(merchant_id: int, sku_id: int) -> None:
    """Give back the reservation of an order that will not ship. NothingReserved."""
    rows = StockLevel.objects.filter(merchant_id=merchant_id, sku_id=sku_id, reserved__gt=0)
    if not rows.update(reserved=F("reserved") - 1):
        raise NothingReserved


def take(merchant_id: int, sku_id: int) -> None:
    """A reserved unit leaves with its order. NothingReserved."""
    rows = StockLevel.objects.filter(merchant_id=merchant_id, sku_id=sku_id, reserved__gt=0)
    if not rows.update(reserved=F("reserved") - 1, on_hand=F("on_hand") - 1):
        raise NothingReserved


def lend(merchant_id: int, sku_id: int) -> None:
    """A unit that was booked, not counted as reserved, leaves with its order. OutOfStock."""
    rows = StockLevel.objects.filter(merchant_id=merchant_id, sku_id=sku_id, on_hand__gt=F("reserved"))
    if not rows.update(on_hand=F("on_hand") - 1):
        raise OutOfStock


def put_back(merchant_id: int, sku_id: int) -> None:
    """A unit is on the shelf: newly added or come back."""
    StockLevel.objects.get_or_create(merchant_id=merchant_id, sku_id=sku_id)
    StockLevel.objects.filter(merchant_id=merchant_id, sku_id=sku_id).update(on_hand=F("on_hand") + 1)
