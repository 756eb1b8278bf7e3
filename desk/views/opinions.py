"""What customers say, by month and moment, and in their words."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core import calendar, clock
from desk import satisfaction
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page
from orders.services import opinions

MONTHS = 12
LOW = "low"


@require_safe
@operators_only
def board(request: OperatorRequest) -> HttpResponse:
    """Twelve months as a table; below it the newest words, all, of one moment, or the low ones."""
    view = request.GET.get("view", "")
    if view not in {"", LOW, *opinions.Touchpoint.values}:
        raise Http404
    since = calendar.add_months(calendar.business_date(clock.now()).replace(day=1), 1 - MONTHS)
    chips = [("", _("All")), (LOW, _("Two or fewer")), *opinions.Touchpoint.choices]
    rows = opinions.said("" if view == LOW else view, low=view == LOW)[: satisfaction.MOST]
    return page(
        request, "opinions", _("What customers say"), section="overview", table=satisfaction.table(since), rows=rows,
        chips=[(name, label, name == view) for name, label in chips], low=opinions.LOW,
    )  # fmt: skip
