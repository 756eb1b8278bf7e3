"""`manage.py run_sandbox`: the pretended outside world in a process of its own."""

import logging
import threading
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand
from django.core.servers.basehttp import WSGIServer, run
from django.db import DatabaseError, close_old_connections
from django.utils.translation import gettext_lazy as _

from core import clock
from sandbox import conf, keys
from sandbox.services import notices

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = str(_("Serve the sandbox at SANDBOX_URL and deliver its notices."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, default=1, help="seconds between deliveries of notices")

    def handle(self, *args: Any, **options: Any) -> None:
        from sandbox.wsgi import application

        keys.make_all()
        place = urlsplit(conf.url())
        stop = threading.Event()
        courier = threading.Thread(target=_deliver, args=(stop, options["every"]), daemon=True)
        courier.start()
        self.stdout.write(f"sandbox at {conf.url()}")
        try:
            run(place.hostname or "127.0.0.1", place.port or 8001, application, threading=True, server_cls=WSGIServer)
        finally:
            stop.set()


def _deliver(stop: threading.Event, every: int) -> None:
    while not stop.wait(every):
        close_old_connections()
        try:
            notices.deliver_due(clock.now())
        except DatabaseError:
            logger.exception("notices wait for the database")
