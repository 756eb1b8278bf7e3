"""Orders walked once for a whole module of tests; each test meets them as they were, by its own savepoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from core import invariants
from core.models import Event
from core.services import events
from notices.models import Message
from orders.models import Order


@contextmanager
def kept(blocker: Any) -> Iterator[None]:
    """What is made inside stays for the tests of a module and is rolled back after the last one."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined] # durable blocks may stand in it, as in a TestCase
    with blocker.unblock(), atomic:
        yield
        transaction.set_rollback(True)


@contextmanager
def nothing_changes(*but: str) -> Iterator[None]:
    """Every row of every table is the same afterwards; in the tables `but` it is not."""
    before = fingerprint()
    yield
    after = fingerprint()
    assert {table for table in after if after[table] != before[table]} == set(but)


def fingerprint() -> dict[str, tuple[int, int]]:
    """How many rows each table has and a sum over their contents."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
                for table in tables
            )
        )
        return {table: (count, digest) for table, count, digest in cursor.fetchall()}


def broken() -> dict[str, int]:
    """The invariants that do not hold now, with their counts."""
    counted = {f"{each.number} {each.name}": invariants.violations(each) for each in invariants.all_invariants()}
    return {name: count for name, count in counted.items() if count}


def read(order: Order) -> Order:
    """The order as it stands in the database now."""
    return Order.objects.get(pk=order.pk)


def told(order: Order, template: str) -> int:
    """How often the customer was told this in the app."""
    return Message.objects.filter(user=order.customer.user, template=template, channel=Message.Channel.IN_APP).count()


def history(order: Order) -> list[Event]:
    """The steps that the order took, oldest first."""
    return list(events.of(order).filter(kind="transition"))
