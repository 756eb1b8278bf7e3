"""`manage.py run_sandbox`: the pretended outside world in a process of its own."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand
from django.core.servers.basehttp import WSGIServer, run
from django.utils.translation import gettext_lazy as _

from sandbox import conf, courier


class Command(BaseCommand):
    help = str(_("Serve the sandbox at SANDBOX_URL and deliver its notices."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="instead of the one in SANDBOX_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        from sandbox.wsgi import application

        place = urlsplit(conf.url())
        courier.start()
        self.stdout.write(f"sandbox at {conf.url()}")
        port = options["port"] or place.port or 8001
        run(place.hostname or "127.0.0.1", port, application, threading=True, server_cls=WSGIServer)
