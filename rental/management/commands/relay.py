"""manage.py relay: hands outbox messages to the broker until it is told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from kombu.exceptions import OperationalError as BrokerGone

from core import clock
from core.services import outbox
from rental.celery import app
from rental.routes import ROUTES

IDLE_S = 0.2
BROKEN_S = 2.0


def send(task: str, message_id: int, payload: dict[str, Any]) -> None:
    """Publish one message; arguments are JSON ids and dates."""
    app.send_task(task, args=[message_id, payload])


class Command(BaseCommand):
    help = "Publishes outbox messages to the broker (reliability.md 31)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="publish what waits, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            pause = IDLE_S
            try:
                if outbox.publish(send, ROUTES, clock.now()):
                    continue
            except (OperationalError, BrokerGone, OSError) as error:
                self.stderr.write(f"relay: {error}; trying again")
                close_old_connections()
                pause = BROKEN_S
            if options["once"]:
                return
            stop.wait(pause)
