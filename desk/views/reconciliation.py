"""Reconciliation at the desk: the channels' statements by day, and each difference with its explanation."""

from datetime import date

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.models import StatementGap
from billing.services import gaps, reckoning
from billing.services import reconciliation as matching
from core import clock, paging
from core.errors import DomainError
from desk import differences, money_rows
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell


class ResolveForm(forms.Form):
    """Why the difference is none any more, or who bears it; it stays on record."""

    resolution = forms.CharField(label=_("What was found, and what was done"), min_length=4, max_length=300)


@require_safe
@operators_only
def days(request: OperatorRequest) -> HttpResponse:
    """The days, newest first."""
    found = paging.page(reckoning.files(), request.GET.get("before", ""))
    return page(request, "reconciliation", _("Reconciliation"), section="overview", files=found.rows, next=found.next)


@require_safe
@operators_only
def day(request: OperatorRequest, channel: str, day: str) -> HttpResponse:
    """One day of one channel: both sides, and the differences."""
    found = reckoning.day(channel, _day(day))
    if found is None:
        raise Http404
    at = clock.now()
    rows = [money_rows.difference_row(row, at) for row in found.differences]
    return page(request, "reconciled_day", _("Reconciliation"), section="overview", shown=found, rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def difference(request: OperatorRequest, pk: int) -> HttpResponse:
    """One difference; POST explains it."""
    found, at = reckoning.differences().filter(pk=pk).first(), clock.now()
    if found is None:
        raise Http404
    form = ResolveForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            matching.resolve(pk, form.cleaned_data["resolution"], f"operator:{request.user.pk}", at)
        except DomainError as error:
            tell(request, str(error), "late")
        else:
            tell(request, _("The difference is resolved."))
        return HttpResponseRedirect(reverse("desk:difference", args=[pk]), status=303)
    status = 422 if request.method == "POST" else 200
    return page(
        request, "difference", found.get_kind_display(), section="overview", status=status, form=form,
        shown=differences.show(found, at), source=differences.source(found),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def gap(request: OperatorRequest, pk: int) -> HttpResponse:
    """A day whose statement did not come; POST says why none is needed."""
    found, at = get_object_or_404(StatementGap, pk=pk), clock.now()
    form = ResolveForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            gaps.explain(pk, form.cleaned_data["resolution"], f"operator:{request.user.pk}", at)
        except DomainError as error:
            tell(request, str(error), "late")
        else:
            tell(request, _("It is not asked for any more."))
        return HttpResponseRedirect(reverse("desk:gap", args=[pk]), status=303)
    return page(
        request, "gap", differences.missed(found), section="overview", status=422 if form.errors else 200, form=form,
        gap=found, left=differences.waited(found, at), movements=gaps.movements(found),
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
