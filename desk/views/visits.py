"""Arranging visits: who goes, which times are proposed, what a doubtful report comes to, complaints."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import DomainError
from desk import funnels
from desk.forms import AgentForm, AnswerForm, GroundsForm, PhoneForm, TimesForm
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders.models import Order
from orders.services import answers, records
from visits.models import Visit, VisitComplaint, VisitReport
from visits.services import opinions, visits

FORMS: dict[str, type[forms.Form]] = {
    "assign": AgentForm, "propose": TimesForm, "phone": PhoneForm, "accept": GroundsForm,
}  # fmt: skip


@require_safe
@operators_only
def board(request: OperatorRequest) -> HttpResponse:
    """How far orders came by the share that was waived, how many decisions did without a visit (L6), and the agents."""
    at = clock.now()
    return page(
        request, "visits", _("Decisions and visits"), section="overview", record=records.visits(at),
        funnel=funnels.rows(at), steps=funnels.STEPS, agents=opinions.ratings().select_related("user"), rows=_recent(),
    )  # fmt: skip


@require_safe
@operators_only
def visit(request: OperatorRequest, number: str) -> HttpResponse:
    return _page(request, _get(number))


@require_POST
@operators_only
def act(request: OperatorRequest, number: str, verb: str) -> HttpResponse:
    """One step of a visit, with its form; what is refused comes back on the page."""
    found, kind = _get(number), FORMS.get(verb)
    if kind is None:
        raise Http404
    form = kind(request.POST)
    if form.is_valid():
        try:
            _run(request, found, verb, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Recorded."))
            return HttpResponseRedirect(reverse("desk:visit", args=[number]), status=303)
    return _page(request, found, status=422, **{verb: form})


@require_POST
@operators_only
def remarks(request: OperatorRequest, number: str) -> HttpResponse:
    """The agent's remarks on this one answer; the reading is on record."""
    found = _get(number)
    if not VisitReport.objects.filter(visit=found).exists():
        raise Http404
    return _page(request, found, remarks=visits.read_remarks(found, _actor(request), clock.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def complaint(request: OperatorRequest, pk: int) -> HttpResponse:
    """What the customer complains about, and the answer."""
    found = get_object_or_404(VisitComplaint.objects.select_related("visit__agent", "visit__customer"), pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        opinions.answer(pk, form.cleaned_data["text"], _actor(request), clock.now())
        tell(request, _("The customer has the answer."))
        return HttpResponseRedirect(reverse("desk:complaint", args=[pk]), status=303)
    return page(
        request, "complaint", _("Complaint about a visit"), section="overview", status=422 if form.errors else 200,
        complaint=found, form=form,
    )  # fmt: skip


def _run(request: OperatorRequest, found: Visit, verb: str, form: Any) -> None:
    actor, at, good = _actor(request), clock.now(), form.cleaned_data
    if verb == "assign":
        visits.assign(found.pk, good["agent"].pk, actor, at)
    elif verb == "propose":
        visits.propose(found.pk, form.times(), actor, at)
    elif verb == "phone":
        visits.agree_by_phone(found.pk, good["starts_at"], actor, at)
    else:
        order = Order.objects.values_list("pk", flat=True).get(number=found.order_number)
        answers.accept_report(order, good["grounds"], actor, at)


def _page(request: OperatorRequest, found: Visit, *, status: int = 200, **shown: Any) -> HttpResponse:
    at = clock.now()
    forms_shown = {verb: shown.pop(verb, kind()) for verb, kind in FORMS.items()}
    return page(
        request, "visit", found.number, section="overview", status=status, visit=found,
        papers=found.papers.order_by("id"), times=visits.open_times(found, at), forms=forms_shown,
        finding=VisitReport.objects.filter(visit=found).first(), under_way=found.state in visits.UNDER_WAY,
        complaint=VisitComplaint.objects.filter(visit=found).first(), **shown,
    )  # fmt: skip


def _get(number: str) -> Visit:
    rows = Visit.objects.select_related("agent__user", "customer", "address")
    return get_object_or_404(rows, number=number)


def _recent() -> list[Visit]:
    return list(Visit.objects.select_related("agent", "customer").order_by("-id")[:50])


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
