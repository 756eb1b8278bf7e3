"""manage.py holidays: fills the table of public holidays and make-up working days from the package chinesecalendar."""

from typing import Any

import chinese_calendar
from django.core.management.base import BaseCommand

from core.models import Holiday


def fill() -> int:
    """Add the days that are not there yet; an operator's own rows stay. How many days the package knows."""
    named = {day: (False, holiday) for day, holiday in chinese_calendar.holidays.items()}
    named |= {day: (True, holiday) for day, holiday in chinese_calendar.workdays.items()}
    chinese = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
    rows = [Holiday(day=day, working=working, name=chinese[name]) for day, (working, name) in named.items()]
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


class Command(BaseCommand):
    help = "Fills the table of public holidays, from which working days are counted."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{fill()} days known")
