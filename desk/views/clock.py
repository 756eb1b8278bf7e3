"""The demo's clock. Where the clock cannot be moved, this page does not exist."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core import calendar, clock, demo
from core.models import JobRun
from desk import ahead, days, passing
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell

REFRESH_S = 2
LAST_DAYS = 14
WISHES = (("day", _("One day later")), ("month", _("One month later")))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def passage(request: OperatorRequest) -> HttpResponse:
    """Shows the platform's present and what the days did; POST lets a day or a month pass."""
    if not settings.CLOCK_MOVABLE:
        raise Http404
    if request.method == "POST":
        until = _wished(request.POST.get("by", ""), passing.awaited() or clock.now())
        if until is None:
            tell(request, _("Time passes by a day or by a month."), "late")
        else:
            passing.ask(until)
        return HttpResponseRedirect(reverse("desk:clock"), status=303)
    return page(request, "clock", _("Clock"), section="clock", **_present())


def _present() -> dict[str, Any]:
    at, awaited = clock.now(), passing.awaited()
    start = awaited or at
    wishes = [(by, label, _wished(by, start)) for by, label in WISHES]
    return {
        "wishes": [
            {"by": by, "label": label, "until": calendar.business_date(until), "coming": ahead.between(start, until)}
            for by, label, until in wishes
            if until is not None
        ],
        "on": calendar.business_date(at),
        "time": f"{at.astimezone(calendar.SHANGHAI):%H:%M}",
        "until": calendar.business_date(awaited) if awaited else None,
        "refresh": REFRESH_S if awaited else None,
        "days": _days(),
        "histories": demo.progress(),
    }


def _days() -> list[tuple[date, list[tuple[str | Promise, int]]]]:
    """The last business days that were run, each with what its jobs counted, nothing for a quiet day."""
    runs = JobRun.objects.exclude(finished_at=None).order_by("-day", "id")
    last = runs.values_list("day", flat=True).distinct().order_by("-day")[:LAST_DAYS]
    return [
        (day, days.counted(group)) for day, group in groupby(runs.filter(day__in=list(last)), key=lambda run: run.day)
    ]


def _wished(by: str, start: datetime) -> datetime | None:
    """One day or one month after `start`, at the same time of day."""
    on = calendar.business_date(start)
    days = {"day": 1, "month": (calendar.add_months(on, 1) - on).days}.get(by)
    return start + timedelta(days=days) if days else None
