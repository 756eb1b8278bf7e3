"""Which rows one piece of work writes: both sides of a benchmark must write the same, or the ratio means nothing."""

from collections.abc import Callable, Mapping
from typing import Any

Rows = dict[str, tuple[int, int, int]]  # table → inserted, updated, deleted
_WRITTEN = """
SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname NOT LIKE 'pg_temp%'
"""


def written(work: Callable[[], Any]) -> Rows:
    """What `work` writes, as PostgreSQL counts it; nothing of it is kept."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        before = _counted(cursor)
        work()
        after = _counted(cursor)
        transaction.set_rollback(True)
    return difference(before, after)


def difference(before: Mapping[str, tuple[int, ...]], after: Mapping[str, tuple[int, ...]]) -> Rows:
    """The transaction's counters only grow; tables that were not written to are left out."""
    found: Rows = {}
    for table, counts in sorted(after.items()):
        inserted, updated, deleted = (new - old for new, old in zip(counts, before.get(table, (0, 0, 0)), strict=True))
        if inserted or updated or deleted:
            found[table] = (inserted, updated, deleted)
    return found


def plus(one: Rows, other: Rows) -> Rows:
    """The rows of two pieces of work."""
    none = (0, 0, 0)
    pairs = {table: (one.get(table, none), other.get(table, none)) for table in sorted({*one, *other})}
    return {table: (a[0] + b[0], a[1] + b[1], a[2] + b[2]) for table, (a, b) in pairs.items()}


def compared(product: Rows, limit: Rows) -> list[tuple[str, str]]:
    """The lines to print. SystemExit when the sides differ: there is no ratio then."""
    names = sorted({*product, *limit})
    lines = [(name, f"{_said(product.get(name))} | {_said(limit.get(name))}") for name in names]
    if product != limit:
        raise SystemExit("\n".join(["the two sides write different rows:", *(f"  {a}  {b}" for a, b in lines)]))
    return lines


def _said(counts: tuple[int, int, int] | None) -> str:
    inserted, updated, deleted = counts or (0, 0, 0)
    return f"{inserted} new, {updated} changed" + (f", {deleted} gone" if deleted else "")


def _counted(cursor: Any) -> dict[str, tuple[int, ...]]:
    cursor.execute(_WRITTEN)
    return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
