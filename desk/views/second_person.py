"""One thing that waits for a second person: what exactly will be done, and yes or no."""

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import DomainError
from core.models import Approval
from core.services import approvals
from desk import second_person
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell


class RefuseForm(forms.Form):
    """Why not; whoever asked reads it."""

    reason = forms.CharField(label=_("Why not"), min_length=4, max_length=300)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def approval(request: OperatorRequest, pk: int) -> HttpResponse:
    """GET shows the request; POST approves it, and it is done in the same moment."""
    asked = _get(pk)
    if request.method != "POST":
        return _page(request, asked, RefuseForm(label_suffix=""))
    try:
        second_person.kind(asked).carry_out(pk, _actor(request), clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
    else:
        tell(request, _("Approved and carried out."))
    return HttpResponseRedirect(reverse("desk:approval", args=[pk]), status=303)


@require_POST
@operators_only
def refuse(request: OperatorRequest, pk: int) -> HttpResponse:
    """A no with its grounds."""
    asked, form = _get(pk), RefuseForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    try:
        approvals.refuse(pk, _actor(request), form.cleaned_data["reason"], clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
    else:
        tell(request, _("Refused. Nothing was done."))
    return HttpResponseRedirect(reverse("desk:approval", args=[pk]), status=303)


@require_POST
@operators_only
def withdraw(request: OperatorRequest, pk: int) -> HttpResponse:
    """Whoever asked takes it back."""
    _get(pk)
    try:
        approvals.withdraw(pk, _actor(request), clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
    else:
        tell(request, _("Withdrawn. Nothing was done."))
    return HttpResponseRedirect(reverse("desk:approval", args=[pk]), status=303)


def _page(request: OperatorRequest, asked: Approval, form: RefuseForm, status: int = 200) -> HttpResponse:
    kind = second_person.kind(asked)
    return page(
        request, "approval", kind.title, section="overview", status=status, asked=asked, told=kind.tell(asked),
        glance=kind.glance(asked), form=form, is_own=asked.requested_by == _actor(request),
        asked_by=second_person.who(asked.requested_by), waits=asked.state == Approval.State.REQUESTED,
        decided_by=second_person.who(asked.decided_by) if asked.decided_by else "",
    )  # fmt: skip


def _get(pk: int) -> Approval:
    asked = Approval.objects.filter(pk=pk, kind__in=second_person.KINDS).first()
    if asked is None:
        raise Http404
    return asked


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"
