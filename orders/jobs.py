"""Day-end work about orders."""

from datetime import date, datetime

from accounts.services import retention
from core import running
from core.jobs import Job
from orders.models import Order, State
from orders.models.orders import CLOSED
from orders.services import arrears, bookings, buyouts, cancellations, day_rents, losses, reminders, settlements, waits


def _end_waits(on: date, at: datetime) -> dict[str, int]:
    return {"looked at": waits.end_due(at)}


def _rescue_bookings(on: date, at: datetime) -> dict[str, int]:
    """A device that comes back too late: the next customer has another one, or is told and has everything back."""
    counts = {"moved": 0, "waiting": 0, "cancelled": 0}
    for order in bookings.endangered(on):
        with running.apart(Order, order.pk):
            counts[cancellations.rescue(order, on, at)] += 1
    return counts


def _bill_day_rents(on: date, at: datetime) -> dict[str, int]:
    """Devices that are kept past their return day: what the signed agreement names for each day, each day once."""
    counts = {"billed": 0, "given up": 0}
    for order_id in day_rents.late(on):
        with running.apart(Order, order_id):  # one that is being paid just now is looked at again by the next beat
            counts["billed"] += bool(day_rents.run_on(order_id, on, at))
            counts["given up"] += losses.end_late(order_id, on, at)
    return counts


def _remind_of_the_end(on: date, at: datetime) -> dict[str, int]:
    return {"told": reminders.remind(on, at)}


def _settle(on: date, at: datetime) -> dict[str, int]:
    """Heals what a crash left between the last payment and the settlement."""
    settling = Order.objects.filter(state=State.SETTLING).order_by("id").values_list("pk", flat=True)
    return {"completed": running.each(Order, settling, lambda pk: settlements.settle(pk, at))}


def _end_decisions(on: date, at: datetime) -> dict[str, int]:
    return {"decisions ended": arrears.end_decisions(on, at)}


def _end_guarantees(on: date, at: datetime) -> dict[str, int]:
    """A guarantor vouches until the order is closed; then his name and phone go."""
    closed = Order.objects.filter(number__in=retention.vouching(), state__in=CLOSED)
    ended = list(closed.values_list("pk", "number"))
    for pk, number in ended:
        with running.apart(Order, pk):
            retention.end_order(number, at)
    return {"guarantees ended": len(ended)}


def _pass_titles(on: date, at: datetime) -> dict[str, int]:
    """Leases that end in owning, whose last rent a credit balance paid."""
    return {"titles passed": running.each(Order, buyouts.to_look(), lambda pk: buyouts.look(pk, at))}


JOBS = [
    Job("end-waits", _end_waits, order=20),
    Job("rescue-bookings", _rescue_bookings, order=25),
    Job("day-rents", _bill_day_rents, order=30),
    Job("lease-ends", _remind_of_the_end, order=35, of_its_day=True),
    Job("end-decisions", _end_decisions, order=40),
    Job("titles", _pass_titles, order=55),
    Job("settle", _settle, order=60),
    Job("end-guarantees", _end_guarantees, order=65),
]
