"""What an order keeps of the shelf: a count for months, one certain unit for days (ADR 21).

Stock is changed last before commit; bookings before it (docs/architecture.md, lock order).
"""

from collections.abc import Sequence
from datetime import datetime

from catalog.models import DeviceUnit
from catalog.services import stock
from orders.models import Order
from orders.services import bookings


def keep(order: Order, at: datetime) -> None:
    """For an order that is being placed. OutOfStock, DaysTaken."""
    if order.is_short:
        bookings.keep(order, at)
    else:
        stock.reserve(order.merchant_id, order.plan.sku_id)


def keep_all(orders: Sequence[Order], at: datetime) -> None:
    """For orders that are placed together: rows in one order for everybody, so that no two checkouts wait for each
    other; bookings before stock. OutOfStock, DaysTaken.
    """
    if sum(order.is_short for order in orders) > 1:
        bookings.line_up([order for order in orders if order.is_short])
    for order in sorted(orders, key=lambda one: (not one.is_short, one.merchant_id, one.plan.sku_id, one.pk)):
        keep(order, at)


def drop(order: Order, at: datetime, *, reserved: bool = True) -> None:
    """Of an order that ends without a lease; not `reserved`: its unit had left the shelf."""
    bookings.free(order, at)
    if reserved and not order.is_short:
        stock.free(order.merchant_id, order.plan.sku_id)


def bind(order: Order, unit: DeviceUnit, at: datetime) -> None:
    """`unit`, locked, is the one that leaves. UnitBooked."""
    bookings.bind(order, unit, at)


def take(order: Order) -> None:
    """The unit leaves the shelf."""
    if order.is_short:
        stock.lend(order.merchant_id, order.plan.sku_id)
    else:
        stock.take(order.merchant_id, order.plan.sku_id)


def put_back(order: Order, at: datetime) -> None:
    """The unit is on the shelf again, its days are open."""
    bookings.free(order, at)
    stock.put_back(order.merchant_id, order.plan.sku_id)
