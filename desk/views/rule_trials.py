"""Risk rules tried on past orders: ask for one, watch it, read whom it would have met."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import DomainError
from desk import rule_trials as shown
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders.models import RiskRule, RuleTrial
from orders.services import rule_trials as service
from orders.services import runs

SHOWN, SOON = 30, 3


class AskForm(forms.Form):
    """Which rule is looked at."""

    rule = forms.ModelChoiceField(
        RiskRule.objects.exclude(state=RiskRule.State.SUPERSEDED).order_by("-id"), label=gettext_lazy("Risk rule")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def trials(request: OperatorRequest) -> HttpResponse:
    """The latest ones; POST asks for another."""
    if request.method != "POST":
        return _list(request, AskForm(label_suffix="", initial={"rule": request.GET.get("rule")}))
    form = AskForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _list(request, form, status=422)
    asked = service.request(form.cleaned_data["rule"], f"operator:{request.user.pk}", clock.now())
    tell(request, _("Asked for. A worker does it; you may leave this page."))
    return HttpResponseRedirect(reverse("desk:rule_trial", args=[asked.pk]), status=303)


@require_safe
@operators_only
def trial(request: OperatorRequest, pk: int) -> HttpResponse:
    """How far it is, then whom it would have met; looks again by itself until it has ended."""
    found = get_object_or_404(RuleTrial.objects.select_related("rule", "old_rule"), pk=pk)
    return page(
        request, "rule_trial", _("Rule trial %(number)s") % {"number": found.pk}, section="backtests", found=found,
        refresh=None if found.ended_at else SOON, is_stuck=runs.is_stuck(found, clock.now()),
        result=found.result, sides=shown.sides(found.result) if found.result else [],
        rows=shown.rows(found) if found.result else [], most=shown.MOST,
    )  # fmt: skip


@require_POST
@operators_only
def again(request: OperatorRequest, pk: int) -> HttpResponse:
    """What stands still is begun anew."""
    found = get_object_or_404(RuleTrial, pk=pk)
    try:
        found = service.again(found.pk, f"operator:{request.user.pk}", clock.now())
        tell(request, _("Begun anew. A worker does it; you may leave this page."))
    except DomainError as error:
        tell(request, str(error), "late")
    return HttpResponseRedirect(reverse("desk:rule_trial", args=[found.pk]), status=303)


def _list(request: OperatorRequest, form: AskForm, status: int = 200) -> HttpResponse:
    rows: Any = RuleTrial.objects.select_related("rule", "old_rule").order_by("-id")[:SHOWN]
    return page(
        request, "rule_trials", _("Rule trials"), section="backtests", status=status, form=form, rows=rows,
    )  # fmt: skip
