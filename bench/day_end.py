"""A business day at 10:05 over a million active leases: bills become receivable, cases open, people are reminded.

Every job of the day runs as it does every day. Beside it (a) the same rows found and written by set-based SQL, both in
a transaction that is rolled back, so that both find the same; (b) a loop that loads and saves object by object, on a
sample; (c) the same night over a tenth of the bills; (d) the next days as they are done every day, committed, by one
runner and by two in turn, each a process of its own. Nobody pays by agreement here, and calls of providers are no part
of it. BENCH_LEASES: how many; with `--rounds 1` nothing is warmed up. Targets: (a) 0.7, (b) at least 20, (c) at most
1.3, 150 MB for each process.
"""

import os
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from bench import _night, _rents, _rows, _runners, _serve, _table
from bench._rows import Rows

LEASES = int(os.environ.get("BENCH_LEASES", "1000000"))
SAMPLE = 200


def main() -> None:
    _serve.prepare()
    from core import calendar, clock

    on = clock.today()
    at = calendar.instant(on, 10, 5)
    _rents.fill(LEASES, on)
    few = _measured(on, at)
    _rents.fill_far(on)
    many = _measured(on, at)
    growth = statistics.median(many["product"]) / statistics.median(few["product"])
    objects = _loop(on, at)
    rate, by_sql = (_bills(on) / statistics.median(many[side]) for side in ("product", "limit"))
    _table.show("day-end: growth and the loop", [
        ("ten times the bills, time against time (at most 1.3)", f"{growth:.2f}"),
        (f"a loop over objects, {SAMPLE} charged and {SAMPLE} reminded of: bills a second", f"{objects:.0f}"),
        ("the product beside the loop (at least 20)", f"{rate / objects:.1f}"),
    ])  # fmt: skip
    _shared(on, by_sql)


def _shared(on: date, by_sql: float) -> None:
    """Bills a second of one runner and of two, on days in turn, beside those of set-based SQL."""
    sides: dict[int, list[float]] = {1: [], 2: []}
    lines: list[tuple[str, str]] = []
    with _runners.started(1) as alone, _runners.started(2) as pair:
        for number in range(_table.ROUNDS):
            for runners in (alone, pair):
                on += timedelta(days=1)
                bills = _bills(on)
                done = _runners.run(runners, on)
                sides[len(runners)].append(bills / done.seconds)
                slow = ", ".join(f"{name} {seconds:.1f}" for name, seconds in done.jobs)
                said = f"{done.seconds:.2f} s, {done.memory} MB ({slow})"
                lines.append((f"{number + 1}. {len(runners)} runner(s), {bills} bills", said))
    one, two = (statistics.median(sides[count]) for count in (1, 2))
    _table.show("day-end: committed days by runners in processes of their own", [
        *lines,
        ("bills a second, one runner", _table.spread(sides[1])),
        ("bills a second, two runners", _table.spread(sides[2])),
        ("two beside one", f"{two / one:.2f}"),
        ("two beside set-based SQL in one connection (0.7)", f"{two / by_sql:.3f}"),
    ])  # fmt: skip


def _measured(on: date, at: datetime) -> dict[str, list[float]]:
    """Rounds of both sides in turn, after one that warms both up, unless there is one only; the table of the last."""
    sides: dict[str, Callable[[], None]] = {"product": partial(_jobs, on, at), "limit": partial(_limit, on, at)}
    found: dict[str, list[float]] = {name: [] for name in sides}
    rows: dict[str, Rows] = {}
    warm = min(1, _table.ROUNDS - 1)
    for number in range(_table.ROUNDS + warm):
        for name, run in sides.items():
            took = time.monotonic()
            rows[name] = _rows.written(run)
            if number >= warm:
                found[name].append(time.monotonic() - took)
    counts = _rents.counted()
    title = f"day-end: {LEASES} leases, {counts['billing_bill']} bills, {_bills(on)} charged or reminded of"
    _table.show(f"{title}; rows, product | limit", _rows.compared(rows["product"], rows["limit"]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _table.show(f"{title}; seconds, median (range)", [
        *((name, _table.spread(seconds)) for name, seconds in found.items()),
        *((f"  {job}", f"{took:.2f}") for job, took in _seconds.items() if took >= 0.05),
        ("ratio (0.7)", _table.ratio(found["limit"], found["product"])),
        ("most memory of this process (150 MB)", f"{memory} MB"),
    ])  # fmt: skip
    return found


_seconds: dict[str, float] = {}


def _jobs(on: date, at: datetime) -> None:
    """All jobs of the day, in their order, to the last deferred constraint."""
    from django.db import connection

    from core import jobs

    for job in jobs.all_jobs():
        began = time.monotonic()
        job.run(on, at)
        _seconds[job.name] = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _limit(on: date, at: datetime) -> None:
    _night.by_sql(on, at, _days())


def _days() -> list[int]:
    from notices.services import wordings

    return list(wordings.reminders())


def _bills(on: date) -> int:
    """Charged, or reminded of."""
    from billing.models import Bill

    open_bills = Bill.objects.filter(state="OPEN", lease__state="LIVE")
    return sum(open_bills.filter(due_date=on - timedelta(days=day)).count() for day in [0, *_days()])


def _loop(on: date, at: datetime) -> float:
    """Bills a second."""
    began = time.monotonic()
    _rows.written(lambda: _night.by_objects(on, at, _days(), SAMPLE))
    return 2 * SAMPLE / (time.monotonic() - began)


if __name__ == "__main__":
    main()
