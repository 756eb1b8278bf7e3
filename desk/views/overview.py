"""What is open on the platform."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from billing.models import Deposit
from core import calendar, clock
from core.fields import exact_sum
from credit.models import Hold
from desk import queues
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page
from orders.models import Order, State
from orders.models.orders import IN_CUSTODY

FIRST = 5


@require_safe
@operators_only
def overview(request: OperatorRequest) -> HttpResponse:
    """The figures and the first rows of every queue; full queues come first."""
    at = clock.now()
    shown = [queues.show(queue, at, FIRST) for queue in queues.QUEUES]
    waiting = sum(one.count for one in shown)
    title = ngettext("%(count)d open matter", "%(count)d open matters", waiting) % {"count": waiting}
    return page(
        request, "overview", title, section="overview", at=at, figures=_figures(at),
        open=[one for one in shown if one.rows], quiet=[one.queue for one in shown if not one.rows],
    )  # fmt: skip


@require_safe
@operators_only
def queue(request: OperatorRequest, name: str) -> HttpResponse:
    """One queue in full, up to a hundred rows."""
    found = queues.get(name)
    if found is None:
        raise Http404
    return page(request, "queue", found.title, section="overview", shown=queues.show(found, clock.now()))


def _figures(at: datetime) -> list[dict[str, Any]]:
    midnight = calendar.instant(calendar.business_date(at))
    orders = Order.objects.aggregate(
        out=Count("pk", filter=Q(state__in=IN_CUSTODY)),
        today=Count("pk", filter=Q(placed_at__gte=midnight)),
        paid=Count("pk", filter=Q(state=State.PAID)),
    )
    releasing = Deposit.objects.filter(state=Deposit.State.RELEASING).aggregate(n=Count("pk"), sum=exact_sum("to_hold"))
    waived = Hold.objects.aggregate(sum=exact_sum("amount", state=Hold.State.HELD))["sum"]
    return [
        {"word": _("Devices out"), "count": orders["out"]},
        {"word": _("Orders today"), "count": orders["today"]},
        {"word": _("To be shipped"), "count": orders["paid"]},
        {"word": _("Waived deposits out"), "amount": waived},
        {"word": _("Deposits going back"), "amount": releasing["sum"], "count": releasing["n"]},
    ]
