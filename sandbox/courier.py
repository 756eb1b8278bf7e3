"""The thread that posts due notices while the sandbox serves in a process of its own."""

import logging
import threading

from django.db import DatabaseError, close_old_connections

from core import clock
from sandbox.services import notices

EVERY_S = 1
logger = logging.getLogger(__name__)
_lock = threading.Lock()
_threads: list[threading.Thread] = []


def start() -> None:
    """Begin, once a process; several processes share the work, for each try of a notice is claimed."""
    with _lock:
        if not _threads:
            _threads.append(threading.Thread(target=_run, name="courier", daemon=True))
            _threads[0].start()


def _run() -> None:
    pause = threading.Event()
    while not pause.wait(EVERY_S):
        close_old_connections()
        try:
            notices.deliver_due(clock.now())
        except DatabaseError:
            logger.exception("notices wait for the database")
