"""manage.py demo_accounts: the block of logins that the demo prints."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rental.demo import cast
from rental.demo.stories import STORIES


class Command(BaseCommand):
    help = "Prints the demo's accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("demo accounts only where DEBUG is on")
        lines = ["Customers sign in by phone; the code lies in the sandbox's SMS inbox. Newcomers:"]
        lines += [f"  {p.phone}  {p.name}  {p.id_number}  {p.score or 'N/A':>4}  {p.story}" for p in cast.PEOPLE]
        lines.append("Customers with a past, as soon as it is filled in:")
        lines += [f"  {each.role.phone}  {each.role.name}  {each.role.story}" for each in STORIES if each.role.story]
        lines.append(f"Merchants (password {cast.PASSWORD}):")
        lines += [f"  {role.login:<10} {role.name}  staff: {', '.join(role.staff)}" for role in cast.MERCHANTS]
        lines.append(f"Operator (password {cast.PASSWORD}): " + ", ".join(cast.OPERATORS))
        self.stdout.write("\n".join(lines))
