"""What was promised to customers within the next two days, the nearest first (domain.md §5, §7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Deposit
from core import calendar
from desk import reviews
from orders import words
from orders.models import Order, State

WITHIN = timedelta(days=2)
THEN: dict[str, str | Promise] = {
    State.APPROVED: _("then the order expires: not signed"),
    State.SIGNED: _("then the order expires: not paid"),
    State.PAID: _("then the platform cancels and refunds"),
    State.SHIPPED: _("then the receipt counts as confirmed, or the parcel as lost"),
    State.RETURNING: _("then the parcel counts as lost on the way back"),
    State.INSPECTING: _("then the device counts as passed"),
}


@dataclass(frozen=True, slots=True)
class Promised:
    """One line: what, for which order, what happens by itself, how long is left."""

    what: str | Promise
    amount: Decimal | None
    order: Order
    then: str | Promise
    until: datetime
    left: words.Left


def near(at: datetime, most: int) -> list[Promised]:
    """The nearest `most`, in two queries. Reviews have a queue of their own."""
    return sorted([*_deposits(at, most), *_waits(at, most)], key=lambda row: row.until)[:most]


def _deposits(at: datetime, most: int) -> list[Promised]:
    last = calendar.business_date(at + WITHIN)
    open_now = Deposit.objects.filter(state=Deposit.State.RELEASING, promised_on__lte=last)
    return [_deposit(row, at) for row in open_now.select_related("lease__order").order_by("promised_on", "id")[:most]]


def _deposit(row: Deposit, at: datetime) -> Promised:
    assert row.promised_on is not None  # set with the state
    until = calendar.instant(row.promised_on + timedelta(days=1))
    waits = _("waits for the provider's receipt")
    return Promised(_("Deposit back"), row.to_hold, row.lease.order, waits, until, words.left(until, at))


def _waits(at: datetime, most: int) -> list[Promised]:
    open_now = Order.objects.filter(waits_until__lte=at + WITHIN)
    promised = open_now.exclude(pk__in=reviews.rows_waiting())
    return [_wait(order, at) for order in promised.order_by("waits_until", "id")[:most]]


def _wait(order: Order, at: datetime) -> Promised:
    assert order.waits_until is not None  # asked for
    then = THEN.get(order.state, _("then it ends by itself"))
    return Promised(order.get_state_display(), None, order, then, order.waits_until, words.left(order.waits_until, at))
