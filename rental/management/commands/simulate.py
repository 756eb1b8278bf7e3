"""manage.py simulate: random customers, merchants, carriers and bad luck over months, on a database of their own.

Prints what came of it and evaluates every invariant; exits 1 when one is broken. Refuses where DEBUG is off.
"""

import gc
import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import stamina
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.test.utils import override_settings

from core import clock
from rental.simulation import days, report
from rental.simulation.days import Wish
from sandbox import keys

DAYS_OF_A_YEAR = 365.25
DAYS_OF_A_MONTH = DAYS_OF_A_YEAR / 12
_SETTINGS: dict[str, Any] = {
    "DEBUG": False,  # which would keep every statement
    "CLOCK_MOVABLE": True,
    "PROVIDER_TRANSPORT": "rental.demo.walk.transport",
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
}


class Command(BaseCommand):
    help = "Drives random people through all services, with faults, and verifies the invariants at the end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=40)
        parser.add_argument("--months", type=float, default=12)
        parser.add_argument("--orders", type=float, default=7, help="a year, of a customer who has nothing rented")
        parser.add_argument("--seed", type=int, default=1, help="the same seed tells the same story")
        parser.add_argument("--keep", action="store_true", help="leave the database (simulation_SEED) for a look")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("simulations only where DEBUG is on")
        if not 0 < options["customers"] <= 9000 or not 0 < options["months"] <= 60 or not 0 < options["orders"] <= 90:
            raise CommandError("1 to 9000 customers, up to 60 months and 90 orders a year")
        began = time.monotonic()
        with _alone(f"simulation_{options['seed']}", keep=options["keep"]):
            span, seldom = int(options["months"] * DAYS_OF_A_MONTH), options["orders"] / DAYS_OF_A_YEAR
            wish = Wish(options["customers"], span, options["seed"], clock.now(), seldom)
            stage = days.run(wish, self._say)
            for line in report.lines(stage, time.monotonic() - began):
                self.stdout.write(line)
            broken = days.broken()
        if broken:
            raise CommandError("\n".join(f"{count:6}  {name}" for name, count in broken.items()))
        self.stdout.write(self.style.SUCCESS("all invariants hold"))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _write_carelessly(database: str) -> None:
    """No commit waits for the disk: what a broken machine would lose is told again by the same seed."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(database)} SET synchronous_commit = off")
    connection.close()


def _end_other_sessions() -> None:
    """The thread that asked for time stamps has one of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def _alone(database: str, *, keep: bool) -> Iterator[None]:
    """A fresh database, the sandbox in this process, no second tries by the clock on the wall."""
    connection.settings_dict["TEST"]["NAME"] = database
    usual = connection.settings_dict["NAME"]
    with ExitStack() as stack:
        media = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(override_settings(MEDIA_ROOT=media, **_SETTINGS))
        logging.disable(logging.ERROR)  # every misbehaviour would be a line
        stack.callback(logging.disable, logging.NOTSET)
        stamina.set_active(False)
        stack.callback(stamina.set_active, True)
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        stack.callback(connection.creation.destroy_test_db, usual, 0, keep)
        stack.callback(_end_other_sessions)
        _write_carelessly(database)
        keys.make_all()
        gc.freeze()  # else every paper has all of Django looked through for garbage
        stack.callback(gc.unfreeze)
        yield
