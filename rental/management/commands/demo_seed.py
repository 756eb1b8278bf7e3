"""manage.py demo_seed: sets the demo's stage. Refuses where DEBUG is off."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from rental.demo import cast, seed
from rental.management.commands import holidays
from sandbox.services import people


class Command(BaseCommand):
    help = "Makes the demo's merchants, devices, plans, tiers and logins; does nothing when they stand."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("demo data only where DEBUG is on")
        holidays.fill()
        seed.stage(clock.now(), self.stdout.write)
        for role in cast.PEOPLE:
            people.know(role.name, role.id_number, role.phone, role.score)
            people.pin_score(role.id_number, role.score)
