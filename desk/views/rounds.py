"""The field agent's pages, made for a phone: his appointments, and each until its report is in. Others find nothing."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arrears.services import home_visits
from core import clock
from core.errors import DomainError
from desk.forms import HangUpForm, ReportForm
from desk.views.access import OperatorRequest, agents_only
from desk.views.answer import tell
from orders.services import answers
from visits.models import Visit
from visits.services import doors, visits
from visits.services.visits import Findings


@require_safe
@agents_only
def rounds(request: OperatorRequest) -> HttpResponse:
    """The appointments that stand, the next one first; no address stands in the list."""
    rows = visits.assigned(request.user, clock.now())
    return _page(request, "rounds", _("My visits"), rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def visit(request: OperatorRequest, number: str) -> HttpResponse:
    """Where to go and what to look at, the calls about it, and the report; the reading of the address is recorded."""
    found = _own(request, number)
    form = ReportForm(request.POST if request.method == "POST" else None, papers=found.papers.order_by("id"))
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        told = Findings(good["met"], good["lives_there"], form.found(), good["remarks"])
        try:
            _report(found, told, _actor(request))
            return _over(request, _("Thank you. The visit is closed; its address is gone from your list."))
        except DomainError as error:
            form.add_error(None, str(error))
    return _visit_page(request, found, form)


@require_POST
@agents_only
def ring(request: OperatorRequest, number: str) -> HttpResponse:
    """About money: the guard decides, and the call then stands on the visit's page until its end is told."""
    found = _own(request, number)
    _did(request, lambda: home_visits.ring(found.pk, _actor(request), clock.now()))
    return _back(found)


@require_POST
@agents_only
def hang_up(request: OperatorRequest, number: str) -> HttpResponse:
    """How the agent's own call ended."""
    found, form = _own(request, number), HangUpForm(request.POST)
    if not form.is_valid():
        tell(request, _("Please say for how many seconds; 0 when nobody answered."), "late")
        return _back(found)
    told = form.cleaned_data
    actor, at = _actor(request), clock.now()
    if _did(request, lambda: home_visits.hang_up(found, told["call"], told["seconds"], told["text"], actor, at)):
        tell(request, _("Recorded."))
    return _back(found)


@require_POST
@agents_only
def missed(request: OperatorRequest, number: str) -> HttpResponse:
    """Nobody opened: the platform arranges another time."""
    found = _own(request, number)
    if _did(request, lambda: visits.miss(found.pk, _actor(request), clock.now())):
        return _over(request, _("Recorded: nobody was there. We arrange another time."))
    return _back(found)


def _did(request: OperatorRequest, step: Callable[[], object]) -> bool:
    """Whether it was taken; a refusal is told."""
    try:
        step()
    except DomainError as error:
        tell(request, str(error), "late")
        return False
    return True


def _visit_page(request: OperatorRequest, found: Visit, form: ReportForm) -> HttpResponse:
    actor, at = _actor(request), clock.now()
    about_money = found.purpose == Visit.Purpose.COLLECTION
    calls = [(one, HangUpForm.of(one.call.pk)) for one in home_visits.ringing(found, actor, at)]
    why_no_ring = home_visits.why_no_ring(found, at) if about_money and not calls else ""
    return _page(
        request, "round", found.number, status=422 if form.errors else 200, visit=found, form=form, calls=calls,
        door=doors.read(found, actor, at), about_money=about_money, why_no_ring=why_no_ring,
    )  # fmt: skip


def _report(found: Visit, told: Findings, actor: str) -> None:
    about_money = found.purpose == Visit.Purpose.COLLECTION
    (home_visits.report if about_money else answers.report_visit)(found.pk, told, actor, clock.now())


def _own(request: OperatorRequest, number: str) -> Visit:
    return get_object_or_404(visits.assigned(request.user, clock.now()), number=number)


def _back(found: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:round", args=[found.number]), status=303)


def _over(request: OperatorRequest, text: str | Promise) -> HttpResponse:
    tell(request, text)
    return HttpResponseRedirect(reverse("desk:rounds"), status=303)


def _page(
    request: OperatorRequest, name: str, title: str | Promise, *, status: int = 200, **context: Any
) -> HttpResponse:
    home = reverse("desk:rounds")
    menu = [{"label": _("My visits"), "icon": "home", "href": home, "here": True, "count": 0}]
    place = {"home": home, "leave": reverse("desk:sign_out"), "who": _("Field agent")}
    return render(
        request, f"desk/{name}.html", {"title": title, "menu": menu, "place": place, **context}, status=status
    )


def _actor(request: OperatorRequest) -> str:
    return f"agent:{request.user.pk}"
