"""The promised day of a deposit (domain.md §7): when it has passed, its customer hears so before he asks."""

from datetime import date, datetime

from django.db import connection
from django.db.models import QuerySet

from billing.models import Deposit
from core import calendar, running
from notices.services import messages

_KEPT = """
    WITH back AS (
        SELECT d.id, d.promised_on, d.state, max(moved.at AT TIME ZONE %(zone)s)::date AS last_day
        FROM billing_deposit d JOIN billing_lease l ON l.id = d.lease_id
        JOIN (
            SELECT f.deposit_id, r.released_at AS at FROM billing_depositrelease r
            JOIN billing_depositfreeze f ON f.id = r.freeze_id WHERE r.reason <> 'freeze_ended'
            UNION ALL
            SELECT r.deposit_id, r.refunded_at FROM billing_refund r WHERE r.deposit_id IS NOT NULL
        ) moved ON moved.deposit_id = d.id
        WHERE l.merchant_id = %(merchant)s AND d.promised_on BETWEEN %(since)s AND %(on)s
        GROUP BY d.id, d.promised_on, d.state
    )
    SELECT count(*) FILTER (WHERE state = 'RELEASED' AND last_day <= promised_on),
        count(*) FILTER (WHERE last_day > promised_on OR (state <> 'RELEASED' AND promised_on < %(on)s))
    FROM back
"""


def late(on: date) -> "QuerySet[Deposit]":
    """Deposits that should have been back before day `on`, the oldest promise first."""
    waiting = Deposit.objects.filter(state=Deposit.State.RELEASING, promised_on__lt=on)
    return waiting.order_by("promised_on", "id")


def tell_late(on: date, at: datetime) -> int:
    """Day-end: say once to each customer that it is late; how many were told now."""
    rows = {deposit.pk: deposit for deposit in late(on).select_related("lease__customer__user")}
    return running.each(Deposit, rows, lambda pk: _tell(rows[pk], at))


def kept_and_broken(merchant_id: int, since: date, on: date) -> tuple[int, int]:
    """Of a merchant's deposits promised from `since` to `on`: how many were back by their day, how many were not.

    Only where something was held; one that may still come in time is neither.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"merchant": merchant_id, "since": since, "on": on, "zone": str(calendar.SHANGHAI)})
        kept, broken = cursor.fetchone()
    return kept, broken


def _tell(deposit: Deposit, at: datetime) -> bool:
    assert deposit.promised_on is not None  # set with the state
    lease = deposit.lease
    made = messages.inform(
        lease.customer.user,
        "deposit_late",
        {"lease": lease.number, "day": deposit.promised_on.isoformat()},
        step=f"deposit:{deposit.pk}:late",
        at=at,
        link=f"/leases/{lease.number}/",
    )
    return bool(made)
