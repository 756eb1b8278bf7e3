"""manage.py verify_invariants: evaluates every invariant as SQL; exits 1 when one is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import invariants


class Command(BaseCommand):
    help = "Counts the violations of each invariant of docs/operations.md (reliability)."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for invariant in invariants.all_invariants():
            count = invariants.violations(invariant)
            broken += count
            self.stdout.write(f"{count:6}  {invariant.number:>3}  {invariant.name}")
        if broken:
            raise CommandError(f"{broken} violations")
        self.stdout.write(self.style.SUCCESS("all hold"))
