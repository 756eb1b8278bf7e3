"""Back-tests at the desk: ask for one of past applications or of a file, watch it, read what it found."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import DomainError
from credit.models import Scorecard, TierSet
from credit.rules import case_files
from credit.services import factors
from desk import curves
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell
from orders.models import BackTest
from orders.services import backtests as service
from orders.services import runs

SHOWN, MOST_FAULTS, SOON = 30, 200, 3
FAULTS: dict[str, str | Promise] = {
    "too_large": gettext_lazy("The file is larger than 4 MB."),
    "encoding": gettext_lazy("The file is neither UTF-8 nor GB 18030 text."),
    "missing_column": gettext_lazy("The column is missing."),
    "unknown_column": gettext_lazy("This column is neither needed nor a factor."),
    "twice": gettext_lazy("The column stands twice."),
    "too_many": gettext_lazy("There are more than 50,000 lines."),
    "quotes": gettext_lazy("The quotation marks do not match."),
    "columns": gettext_lazy("This line has more or fewer columns than the first."),
    "value": gettext_lazy("This is no value of the column."),
    "empty": gettext_lazy("There is no line below the header."),
}


class AskForm(forms.Form):
    """Which rules are looked at, and on whom."""

    tier_set = forms.ModelChoiceField(TierSet.objects.order_by("-version"), label=gettext_lazy("Tier table"))
    card = forms.ModelChoiceField(
        Scorecard.objects.order_by("-version"), label=gettext_lazy("Scorecard"), required=False,
        empty_label=gettext_lazy("none: scores stay as they were"),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("A file instead of past applications"), required=False,
        help_text=gettext_lazy("CSV with the columns on, score, deposit, bad (0, 1 or empty), and any factor."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def backtests(request: OperatorRequest) -> HttpResponse:
    """The latest ones; POST asks for another. Of a file with a bad line nothing is kept, and every bad line is told."""
    if request.method != "POST":
        return _list(request, AskForm(label_suffix="", initial={"tier_set": request.GET.get("tiers")}))
    form = AskForm(request.POST, request.FILES, label_suffix="")
    if not form.is_valid():
        return _list(request, form, status=422)
    given, cases = form.cleaned_data, None
    if given["file"]:
        read = case_files.read(given["file"].read(case_files.MOST_BYTES + 1), list(factors.CATALOGUE))
        if read.faults:
            return _list(request, form, status=422, faults=_told(read.faults), more=len(read.faults) - MOST_FAULTS)
        cases = read.cases
    try:
        actor = f"operator:{request.user.pk}"
        asked = service.request(given["tier_set"], given["card"], actor, clock.now(), cases=cases)
    except DomainError as error:
        form.add_error(None, str(error))
        return _list(request, form, status=422)
    tell(request, _("Asked for. A worker does it; you may leave this page."))
    return HttpResponseRedirect(reverse("desk:backtest", args=[asked.pk]), status=303)


@require_POST
@operators_only
def again(request: OperatorRequest, pk: int) -> HttpResponse:
    """What failed or stands still is begun anew, with the same rules and cases."""
    found = get_object_or_404(BackTest, pk=pk)
    try:
        made = service.again(found.pk, f"operator:{request.user.pk}", clock.now())
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(reverse("desk:backtest", args=[pk]), status=303)
    tell(request, _("Begun anew. A worker does it; you may leave this page."))
    return HttpResponseRedirect(reverse("desk:backtest", args=[made.pk]), status=303)


@require_safe
@operators_only
def backtest(request: OperatorRequest, pk: int) -> HttpResponse:
    """How far it is, then what it found; looks again by itself until it has ended."""
    needed = ("new_tiers", "old_tiers", "new_card")
    found = get_object_or_404(BackTest.objects.select_related(*needed), pk=pk)
    result: dict[str, Any] = found.result or {}
    sides = [(_("all labelled cases"), "separation"), (_("the earlier seven tenths"), "earlier")]
    sides.append((_("the latest three tenths"), "later"))
    rows = [(name, result["old"][key], result["new"][key]) for name, key in sides] if result else []
    drawn = curves.drawn(result["old"]["curve"], result["new"]["curve"]) if result else None
    return page(
        request, "backtest", _("Back-test %(number)s") % {"number": found.pk}, section="backtests", found=found,
        result=result, separations=rows, drawn=drawn, refresh=None if found.ended_at else SOON,
        is_stuck=runs.is_stuck(found, clock.now()),
    )  # fmt: skip


def _list(request: OperatorRequest, form: AskForm, status: int = 200, **shown: Any) -> HttpResponse:
    rows = BackTest.objects.select_related("new_tiers", "old_tiers", "new_card").order_by("-id")[:SHOWN]
    return page(
        request, "backtests", _("Back-tests"), section="backtests", status=status, form=form, rows=rows,
        columns=", ".join(factors.CATALOGUE), **shown,
    )  # fmt: skip


def _told(faults: list[case_files.Fault]) -> list[dict[str, Any]]:
    return [{"line": fault.line, "column": fault.column, "text": FAULTS[fault.code]} for fault in faults[:MOST_FAULTS]]
