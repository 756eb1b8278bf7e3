"""All leases at once, as they stood on a day: arrears by age, by month of start, and how they roll on (domain.md §9).

Everything is computed from bills, payments and their days, so that any past day can be asked, with three exceptions: a
bill that is void today counts on no day, a lease counts from its start, and late fees are no part of any figure here.
What an extension plan took over stays in the bucket where it was until the plan breaks.
Read only, a constant number of queries, exact sums.

Cost: every day asked looks at each bill of the leases asked about and at its payments. A thousand leases take
milliseconds; a million (12 million bills, ten days asked) take minutes and want a nightly record instead.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection

from billing.rules import buckets
from core import calendar, money
from core.money import ZERO

COHORTS = 6
M1, M2 = 1, 2

_OWED = """
    WITH days AS (SELECT on_day, lead(on_day) OVER (ORDER BY on_day) AS next_day FROM unnest(%(days)s::date[]) on_day),
    owed AS (
        SELECT d.on_day, d.next_day, l.id AS lease_id, date_trunc('month', l.start)::date AS month,
               l.ended_on IS NULL OR l.ended_on > d.on_day AS runs,
               width_bucket(CASE WHEN x.id IS NULL THEN d.on_day - b.due_date
                   ELSE x.days_frozen + greatest(0, d.on_day - x.ended_on) END, %(edges)s::int[]) AS bucket,
               b.rent + b.cover - coalesce(laid.amount, 0) - coalesce(moved.amount, 0) AS amount
        FROM days d
        JOIN billing_lease l ON l.start <= d.on_day AND (l.start >= %(since)s OR d.on_day = %(on)s)
        JOIN billing_bill b ON b.lease_id = l.id AND b.state <> 'VOID'
        LEFT JOIN billing_extensionplan x ON x.id = b.plan_id
        LEFT JOIN LATERAL (
            SELECT sum(i.rent + i.cover) AS amount FROM billing_extensionitem i
            JOIN billing_extensionplan p ON p.id = i.plan_id
            WHERE i.bill_id = b.id AND p.started_on <= d.on_day
        ) moved ON b.replanned > 0
        LEFT JOIN LATERAL (
            SELECT sum(fell.amount) AS amount FROM (
                SELECT a.amount, p.paid_at AS at FROM billing_allocation a JOIN billing_payment p ON p.id = a.payment_id
                WHERE a.bill_id = b.id AND a.part <> 'FEE'
                UNION ALL
                SELECT r.amount, r.at FROM billing_reduction r WHERE r.bill_id = b.id AND r.part = 'RENT'
            ) fell WHERE fell.at < (d.on_day + 1)::timestamp AT TIME ZONE %(zone)s
        ) laid ON true
        WHERE x.id IS NULL OR x.started_on <= d.on_day
    )
"""
_BY_MONTH_OF_START = """
    SELECT on_day, month, bucket, sum(amount) FROM owed WHERE amount > 0 GROUP BY on_day, month, bucket
"""
_ROLLING = """
    , worst AS (
        SELECT on_day, next_day, lease_id, runs, max(CASE WHEN amount > 0 THEN bucket ELSE 0 END) AS bucket
        FROM owed GROUP BY on_day, next_day, lease_id, runs
    )
    SELECT early.on_day, early.bucket, late.bucket, count(*)
    FROM worst early JOIN worst late ON late.lease_id = early.lease_id AND late.on_day = early.next_day
    WHERE early.runs GROUP BY early.on_day, early.bucket, late.bucket
"""
_STARTED = """
    SELECT date_trunc('month', start)::date, sum(contract_total), count(*) FROM billing_lease
    WHERE start <= %(on)s GROUP BY 1 ORDER BY 1
