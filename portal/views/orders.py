"""A merchant's orders: list, one order, and the steps that he may take."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.services import statements
from core import calendar, paging
from core.errors import DomainError
from orders import actions, consequences, words
from orders.actions import MERCHANT
from orders.models import Order, State
from orders.services import demands, labels, risks
from portal import finding, steps, todo
from portal.views.access import MemberRequest, members_only
from portal.views.answer import order_address, page, tell

SHELF = 50
ADDRESS_NEEDED = (State.PAID, State.SHIPPED)


@require_safe
@members_only
def orders(request: MemberRequest) -> HttpResponse:
    """All orders, newest first; those of one state, or those that a number, waybill or name finds."""
    state, text = request.GET.get("state", ""), finding.typed(request.GET.get("q", ""))
    state = state if state in State.values else ""
    found = paging.page(finding.orders(request.merchant, state, text), request.GET.get("before", ""))
    listed = [{"order": order, "tone": words.tone(order.state)} for order in found.rows]
    kept = urlencode({key: value for key, value in (("state", state), ("q", text)) if value})
    return page(
        request, "orders", _("Orders"), section="orders", listed=listed, next=found.next, state=state,
        states=State.choices, text=text, kept=kept,
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
    return _order_page(request, found, opened=labels.open_label(found, f"merchant:{request.user.pk}", request.at))


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def act(request: MemberRequest, number: str, name: str) -> HttpResponse:
    """A step: GET says what it will do and asks what it needs, POST takes it."""
    found, action, at = own(request, number), actions.find(MERCHANT, name), request.at
    if action is None:
        raise Http404
    if not action.open_for(found, at):
        return _gone(request, found, action)
    form = _asked(request, action)
    if request.method == "POST" and form.is_valid():
        try:
            actions.take(action, found, request.user, form, at)
        except DomainError as error:
            form.add_error(actions.field_of(error, form), _explained(error, found, form))
        else:
            tell(request, _("Done: %(label)s.") % {"label": action.label})
            return HttpResponseRedirect(order_address(found), status=303)
    return _action_page(request, found, action, form, status=200 if request.method != "POST" else 422)


def own(request: MemberRequest, number: str) -> Order:
    """The merchant's own order; another's does not exist for him."""
    rows = todo.of_merchant(request.merchant).select_related(
        "lease__deposit", "agreement", "unit", "customer__user", "claim", "account_lock"
    )
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _order_page(request: MemberRequest, found: Order, **context: Any) -> HttpResponse:
    at, until = request.at, words.deadline(found)
    open_now = steps.open_now(found, at)
    return page(
        request,
        "order",
        found.number,
        section="orders",
        order=found,
        tone=words.tone(found.state),
        late=words.late(found, calendar.business_date(at)),
        reason=words.reason(found.reason),
        until=until,
        left=words.left(until, at) if until else None,
        steps=open_now,
        next_act=_next_act(found, open_now),
        bills=statements.statement(found.lease, calendar.business_date(at)),
        parcels=words.parcels(found),
        swap=words.swap(found, order_address),
        faults=words.troubles(found),
        deductions=found.lease.deposit.deductions.select_related("payment").order_by("id"),
        log=words.log(found),
        address_needed=found.state in ADDRESS_NEEDED,
        **context,
    )


def _next_act(found: Order, open_now: list[steps.Step]) -> steps.Text:
    if found.state == State.PAID and any(step.primary for step in open_now):
        return ""  # he ships
    if demands.is_held(found):
        return steps.HELD
    looked_at = found.state == State.PAID and risks.is_held(found)
    return steps.LOOKED_AT if looked_at else steps.NEXT.get(found.state, "")


def _asked(request: MemberRequest, action: actions.Action) -> forms.Form:
    form = action.form(request.POST if request.method == "POST" else None, label_suffix="")
    if "code" in form.fields:
        form.fields["code"].widget.attrs |= {"list": "shelf", "autocomplete": "off", "spellcheck": "false"}
    return form


def _explained(error: DomainError, found: Order, form: forms.Form) -> str:
    """Why it was refused; for a unit of another specification, of which one."""
    other = finding.other_specification(found, form.cleaned_data["code"]) if error.code == "unit_not_found" else None
    if other is None:
        return str(error)
    facts = {"code": other.serial, "other": other.sku, "ordered": found.plan.sku}
    return gettext("%(code)s is a %(other)s; the order is for a %(ordered)s.") % facts


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
        consequences=consequences.of(action, found, request.at),
        shelf=finding.free_units(found)[:SHELF] if "code" in form.fields else None,
    )


def _gone(request: MemberRequest, found: Order, action: actions.Action) -> HttpResponse:
    """A clear word for a step that is no longer possible, e.g. taken meanwhile in another window."""
    return page(
        request, "gone", action.label, section="orders", status=409, order=found, tone=words.tone(found.state),
        back=order_address(found),
    )  # fmt: skip
