"""Before a lease ends: what each way out costs, on the days of the reminder calendar, each once (domain.md §9, H13).

As seeded: thirty, seven and one day ahead, in the app, by SMS and by mail; edited in the admin.
"""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from billing.rules import day_rent
from core import running
from notices.models import ReminderStep
from notices.services import messages, wordings
from notices.services.messages import Telling
from orders.models import Ending, Order, State
from orders.services import day_rents

ONE_DAY = timedelta(days=1)


def remind(on: date, at: datetime) -> int:
    """Tell whose lease ends in so many days from day `on`; how many were told now. Safe to repeat.

    Only who still has the device and takes no way out: a return that is under way needs no word, nor does a renewal.
    """
    steps = wordings.reminders(ReminderStep.Occasion.LEASE_END)
    days = {on - day * ONE_DAY: step for day, step in steps.items()}
    goes_on = Ending.objects.filter(order=OuterRef("pk"), kind=Ending.Kind.RENEWAL, state=Ending.State.OPEN)
    rows = Order.objects.filter(state=State.ACTIVE, lease__last_day__in=days)
    orders = rows.exclude(Exists(goes_on)).select_related("lease", "customer__user").order_by("pk")
    found = {order.pk: (order, days[order.lease.last_day]) for order in orders if order.lease.last_day}
    return running.each(Order, found, lambda pk: _tell(*found[pk], at))


def _tell(order: Order, of_calendar: ReminderStep, at: datetime) -> bool:
    last, found = order.lease.last_day, day_rents.agreed(order)
    assert last is not None  # it was asked for
    template, told = "lease_ends_owned", {"order": order.number, "day": last.isoformat()}
    if found is not None:
        until = day_rent.first_day(found.terms, last) - ONE_DAY
        template, told = "lease_ends", told | {"until": until.isoformat(), "amount": str(found.a_day)}
    if found is not None and found.terms.curve:
        template, told = "lease_ends_or_buy", told | {"price": str(found.terms.curve[-1])}
    step, link = f"order:{order.pk}:ends:{last}:{-of_calendar.days}", f"/leases/{order.number}/"
    telling = Telling(order.customer.user, template, told, step, link, sms=of_calendar.by_sms, mail=of_calendar.by_mail)
    return bool(messages.inform_all([telling], at))