"""
_DUE = """
    SELECT date_trunc('month', b.due_date)::date, sum(b.rent + b.cover - b.reduced - b.replanned),
        coalesce(sum(laid.amount), 0)
    FROM billing_bill b JOIN billing_lease l ON l.id = b.lease_id
    LEFT JOIN LATERAL (
        SELECT sum(a.amount) AS amount FROM billing_allocation a JOIN billing_payment p ON p.id = a.payment_id
        WHERE a.bill_id = b.id AND a.part <> 'FEE' AND p.paid_at < (%(on)s::date + 1)::timestamp AT TIME ZONE %(zone)s
    ) laid ON true
    WHERE l.start <= %(on)s AND b.state <> 'VOID' AND b.due_date >= %(since)s AND b.due_date < %(until)s
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Arrears:
    """Open rent and cover of all started leases by the age of the bill: `amounts[k]` lies in bucket k, 0 is not due."""

    on: date
    amounts: tuple[Decimal, ...]

    @property
    def receivable(self) -> Decimal:
        """Everything still to come, due or not."""
        return money.total(self.amounts)

    @property
    def overdue(self) -> Decimal:
        return money.total(self.amounts[M1:])

    @property
    def over_30_days(self) -> Decimal:
        return money.total(self.amounts[M2:])

    def share(self, amount: Decimal) -> Decimal | None:
        """Of the receivable; None where nothing is to come."""
        return _share(amount, self.receivable)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The leases that started in one month. `shares[m]`: what was overdue, in the buckets asked for, at the end of the
    m-th month after it, as a share of their contract totals; the last one is that of the day asked.
    """

    month: date
    leases: int
    contract_total: Decimal
    shares: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """Of the running leases that stood in a bucket on day `since`: the share in the next one on day `until`.

    A lease stands where its oldest open bill stands. None: no lease stood there.
    """

    since: date
    until: date
    to_m1: Decimal | None
    m1_to_m2: Decimal | None


@dataclass(frozen=True, slots=True)
class Moves:
    """Of the running leases of day `since`, by the bucket in which each stood: how many stood in which on day `until`.

    A lease stands where its oldest open bill stands; one that ended with nothing open stands in bucket 0.
    """

    since: date
    until: date
    counts: dict[tuple[int, int], int]

    def base(self, bucket: int) -> int:
        return sum(count for (early, _late), count in self.counts.items() if early == bucket)

    def roll(self, bucket: int) -> Decimal | None:
        """The share that stands in the next bucket. None: no lease stood there."""
        return _share(Decimal(self.counts.get((bucket, bucket + 1), 0)), Decimal(self.base(bucket)))

    def cure(self, bucket: int) -> Decimal | None:
        """The share with nothing past due any more."""
        return _share(Decimal(self.counts.get((bucket, 0), 0)), Decimal(self.base(bucket)))


@dataclass(frozen=True, slots=True)
class Month:
    """Rent and cover that fell or fall due in a month, and what of it was received by the day asked."""

    month: date
    due: Decimal
    received: Decimal

    @property
    def share(self) -> Decimal | None:
        return _share(self.received, self.due)


def arrears_and_cohorts(on: date, worst: int = M2) -> tuple[Arrears, list[Cohort]]:
    """The arrears of the day; the last COHORTS months of start, oldest first, with what lies from bucket `worst` on.

    Two queries.
    """
    started = _rows(_STARTED, on=on)
    shown = [(month, total, leases) for month, total, leases in started][-COHORTS:]
    since = shown[0][0] if shown else on
    rows = _rows(_OWED + _BY_MONTH_OF_START, **_asked([*_month_ends(since, on), on], on, since))
    today: dict[int, Decimal] = defaultdict(lambda: ZERO)
    late: dict[tuple[date, date], Decimal] = defaultdict(lambda: ZERO)
    for day, month, bucket, amount in rows:
        if day == on:
            today[bucket] += amount
        if bucket >= worst:
            late[month, day] += amount
    arrears = Arrears(on, tuple(today[bucket] for bucket in range(len(buckets.NAMES))))
    return arrears, [Cohort(month, leases, total, _shares(late, month, total, on)) for month, total, leases in shown]


def rolls(on: date) -> tuple[Roll, Roll]:
    """From the last month's end to `on`, and the month before it, from end to end. One query."""
    last = _first(on) - timedelta(days=1)
    before = _first(last) - timedelta(days=1)
    counts: dict[tuple[date, int, int], int] = {}
    for day, early, late, count in _rows(_OWED + _ROLLING, **_asked([before, last, on], on, date.min)):
        counts[day, early, late] = count
    return _roll(counts, last, on), _roll(counts, before, last)


def moves(on: date, count: int) -> list[Moves]:
    """Month by month, from end to end, the newest from the last month's end to `on`; oldest first. One query."""
    days = [*_month_ends(calendar.add_months(_first(on), -count), on), on]
    found: dict[date, dict[tuple[int, int], int]] = {day: {} for day in days[:-1]}
    for day, early, late, number in _rows(_OWED + _ROLLING, **_asked(days, on, date.min)):
        found[day][early, late] = number
    return [Moves(since, until, found[since]) for since, until in pairwise(days)]


def months(on: date, count: int) -> list[Month]:
    """The last `count` calendar months up to that of `on`, oldest first, those without any bill left out. One query."""
    since = calendar.add_months(_first(on), 1 - count)
    until = calendar.add_months(_first(on), 1)
    return [Month(*row) for row in _rows(_DUE, on=on, since=since, until=until)]


def _shares(late: dict[tuple[date, date], Decimal], month: date, total: Decimal, on: date) -> tuple[Decimal, ...]:
    return tuple(_share(late[month, day], total) or Decimal(0) for day in [*_month_ends(month, on), on])


def _roll(counts: dict[tuple[date, int, int], int], since: date, until: date) -> Roll:
    def share(early: int, late: int) -> Decimal | None:
        base = sum(count for (day, was, _is), count in counts.items() if (day, was) == (since, early))
        return _share(Decimal(counts.get((since, early, late), 0)), Decimal(base))

    return Roll(since, until, share(0, M1), share(M1, M2))


def _month_ends(since: date, on: date) -> list[date]:
    """The last days of the months from that of `since`, before `on`."""
    ends = []
    first = calendar.add_months(_first(since), 1)
    while (end := first - timedelta(days=1)) < on:
        ends.append(end)
        first = calendar.add_months(first, 1)
    return ends


def _first(on: date) -> date:
    return on.replace(day=1)


def _asked(days: list[date], on: date, since: date) -> dict[str, Any]:
    return {"days": days, "on": on, "since": since, "edges": list(buckets.EDGES)}


def _rows(query: str, **asked: Any) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {**asked, "zone": str(calendar.SHANGHAI)})
        return list(cursor.fetchall())


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None
