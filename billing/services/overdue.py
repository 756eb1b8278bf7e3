"""What is past due, lease by lease, in sets: rent and cover only, for a remainder of a late fee opens no case
(domain.md §6). Computed when asked, stored nowhere; two queries for any number of leases."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, F, Max, Min, Sum

from billing.models import Allocation, Bill, ExtensionPlan, Lease
from billing.rules import buckets
from core import calendar
from core.fields import exact_sum

_PAST_GRACE = """
    SELECT l.id FROM billing_lease l WHERE l.state = 'LIVE' AND EXISTS (
        SELECT 1 FROM billing_bill b
        WHERE b.lease_id = l.id AND b.state = 'OPEN' AND b.paid < b.rent + b.cover - b.reduced - b.replanned
            AND b.due_date + (l.terms ->> 'grace_days')::int < %(on)s
    ) ORDER BY l.id
"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Of one lease on a day: open rent and cover of `bills` bills, the oldest due on `since`."""

    since: date
    days: int
    amount: Decimal
    bills: int

    @property
    def bucket(self) -> str:
        return buckets.NAMES[buckets.bucket(self.days)]


def past_grace(on: date) -> list[int]:
    """Running leases with a bill whose days of grace are over on day `on`."""
    with connection.cursor() as cursor:
        cursor.execute(_PAST_GRACE, {"on": on})
        return [row[0] for row in cursor.fetchall()]


def of(leases: Collection[int], on: date) -> dict[int, Overdue]:
    """By lease id; a lease that owes nothing that is past due, or does not run, is left out.

    A part of an extension plan that is being kept is not overdue. After a broken one its frozen days count on, those
    of the plan never.
    """
    rows = Bill.objects.filter(
        lease__in=leases, lease__state=Lease.State.LIVE, state=Bill.State.OPEN, due_date__lt=on,
        paid__lt=F("rent") + F("cover") - F("reduced") - F("replanned"),
    ).exclude(plan__state=ExtensionPlan.State.RUNNING)  # fmt: skip
    open_part = Sum(F("rent") + F("cover") - F("reduced") - F("replanned") - F("paid"))
    found = rows.values_list("lease").annotate(
        since=Min("due_date"), open_part=open_part, count=Count("pk"), frozen=Max("plan__days_frozen"),
        thawed=Max("plan__ended_on"),
    )  # fmt: skip
    return {
        lease: Overdue(since, _days(since, frozen, thawed, on), amount, bills)
        for lease, since, amount, bills, frozen, thawed in found
    }


def received(lease_id: int, since: datetime, until: date) -> Decimal:
    """What was laid on the lease's bills of money that came from `since` to the end of day `until`."""
    end = calendar.instant(until + timedelta(days=1))
    laid = Allocation.objects.filter(bill__lease=lease_id, payment__paid_at__gte=since, payment__paid_at__lt=end)
    total: Decimal = laid.aggregate(sum=exact_sum("amount"))["sum"]
    return total


def _days(since: date, frozen: int | None, thawed: date | None, on: date) -> int:
    own = (on - since).days
    return own if frozen is None or thawed is None else max(own, frozen + (on - thawed).days)
