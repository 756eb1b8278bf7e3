"""The catalogue's version: another one after every committed change of what somebody who is not signed in can see.

It is computed from the rows themselves, so that no service and no back office page can forget to raise it. Every row
that is written carries another transaction number (xmin); their sum moves even when transactions end in another order
than they began. Of the stock only this counts: which offers have a free unit. Terms belong to their plan.
"""

import time
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection

TABLES = (
    "catalog_devicetype",
    "catalog_devicemodel",
    "catalog_damageitem",  # agreements fix it at signing
    "catalog_sku",
    "catalog_leaseplan",
    "catalog_lendingrate",
    "accounts_merchant",
    "billing_paymentchannel",  # whether a deposit can be frozen stands in every offer
    "orders_leaseruleset",  # so do grace and late fee
)
MOST_REMEMBERED = 256  # answers of one function
_ROWS = "(SELECT concat(count(*), '.', sum(xmin::text::bigint)) FROM {table})"
_FREE = "(SELECT concat(count(*), '.', sum(hashint8(id))) FROM catalog_stocklevel WHERE on_hand > reserved)"
_ALL = "SELECT concat_ws('-', " + ", ".join([*(_ROWS.format(table=table) for table in TABLES), _FREE]) + ")"
_seen: tuple[float, str] | None = None
Found = TypeVar("Found", bound=Callable[..., Any])


def current() -> str | None:
    """The version, looked at again every so often (settings.CATALOGUE_LOOKED_AT_EVERY_S); a query only then.

    None where nothing of the catalogue may be remembered. A page may be as old as that: placing an order compares the
    figures that were shown anyway.
    """
    global _seen  # noqa: PLW0603 - one remembered reading per process
    every: float | None = settings.CATALOGUE_LOOKED_AT_EVERY_S
    if every is None:
        return None
    now, seen = time.monotonic(), _seen
    if seen is not None and now - seen[0] <= every:
        return seen[1]
    if seen is not None:
        _seen = (now, seen[1])  # one thread looks; the others go on with what is known
    version = look()
    _seen = (now, version)
    return version


def look() -> str:
    """The version as the database has it now."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        return blake2b(cursor.fetchone()[0].encode(), digest_size=9).hexdigest()


def remembered(find: Found) -> Found:
    """`find`'s answers to the same arguments, kept by this process until the catalogue changes. Not to be changed."""
    kept: dict[tuple[str, tuple[Any, ...]], Any] = {}

    @wraps(find)
    def found(*arguments: Any) -> Any:
        version = current()
        if version is None:
            return find(*arguments)
        key = (version, arguments)
        answer = kept.get(key)  # another thread may clear: read once
        if answer is None:
            answer = find(*arguments)
            if len(kept) >= MOST_REMEMBERED or next(iter(kept), key)[0] != version:
                kept.clear()
            kept[key] = answer
        return answer

    return found  # type: ignore[return-value]


def forget() -> None:
    """Drop what this process remembers of the version."""
    global _seen  # noqa: PLW0603
    _seen = None
