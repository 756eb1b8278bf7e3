"""manage.py demo_histories: gives the demo its past. Refuses where DEBUG is off.

Several may run at once: each takes the next history that no other has taken. One that was interrupted leaves whole
histories and is simply run again.
"""

import os
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from rental.demo import histories

POLITENESS = 10  # the visitors' requests go first


class Command(BaseCommand):
    help = "Makes the demo's customers with their past, each by walking the real services; skips those that stand."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until", help="the present of the histories (ISO with zone); now without it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("demo data only where DEBUG is on")
        until = _instant(options["until"])
        os.nice(POLITENESS)
        histories.fill(until, self.stdout.write)


def _instant(text: str | None) -> datetime:
    if not text:
        return clock.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"not an instant: {text}") from error
    if at.tzinfo is None or at > clock.now():
        raise CommandError("histories end at an instant with a zone, at most now")
    return at
