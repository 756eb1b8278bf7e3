"""Working days by the platform's own table of public holidays (`manage.py holidays` fills it)."""

from datetime import date, timedelta

from core import calendar
from core.models import Holiday

LONGEST_BREAK = timedelta(days=30)


def after(on: date, count: int) -> date:
    """The `count`-th working day after `on`."""
    window = Holiday.objects.filter(day__gt=on, day__lte=on + LONGEST_BREAK + timedelta(days=2 * count))
    days = dict(window.values_list("day", "working"))
    off = {day for day, working in days.items() if not working}
    return calendar.working_days_after(on, count, off, days.keys() - off)
