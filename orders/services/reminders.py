"""Before a lease ends: what each way out costs, thirty, seven and one day ahead, each once (domain.md §9, H13)."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from billing.rules import day_rent
from core import running
from notices.services import messages
from orders.models import Ending, Order, State
from orders.services import day_rents

DAYS_AHEAD = (30, 7, 1)
ONE_DAY = timedelta(days=1)


def remind(on: date, at: datetime) -> int:
    """Tell whose lease ends in so many days from day `on`; how many were told now. Safe to repeat.

    Only who still has the device and takes no way out: a return that is under way needs no word, nor does a renewal.
    """
    days = {on + ahead * ONE_DAY: ahead for ahead in DAYS_AHEAD}
    goes_on = Ending.objects.filter(order=OuterRef("pk"), kind=Ending.Kind.RENEWAL, state=Ending.State.OPEN)
    rows = Order.objects.filter(state=State.ACTIVE, lease__last_day__in=days)
    orders = rows.exclude(Exists(goes_on)).select_related("lease", "customer__user").order_by("pk")
    found = {order.pk: (order, days[order.lease.last_day]) for order in orders if order.lease.last_day}
    return running.each(Order, found, lambda pk: _tell(*found[pk], at))


def _tell(order: Order, ahead: int, at: datetime) -> bool:
    last, found = order.lease.last_day, day_rents.agreed(order)
    assert last is not None  # it was asked for
    template, told = "lease_ends_owned", {"order": order.number, "day": last.isoformat()}
    if found is not None:
        until = day_rent.first_day(found.terms, last) - ONE_DAY
        template, told = "lease_ends", told | {"until": until.isoformat(), "amount": str(found.a_day)}
    if found is not None and found.terms.curve:
        template, told = "lease_ends_or_buy", told | {"price": str(found.terms.curve[-1])}
    step = f"order:{order.pk}:ends:{last}:{ahead}"
    return bool(messages.inform(order.customer.user, template, told, step=step, at=at, link=f"/leases/{order.number}/"))
