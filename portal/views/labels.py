"""Packing slips of several orders on one page to print; every opened address is recorded."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from orders import words
from orders.models import Order, State
from orders.services import labels as service
from portal import todo
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell

MOST = 30


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def labels(request: MemberRequest) -> HttpResponse:
    """GET asks for which parcels, POST opens their addresses and shows the sheet to print."""
    rows = todo.of_merchant(request.merchant).filter(state=State.PAID).order_by("paid_at", "id")
    if request.method != "POST":
        listed = [_waiting(order, request) for order in rows[:MOST]]
        return page(request, "labels", _("Print packing slips"), section="board", listed=listed)
    chosen = list(rows.filter(number__in=request.POST.getlist("number")[:MOST]))
    if not chosen:
        tell(request, _("Choose at least one parcel."), "wait")
        return HttpResponseRedirect(reverse("portal:labels"), status=303)
    actor = f"merchant:{request.user.pk}"
    slips = [{"order": order, "to": service.open_label(order, actor, request.at)} for order in chosen]
    return render(request, "portal/slips.html", {"title": _("Packing slips"), "slips": slips, "from": request.merchant})


def _waiting(order: Order, request: MemberRequest) -> dict[str, object]:
    until = words.deadline(order)
    return {"order": order, "left": words.left(until, request.at) if until else None}
