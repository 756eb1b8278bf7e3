"""A merchant's score: computed from what happened when looked at, stored nowhere."""

from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from accounts.models import Merchant
from billing.services import promises
from core import calendar
from core.models import Event
from core.services.events import PLATFORM
from orders.models import Order, State
from orders.rules.merits import Merits, Promises
from orders.services import cancellations

YEAR = timedelta(days=365)


def of(merchant: Merchant, at: datetime) -> Merits:
    """The promises of the last 365 days, in three queries."""
    since = calendar.business_date(at - YEAR)
    kept, broken = promises.kept_and_broken(merchant.pk, since, calendar.business_date(at))
    return Merits(shipping(merchant, YEAR, at), _inspection(merchant, at - YEAR), Promises(kept, broken))


def shipping(merchant: Merchant, span: timedelta, at: datetime) -> Promises:
    """Monthly orders whose promised time lay within `span` before `at`; one cancelled before that promised nothing."""
    wait = cancellations.CUSTOMER_WAITS
    due = Order.objects.filter(merchant=merchant, first_day=None, paid_at__gt=at - span - wait, paid_at__lte=at - wait)
    stood = due.exclude(shipped_at=None, closed_at__lte=F("paid_at") + wait)
    counted = stood.aggregate(made=Count("pk"), kept=Count("pk", filter=Q(shipped_at__lte=F("paid_at") + wait)))
    return Promises(counted["kept"], counted["made"] - counted["kept"])


def _inspection(merchant: Merchant, since: datetime) -> Promises:
    """What the platform passed because nobody looked in time is a broken promise."""
    mine = Order.objects.filter(merchant=merchant).values("pk")
    assessed = Event.objects.filter(
        kind="transition", subject_type=Order._meta.label_lower, subject_id__in=mine, source=State.INSPECTING,
        target=State.SETTLING, at__gt=since,
    )  # fmt: skip
    counted = assessed.aggregate(made=Count("pk"), broken=Count("pk", filter=Q(actor=PLATFORM)))
    return Promises(counted["made"] - counted["broken"], counted["broken"])
