"""The whole site on real sockets inside a test: our pages, the sandbox, and a worker that does the outbox work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIServer

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.utils.module_loading import import_string

from core import clock
from core.services import outbox
from orders.services import polling, waits
from rental.routes import ROUTES

IDLE_S = 0.1


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """A journey prints nothing."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def close_request(self, request: Any) -> None:
        connections.close_all()
        super().close_request(request)


@contextmanager
def serving(application: Any, port: int) -> Iterator[WSGIServer]:
    """`application` on 127.0.0.1:`port` in threads of this process."""
    server = _Server(("127.0.0.1", port), _QuietHandler, allow_reuse_address=True)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class Worker(threading.Thread):
    """Relay and worker in one thread; an error of a task ends the journey with that error."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.failure: BaseException | None = None
        self._stop_asked = threading.Event()

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(IDLE_S):
                self._work()
        except BaseException as error:
            self.failure = error
        finally:
            connections.close_all()

    def stop(self) -> None:
        self._stop_asked.set()
        self.join(20)
        if self.failure:
            raise self.failure

    def _work(self) -> None:
        messages: list[tuple[str, int, dict[str, Any]]] = []
        at = clock.now()
        outbox.publish(lambda *message: messages.append(message), ROUTES, at)
        for task, message_id, payload in messages:
            import_string(task)(message_id, payload)
        waits.end_due(at)
        polling.ask_open(at)


@contextmanager
def working() -> Iterator[Worker]:
    worker = Worker()
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
