"""A merchant's orders: list, one order, and the steps that he may take."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.services import statements
from core import calendar, clock, paging
from core.errors import DomainError
from orders import actions, consequences, words
from orders.actions import MERCHANT
from orders.models import Order, State
from orders.services import labels
from portal import todo
from portal.views.access import MemberRequest, members_only
from portal.views.answer import order_address, page, tell

FIELDS = {"unit_not_found": "code", "unit_out": "code", "waybill_invalid": "waybill", "waybill_used": "waybill"}
ADDRESS_NEEDED = (State.PAID, State.SHIPPED)


@require_safe
@members_only
def orders(request: MemberRequest) -> HttpResponse:
    """All orders, newest first, or those of one state."""
    state = request.GET.get("state", "")
    rows = todo.of_merchant(request.merchant)
    if state in State.values:
        rows = rows.filter(state=state)
    found = paging.page(rows, request.GET.get("before", ""))
    listed = [{"order": order, "tone": words.tone(order.state)} for order in found.rows]
    return page(
        request, "orders", _("Orders"), section="orders", listed=listed, next=found.next, state=state,
        states=State.choices,
    )  # fmt: skip


@require_safe
@members_only
def order(request: MemberRequest, number: str) -> HttpResponse:
    """One order on one page."""
    return _order_page(request, own(request, number))


@require_POST
@members_only
def address(request: MemberRequest, number: str) -> HttpResponse:
    """The order with its whole address, while a parcel must find it; each opening is recorded."""
    found = own(request, number)
    if found.state not in ADDRESS_NEEDED:
        raise Http404
    return _order_page(request, found, opened=labels.open_label(found, f"merchant:{request.user.pk}", clock.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def act(request: MemberRequest, number: str, name: str) -> HttpResponse:
    """A step: GET says what it will do and asks what it needs, POST takes it."""
    found, action, at = own(request, number), actions.find(MERCHANT, name), clock.now()
    if action is None or action.run is None:
        raise Http404
    if not action.open_for(found, at):
        return _gone(request, found, action)
    form = action.form(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            action.run(found, request.user, form.cleaned_data, at)
        except DomainError as error:
            form.add_error(FIELDS.get(error.code), str(error))
        else:
            tell(request, _("Done: %(label)s.") % {"label": action.label})
            return HttpResponseRedirect(order_address(found), status=303)
    return _action_page(request, found, action, form, status=200 if request.method != "POST" else 422)


def own(request: MemberRequest, number: str) -> Order:
    """The merchant's own order; another's does not exist for him."""
    rows = todo.of_merchant(request.merchant).select_related("lease__deposit", "agreement", "unit", "customer__user")
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _order_page(request: MemberRequest, found: Order, **context: Any) -> HttpResponse:
    at = clock.now()
    until = words.deadline(found)
    return page(
        request,
        "order",
        found.number,
        section="orders",
        order=found,
        tone=words.tone(found.state),
        reason=words.reason(found.reason),
        until=until,
        left=words.left(until, at) if until else None,
        buttons=actions.offered(MERCHANT, found, at),
        bills=statements.statement(found.lease, calendar.business_date(at)),
        parcels=words.parcels(found),
        log=words.log(found),
        address_needed=found.state in ADDRESS_NEEDED,
        **context,
    )


def _action_page(
    request: MemberRequest, found: Order, action: actions.Action, form: forms.Form, status: int
) -> HttpResponse:
    return page(
        request,
        "action",
        action.label,
        section="orders",
        status=status,
        order=found,
        action=action,
        form=form,
        back=order_address(found),
        consequences=consequences.of(action, found, clock.now()),
    )


def _gone(request: MemberRequest, found: Order, action: actions.Action) -> HttpResponse:
    """A clear word for a step that is no longer possible, e.g. taken meanwhile in another window."""
    return page(
        request, "gone", action.label, section="orders", status=409, order=found, tone=words.tone(found.state),
        back=order_address(found),
    )  # fmt: skip
