"""The limit of work that writes: the same rows by prepared statements, a transaction in one round trip, c = 8.

Two processes of four threads, as the product has; each thread owns a connection on which everything is prepared before
the time runs.
"""

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench import _rows

PROCESSES, THREADS = 2, 4
Before = Callable[[int], Any]  # what is computed for a transaction before it is sent


def rate(prepared: str, transactions: Sequence[str], before: Before | None = None) -> float:
    """Transactions a second."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    start = context.Barrier(PROCESSES * THREADS + 1)
    workers = [
        context.Process(target=_work, args=(number, start, prepared, transactions, before))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.monotonic()
    for worker in workers:
        worker.join()
    took = time.monotonic() - began
    if any(worker.exitcode for worker in workers):
        raise SystemExit("the limit's own transactions failed")
    return len(transactions) / took


def written(prepared: str, transaction: str) -> _rows.Rows:
    """The rows of one transaction; nothing of it is kept."""
    from django.db import connection

    body = transaction.removeprefix("BEGIN;").removesuffix("COMMIT")

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(prepared + body)

    return _rows.written(work)


def quoted(text: str) -> str:
    """A text as a literal of SQL (standard_conforming_strings)."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _work(number: int, start: Any, prepared: str, transactions: Sequence[str], before: Before | None) -> None:
    failed: list[BaseException] = []

    def run(thread: int) -> None:
        try:
            cursor = _prepared(prepared)
            start.wait()
            for index in range(number * THREADS + thread, len(transactions), PROCESSES * THREADS):
                if before:
                    before(index)
                cursor.execute(transactions[index])
        except Exception as error:  # noqa: BLE001 - told below, in the process that the parent looks at
            failed.append(error)
            start.abort()

    threads = [threading.Thread(target=run, args=(thread,)) for thread in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if failed:
        raise SystemExit(repr(failed[0]))


def _prepared(statements: str) -> Any:
    """A cursor of the driver itself, in autocommit: what is sent is what the transaction says."""
    from django.db import connection

    connection.ensure_connection()
    raw = connection.connection
    raw.autocommit = True
    cursor = raw.cursor()
    cursor.execute(statements)
    return cursor
