"""Orders at the desk: list and search, one order on one page, the operator's steps."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import identity
from billing.models import Payment, Reduction
from billing.services import statements
from billing.services.statements import BillView, Condition
from contracts.models import Agreement
from contracts.services import agreements
from core import calendar, clock, money, paging
from core.errors import DomainError
from core.models import Approval
from desk import demanded, grounds, reviews, trust
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import asked_second_person, order_address, page, tell
from orders import actions, consequences, words
from orders.actions import OPERATOR
from orders.models import Order, State
from orders.services import choices, opinions, papers, review_requests

NEEDED = (
    "plan__sku__device_model__device_type", "lease__deposit", "agreement", "unit", "merchant", "customer__user",
    "address", "decision__tier", "decision__tier_set", "decision__report", "decision__scorecard", "review_request",
)  # fmt: skip
# before it is signed
NOTHING_MOVED: dict[str, Any] = {
    "reductions": [],
    "payments": [],
    "freezes": [],
    "deductions": [],
}


@require_safe
@operators_only
def orders(request: OperatorRequest) -> HttpResponse:
    """Newest first, of one state, or found by the number of an order or of a customer."""
    state, wanted = request.GET.get("state", ""), request.GET.get("q", "").replace("\0", "").strip()
    rows = Order.objects.select_related("plan__sku__device_model", "merchant", "customer")
    if state in State.values:
        rows = rows.filter(state=state)
    if wanted:
        rows = rows.filter(Q(number__istartswith=wanted) | Q(customer__number__iexact=wanted))
    found = paging.page(rows, request.GET.get("before", ""))
    listed = [{"order": order, "tone": words.tone(order.state)} for order in found.rows]
    query = request.GET.copy()
    query.pop("before", None)
    return page(
        request, "orders", _("Orders"), section="orders", listed=listed, next=found.next, state=state, q=wanted,
        query=query.urlencode(), states=State.choices,
    )  # fmt: skip


@require_safe
@operators_only
def order(request: OperatorRequest, number: str) -> HttpResponse:
    """Everything about one order; personal facts are masked."""
    return page(request, "order", number, section="orders", **_dossier(_get(number)))


@require_safe
@operators_only
def agreement(request: OperatorRequest, number: str) -> HttpResponse:
    """The signed PDF; kept by no cache, and the reading is recorded."""
    found = _get(number)
    if found.agreement is None:
        raise Http404
    return _pdf(request, found, found.agreement, f"agreement-{found.number}")


@require_safe
@operators_only
def paper(request: OperatorRequest, number: str, paper: str) -> HttpResponse:
    """As `agreement`, of a paper that follows it: an addendum, a title paper, a termination notice."""
    found = _get(number)
    wanted = get_object_or_404(papers.following(found), number=paper)
    return _pdf(request, found, wanted, wanted.number)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def act(request: OperatorRequest, number: str, name: str) -> HttpResponse:
    """A step: GET says what it will do and asks what it needs, POST takes it."""
    found, action, at = _get(number), actions.find(OPERATOR, name), clock.now()
    if action is None:
        raise Http404
    if not action.open_for(found, at):
        return _gone(request, found, action)
    form = action.form(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.take(action, found, request.user, form, at)
        except DomainError as error:
            form.add_error(actions.field_of(error, form), str(error))
        else:
            if isinstance(made, Approval):
                return asked_second_person(request, made)
            tell(request, _("Done: %(label)s.") % {"label": action.label})
            return HttpResponseRedirect(order_address(found), status=303)
    return _action_page(request, found, action, form, status=200 if request.method != "POST" else 422)


def _pdf(request: OperatorRequest, found: Order, paper: Agreement, name: str) -> HttpResponse:
    try:
        content = papers.signed(paper, f"operator:{request.user.pk}", clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(order_address(found), status=303)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _get(number: str) -> Order:
    found = Order.objects.select_related(*NEEDED).annotate(has_letter=choices.HAS_LETTER).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _dossier(found: Order) -> dict[str, Any]:
    prefetch_related_objects([found.lease], "bills")
    bills, asked = _bills(found, at := clock.now()), demanded.rows(found)
    return {
        "order": found,
        "overdue": money.total(row.owed_now for row in bills if row.is_overdue),
        "tone": words.tone(found.state),
        "late": words.late(found, calendar.business_date(at)),
        "reason": words.reason(found.reason),
        "left": words.left(found.waits_until, at) if found.waits_until else None,
        "steps": _steps(found, at),
        "asked": asked,
        "hits": reviews.hits(found),
        "review": review_requests.of(found),
        "bills": bills,
        **(_moved(found) if found.signed_at else NOTHING_MOVED),
        "parcels": words.parcels(found) if found.shipped_at else [],
        "identity": identity.latest(found.customer),
        "trust": trust.of(found.customer, at, found.decision) if found.state == State.PLACED else None,
        "grounds": grounds.of(found.decision) if found.decision else [],
        "log": words.log(found),
        "faults": words.troubles(found),
        **_beside(found),
    }


def _moved(found: Order) -> dict[str, Any]:
    """Money of the lease and its deposit, and what was taken off."""
    deposit = found.lease.deposit
    return {
        "reductions": Reduction.objects.filter(bill__lease=found.lease_id).select_related("bill").order_by("id"),
        "payments": _payments(found),
        "freezes": deposit.freezes.prefetch_related("releases").order_by("id"),
        "deductions": deposit.deductions.select_related("payment").order_by("id"),
    }


def _beside(found: Order) -> dict[str, Any]:
    """Its agreement's evidence, and the other order of a swap."""
    agreed = found.agreement
    return {
        "swap": words.swap(found, order_address),
        "evidence": words.evidence(agreed) if agreed else [],
        "broken": agreements.broken_evidence(agreed) if agreed else None,
        "opinions": opinions.of(found) if found.received_at else [],
        "papers": papers.following(found) if found.received_at else [],
    }


def _steps(found: Order, at: datetime) -> list[dict[str, Any]]:
    """What may be done now, each with what it will do."""
    if found.state == State.ACTIVE:
        prefetch_related_objects([found], "extension_offers")
    buttons = actions.offered(OPERATOR, found, at)
    rows = {action.name: action for action in actions.ACTIONS if action.face == OPERATOR}
    does = consequences.of_all([rows[button.name] for button in buttons], found, at)
    return [{"button": button, "does": told} for button, told in zip(buttons, does, strict=True)]


def _bills(found: Order, at: datetime) -> list[BillView]:
    """Before the signature nothing is owed: the first bill's day is only a plan."""
    bills = statements.statement(found.lease, calendar.business_date(at))
    if found.state in (State.PLACED, State.APPROVED):
        return [replace(row, condition=Condition.LATER) if row.is_overdue else row for row in bills]
    return bills


def _payments(found: Order) -> list[Payment]:
    mine = Q(items__bill__lease=found.lease_id) | Q(deposit__lease=found.lease_id)
    rows = Payment.objects.filter(mine).distinct()
    return list(rows.prefetch_related("refunds").order_by("id"))


def _action_page(
    request: OperatorRequest, found: Order, action: actions.Action, form: forms.Form, status: int
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


def _gone(request: OperatorRequest, found: Order, action: actions.Action) -> HttpResponse:
    """A clear word for a step that is no longer possible, e.g. taken meanwhile in another window."""
    return page(
        request, "gone", action.label, section="orders", status=409, order=found, tone=words.tone(found.state),
        back=order_address(found),
    )  # fmt: skip
