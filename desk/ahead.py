"""What the next days will bring by themselves: said before the demo's clock is moved. Reads, changes nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, DateField, ExpressionWrapper, F, IntegerField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, Deposit, Lease
from core import calendar
from core.fields import exact_sum
from notices.services import wordings
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Coming:
    """One line: what, how often, and its amount where there is one."""

    text: str | Promise
    count: int
    amount: Decimal | None = None


def between(at: datetime, until: datetime) -> list[Coming]:
    """What falls into the days after today, up to that of `until`, if nobody pays, signs or sends anything before.

    Four queries.
    """
    on, last = calendar.business_date(at), calendar.business_date(until)
    reminded = wordings.reminders()
    bills = _open_bills().aggregate(
        due=Count("pk", filter=Q(due_date__gt=on, due_date__lte=last)),
        due_sum=exact_sum("rent", due_date__gt=on, due_date__lte=last),
        fee=Count("pk", filter=Q(free_until__gte=on, free_until__lt=last)),
        **{f"told_{day}": Count("pk", filter=_told(day, on, last)) for day in reminded},
    )
    waits = Order.objects.filter(waits_until__gt=at, waits_until__lte=until).count()
    back = Deposit.objects.filter(state=Deposit.State.RELEASING, promised_on__gt=on, promised_on__lte=last)
    given = back.aggregate(n=Count("pk"), sum=exact_sum("to_hold"))
    return [
        Coming(_("rents fall due"), bills["due"], bills["due_sum"]),
        Coming(_("reminders go out, at 10:00 of their days"), sum(bills[f"told_{day}"] for day in reminded)),
        Coming(_("unpaid bills pass their days of grace: a late fee begins"), bills["fee"]),
        Coming(_("waits end by themselves: reviews, signatures, parcels, receipts, inspections"), waits),
        Coming(_("promised days of deposits come"), given["n"], given["sum"]),
    ]


def _open_bills() -> "QuerySet[Bill]":
    """Of running leases; `free_until` is the last day without a fee."""
    grace = Cast(KeyTextTransform("grace_days", "lease__terms"), IntegerField())
    rows: QuerySet[Bill] = Bill.objects.filter(state=Bill.State.OPEN, lease__state=Lease.State.LIVE)
    return rows.annotate(free_until=ExpressionWrapper(F("due_date") + grace, output_field=DateField()))


def _told(day: int, on: date, last: date) -> Q:
    """Bills whose reminder of this day from the due date lies in the window."""
    shift = timedelta(days=day)
    return Q(due_date__gt=on - shift, due_date__lte=last - shift)
