"""Emptying the test database between transactional tests, although its guards refuse TRUNCATE.

What migrations put there (edges of the state machines, payment channels, the first lease rules) stays; triggers are
off for the flush only, which needs the superuser that a test database belongs to.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = {"core_stateedge", "orders_leaseruleset", "billing_paymentchannel", "notices_reminderstep", "notices_wording"}


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_triggers() -> Iterator[None]:
    """Django's flush between transactional tests works on this database."""
    sql_flush, execute = DatabaseOperations.sql_flush, DatabaseOperations.execute_sql_flush

    def without_kept(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        return sql_flush(self, style, [table for table in tables if table not in KEPT], **options)

    def unguarded(self: Any, sql_list: list[str]) -> None:
        if sql_list:
            off, on = "SET session_replication_role = replica", "SET session_replication_role = origin"
            execute(self, [off, *sql_list, on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", without_kept)
        patch.setattr(DatabaseOperations, "execute_sql_flush", unguarded)
        yield


def url() -> str:
    """DATABASE_URL of the database that this test uses, for a process that it starts; the server may be a socket."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
