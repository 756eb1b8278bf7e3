"""manage.py forget_second_factor LOGIN: for a lost phone without recovery codes; the next sign-in connects another."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import second_factor
from core import clock
from core.services.events import PLATFORM


class Command(BaseCommand):
    help = "Disconnects the authenticator app of a member of staff. Make sure who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(login=options["login"]).first()
        if user is None:
            raise CommandError(f"there is no login {options['login']}")
        gone = second_factor.forget(user, clock.machine(), PLATFORM)
        self.stdout.write("disconnected" if gone else "there was none")
