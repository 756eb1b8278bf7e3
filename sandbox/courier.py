"""The thread that posts due notices while the sandbox serves real connections."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, close_old_connections, connections

from core import clock
from sandbox.services import cards, notices, receipts, wechat

EVERY_S = 1.0
logger = logging.getLogger(__name__)
_lock = threading.Lock()
_threads: list[threading.Thread] = []


def start() -> None:
    """Begin, once a process and until its end; several processes share the work, for each try is claimed."""
    with _lock:
        if not _threads:
            _threads.append(threading.Thread(target=_run, args=(threading.Event(), EVERY_S), daemon=True))
            _threads[0].start()


@contextmanager
def running(every_s: float = 0.1) -> Iterator[None]:
    """A courier for a while: for tests that serve the site and the sandbox on sockets."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(stop, every_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def _run(stop: threading.Event, every_s: float) -> None:
    try:
        while not stop.wait(every_s):
            close_old_connections()
            try:
                wechat.settle_due(clock.now())
                cards.settle_due(clock.now())
                notices.deliver_due(clock.now())
                receipts.deliver_due(clock.now())
            except DatabaseError:
                logger.exception("notices wait for the database")
    finally:
        connections.close_all()
