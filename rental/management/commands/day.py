"""manage.py day YYYY-MM-DD: runs the jobs of one business day, for any date, safe to repeat."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import calendar, clock, jobs


class Command(BaseCommand):
    help = "Runs the day-end jobs of a business date; a job that already ran for it is skipped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", help="the business date, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = date.fromisoformat(options["day"])
        except ValueError as error:
            raise CommandError(f"not a date: {options['day']}") from error
        at = calendar.instant(day, 10) if day != clock.today() else clock.now()
        for run in jobs.run_day(day, at):
            self.stdout.write(f"{run.day} {run.job}: {run.counts}")
