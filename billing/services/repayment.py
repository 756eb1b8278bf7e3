"""Who paid and who did not, as facts for judging scores later: never from a score, only from repayment (domain.md §4).

Bad: within the first 90 days of the lease some rent or cover was still open 30 days after it was due, by the
provider's pay time. A lease whose 90 days are not over yet says nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

from core.calendar import SHANGHAI

WINDOW = timedelta(days=90)
LATE = timedelta(days=30)
_LABELS = """
    SELECT l.id, coalesce(bool_or(b.rent + b.cover > coalesce(laid.amount, 0)), false)
    FROM billing_lease l
    LEFT JOIN billing_bill b ON b.lease_id = l.id AND b.state <> 'VOID'
        AND b.due_date + %(late)s <= l.start + %(window)s
    LEFT JOIN LATERAL (
        SELECT sum(a.amount) AS amount FROM billing_allocation a JOIN billing_payment p ON p.id = a.payment_id
        WHERE a.bill_id = b.id AND a.part <> 'FEE'
          AND p.paid_at < (b.due_date + %(late)s + 1)::timestamp AT TIME ZONE %(zone)s
    ) laid ON true
    WHERE l.id = ANY(%(leases)s) AND l.start IS NOT NULL AND l.start + %(window)s <= %(on)s
    GROUP BY l.id
"""


def labels(lease_ids: Sequence[int], on: date) -> dict[int, bool]:
    """Whether each lease went bad, by id; leases that say nothing yet are left out. One query."""
    asked: dict[str, Any] = {
        "leases": list(lease_ids), "on": on, "late": LATE.days, "window": WINDOW.days, "zone": str(SHANGHAI),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, asked)
        return {lease_id: bool(is_bad) for lease_id, is_bad in cursor.fetchall()}
