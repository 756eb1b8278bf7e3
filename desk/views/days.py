"""Business days: what each did, how far today's is, and what went wrong in it."""

from datetime import date

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core import clock
from core.models import Mishap
from desk import days as shown
from desk import mishaps, queues
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page

SOON = 3


@require_safe
@operators_only
def days(request: OperatorRequest) -> HttpResponse:
    """The last ones, newest first; it looks again by itself while one is under way."""
    found, rest = shown.latest(_day(request.GET.get("before", "")))
    refresh = None if all(one.state.is_over for one in found) else SOON
    return page(request, "days", _("Business days"), section="overview", days=found, next=rest, refresh=refresh)


@require_safe
@operators_only
def day(request: OperatorRequest, day: str) -> HttpResponse:
    """One day, job by job; it looks again by itself until nobody works on it."""
    on = _day(day)
    found = shown.of([on]) if on else []
    if on is None or not found:
        raise Http404
    at, [one] = clock.now(), found
    rows = mishaps.numbered(Mishap.objects.filter(day=on)).order_by("cleared_at", "-last_at", "pk")[: queues.MOST]
    return page(
        request, "day", _("Business day"), section="overview", day=one, refresh=None if one.state.is_over else SOON,
        mishaps=[queues.mishap_row(row, at) for row in rows],
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
