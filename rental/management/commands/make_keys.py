"""manage.py make_keys: makes the key files that are ours to make, and names those that others give us."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from core import keys
from rental import key_files
from sandbox import keys as sandbox_keys


class Command(BaseCommand):
    help = "Makes the missing key files in KEY_DIR; one that is there is never touched."
    requires_system_checks: list[str] = []  # they ask for the very keys

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sandbox", action="store_true", help="the sandbox's too, for a trial without providers")

    def handle(self, *args: Any, **options: Any) -> None:
        settings.MAKE_KEYS = True  # asked for by name, and for this process only
        own = {name: (keys.exists(name), make) for name, make in key_files.own().items()}
        for name, (there, make) in own.items():
            make()
            self.stdout.write(f"{name}: {'kept' if there else 'made'}")
        if options["sandbox"]:
            sandbox_keys.make_all()
        for name, what in key_files.given().items():
            self.stdout.write(f"{name}: {'there' if keys.exists(name) else f'MISSING, put it there: {what}'}")
