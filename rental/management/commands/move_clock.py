"""manage.py move_clock --days N: moves the demo's clock forward."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import clock


class Command(BaseCommand):
    help = "Moves the demo's clock forward and prints the new present."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=0)
        parser.add_argument("--hours", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.move(timedelta(days=options["days"], hours=options["hours"]))
        self.stdout.write(now.isoformat())
