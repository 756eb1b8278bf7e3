"""Collections at the desk: the board of cases, one case, one request of a customer in a hard month."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from arrears.models import CollectionCase, DemandLetter, HardshipRequest
from arrears.services import cases, hardship, home_visits, letters, promises
from core import clock
from core.errors import DomainError
from desk import arrears, case_board
from desk.forms import AnswerForm, DeskForm, HangUpForm
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from notices.services.calls import Going
from visits.services import visits


class CollectorForm(DeskForm):
    collector = forms.ModelChoiceField(
        User.objects.filter(kind=User.Kind.OPERATOR, is_active=True).order_by("login"), label=_("Collector")
    )


class NoteForm(DeskForm):
    text = forms.CharField(label=_("Note"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PromiseForm(DeskForm):
    amount = forms.DecimalField(label=_("Amount"), max_digits=12, decimal_places=2)
    until = forms.DateField(label=_("By the end of"), widget=forms.DateInput(attrs={"type": "date"}))


class DemandForm(DeskForm):
    is_sure = forms.BooleanField(label=_("The figures of today are right; send it to the customer"))


class VisitForm(DeskForm):
    address = forms.IntegerField(label=_("At"), widget=forms.Select)


FORMS: dict[str, type[forms.Form]] = {
    "assign": CollectorForm, "note": NoteForm, "promise": PromiseForm, "demand": DemandForm, "visit": VisitForm,
}  # fmt: skip


@require_safe
@operators_only
def board(request: OperatorRequest) -> HttpResponse:
    """Open cases, the oldest first: what is due today or all, whose, and found by a number."""
    asked = request.GET.copy()
    view, whose = asked.get("view", "today"), asked.get("whose", "")
    wanted = asked.get("q", "").replace("\0", "").strip()
    if view not in case_board.VIEWS or whose not in case_board.OWNERS:
        raise Http404
    found = case_board.page(view, whose, wanted, request.user, asked.pop("after", [""])[-1], clock.now())
    views = [(name, label, name == view) for name, label in case_board.VIEWS.items()]
    owners = [(name, label, name == whose) for name, label in case_board.OWNERS.items()]
    return page(
        request, "cases", _("Arrears"), section="overview", rows=found.rows, next=found.next, query=asked.urlencode(),
        views=views, owners=owners, view=view, whose=whose, q=wanted,
    )  # fmt: skip


@require_safe
@operators_only
def case(request: OperatorRequest, number: str) -> HttpResponse:
    return _page(request, _get(number))


@require_POST
@operators_only
def act(request: OperatorRequest, number: str, verb: str) -> HttpResponse:
    """Assign, note, promise or demand in writing, with its form; what is refused comes back on the page."""
    found, kind = _get(number), FORMS.get(verb)
    if kind is None:
        raise Http404
    form = kind(request.POST)
    if form.is_valid():
        try:
            _run(request, found, verb, form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _recorded(request, found)
    return _page(request, found, status=422, filled={verb: form})


@require_POST
@operators_only
def dial(request: OperatorRequest, number: str) -> HttpResponse:
    """The guard decides; the call then stands on the case's page until its end is told."""
    found = _get(number)
    try:
        cases.dial(found.pk, _actor(request), clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
    return _back(found)


@require_POST
@operators_only
def hang_up(request: OperatorRequest, number: str) -> HttpResponse:
    """How one's own call ended."""
    found, form = _get(number), HangUpForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            cases.hang_up(found.pk, told["call"], told["seconds"], told["text"], _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _recorded(request, found)
    return _page(request, found, status=422, hang_up=form)


@require_safe
@operators_only
def letter(request: OperatorRequest, number: str, letter: str) -> HttpResponse:
    """The letter as it was issued; kept by no cache."""
    found = get_object_or_404(DemandLetter, number=letter, case__number=number)
    answer = HttpResponse(letters.content(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def request_(request: OperatorRequest, number: str) -> HttpResponse:
    """What the customer asks for in a hard month, and the answer."""
    rows = HardshipRequest.objects.select_related("customer", "lease__order")
    found = get_object_or_404(rows, number=number)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            hardship.answer(found.pk, form.cleaned_data["text"], _actor(request), clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("The customer has the answer."))
            return HttpResponseRedirect(reverse("desk:hardship", args=[number]), status=303)
    return page(
        request, "hardship", _("A hard month"), section="overview", status=422 if form.errors else 200, asked=found,
        form=form, case=cases.of_lease(found.lease_id), decide_by=hardship.decide_by(found),
    )  # fmt: skip


def _run(request: OperatorRequest, found: CollectionCase, verb: str, good: dict[str, Any]) -> None:
    actor, at = _actor(request), clock.now()
    if verb == "assign":
        cases.assign(found.pk, good["collector"], actor, at)
    elif verb == "note":
        cases.write(found.pk, good["text"], actor, at)
    elif verb == "visit":
        door = next((each for each in home_visits.doors(found) if each.pk == good["address"]), None)
        if door is None:
            raise visits.NotHisDoor
        home_visits.ask(found.pk, door, actor, at)
    elif verb == "demand":
        letters.issue(found.pk, actor, at)
    else:
        promises.make(found.pk, good["amount"], good["until"], actor, at)


def _page(
    request: OperatorRequest,
    found: CollectionCase,
    *,
    status: int = 200,
    hang_up: HangUpForm | None = None,
    filled: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    shown_forms = {**{verb: kind() for verb, kind in FORMS.items()}, **(filled or {})}
    shown = arrears.shown(found, clock.now())
    shown_forms["visit"].fields["address"].widget.choices = [(one.pk, one.region) for one in shown.doors]
    calls = _calls(found, hang_up, _actor(request))
    wrong = [] if hang_up is None or any(form is hang_up for _one, form in calls) else hang_up.non_field_errors()
    return page(
        request, "case", found.number, section="overview", status=status, case=found, calls=calls, wrong=wrong,
        shown=shown, forms=shown_forms,
    )  # fmt: skip


def _calls(found: CollectionCase, filled: HangUpForm | None, actor: str) -> list[tuple[Going, HangUpForm]]:
    """One's own calls that have no end yet, each with its form; `filled`: what was sent and refused."""
    wanted = filled["call"].value() if filled is not None else None
    return [
        (one, filled if filled is not None and str(one.call.pk) == str(wanted) else HangUpForm.of(one.call.pk))
        for one in cases.going(found, actor, clock.now())
    ]


def _recorded(request: OperatorRequest, found: CollectionCase) -> HttpResponse:
    tell(request, _("Recorded."))
    return _back(found)


def _back(found: CollectionCase) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:case", args=[found.number]), status=303)


def _get(number: str) -> CollectionCase:
    rows = CollectionCase.objects.select_related("customer__user", "lease__order", "collector")
    return get_object_or_404(rows, number=number)


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
