"""Business days: one that is done but for a mishap, and one that broke off in the middle. Rows only: a real day would
move every order of the world on."""

from datetime import datetime, timedelta

from core import calendar, jobs
from core.models import JobRun, Mishap
from orders.models import Order


def two(late: Order, now: datetime) -> None:
    """Yesterday's and today's."""
    on = calendar.business_date(now)
    yesterday, known = on - timedelta(days=1), jobs.all_jobs()
    at = calendar.instant(yesterday, jobs.HOUR, 5)
    told = {"billing.due": {"charged": 3}, "billing.reminders": {"reminded": 1}, "arrears.cases": {"cases opened": 1}}
    JobRun.objects.bulk_create(
        JobRun(
            job=job.name, day=yesterday, shard=part, shards=job.shards, started_at=at, finished_at=at, took_ms=420,
            done=6, counts=told.get(job.name, {}),
        )
        for job in known for part in range(job.shards)
    )  # fmt: skip
    JobRun.objects.bulk_create(
        JobRun(job=job.name, day=on, shard=part, shards=job.shards, started_at=None if part or place else now)
        for place, job in enumerate(known)
        for part in range(job.shards)
    )
    row = {"job": "billing.reminders", "day": yesterday, "subject_type": "billing.lease", "count": 2, "first_at": at}
    Mishap.objects.create(
        **row, subject_id=late.lease_id, error="KeyError", text="notices/services/messages.py:131", last_at=now
    )
    Mishap.objects.create(
        job="billing.balance", day=yesterday, subject_type="accounts.customer", subject_id=late.customer_id,
        error="AttemptOpen", text="attempt_open", first_at=at, last_at=at, cleared_at=now,
    )  # fmt: skip
