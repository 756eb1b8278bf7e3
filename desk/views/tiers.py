"""Tier tables at the desk: all versions, the editor of a draft over the customers, handing it to a second person."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import DomainError
from credit.models import TierSet
from credit.rules.grading import LOWEST
from credit.services import tiers
from desk import band_forms, band_pictures, tables
from desk.band_forms import BandForm, ReasonForm, TableForm
from desk.views.access import OperatorRequest, operators_only
from desk.views.answer import page, tell


@require_safe
@operators_only
def versions(request: OperatorRequest) -> HttpResponse:
    """All versions, newest first."""
    rows = TierSet.objects.prefetch_related("tiers").order_by("-version")
    return page(
        request, "tier_sets", _("Waiver tiers"), section="tiers", rows=rows, may_change=_may_change(request),
        present=tiers.in_force(),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def tier_set(request: OperatorRequest, version: int) -> HttpResponse:
    """GET draws it over the customers; POST saves the draft's figures, with what the pressed button adds to them."""
    found = _get(version)
    if request.method != "POST":
        return _page(request, found)
    _require_right(request)
    forms, table = band_forms.bound(request.POST), TableForm(request.POST, label_suffix="")
    if not all([table.is_valid(), *(form.is_valid() for form in forms)]) or not forms:
        return _page(request, found, forms, table, status=422)
    bands = band_forms.change([form.band() for form in forms], request.POST.get("do", ""))
    bands = [replace(bands[0], from_score=LOWEST), *bands[1:]]
    try:
        given = table.cleaned_data
        tiers.revise(found.pk, bands, given["deposit_floor"], seen=given["seen"], actor=_actor(request), at=clock.now())
    except DomainError as error:
        table.add_error(None, str(error))
        return _page(request, found, forms, table, status=422)
    return HttpResponseRedirect(f"{reverse('desk:tier_set', args=[version])}#bands", status=303)


@require_POST
@operators_only
def draft(request: OperatorRequest) -> HttpResponse:
    """The next version begins with the figures in force."""
    _require_right(request)
    present = tiers.in_force() or get_object_or_404(TierSet.objects.order_by("-version")[:1])
    made = tiers.draft_from(present.pk, _actor(request), clock.now())
    return HttpResponseRedirect(reverse("desk:tier_set", args=[made.version]), status=303)


@require_POST
@operators_only
def discard(request: OperatorRequest, version: int) -> HttpResponse:
    _require_right(request)
    try:
        tiers.discard(_get(version).pk)
    except DomainError as error:
        tell(request, str(error), "late")
        return HttpResponseRedirect(reverse("desk:tier_set", args=[version]), status=303)
    tell(request, _("The draft is gone. The table in force stands as before."))
    return HttpResponseRedirect(reverse("desk:tiers"), status=303)


@require_POST
@operators_only
def hand_on(request: OperatorRequest, version: int) -> HttpResponse:
    """Ask for a second person's approval of exactly these figures."""
    _require_right(request)
    found, form = _get(version), ReasonForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, found, reason=form, status=422)
    try:
        tiers.propose(found.pk, _actor(request), form.cleaned_data["reason"], clock.now())
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, found, reason=form, status=422)
    tell(request, _("Handed on. Another operator approves or refuses exactly these figures."))
    return HttpResponseRedirect(reverse("desk:tier_set", args=[version]), status=303)


def _page(
    request: OperatorRequest,
    found: TierSet,
    forms: list[BandForm] | None = None,
    table: TableForm | None = None,
    *,
    reason: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = tables.shown(found, clock.now())
    asked = tiers.asked(found)
    editable = found.state == TierSet.State.DRAFT and asked is None and _may_change(request)
    bands = [(row.band.from_score, row.rank, tables.share(row.band)) for row in shown.rows]
    start: dict[str, Any] = {"deposit_floor": found.deposit_floor, "seen": shown.seen}
    return page(
        request, "tier_set", _("Waiver tiers v%(version)s") % {"version": found.version}, section="tiers",
        status=status, shown=shown, pictures=band_pictures.pictures(shown.people, bands), asked=asked,
        editable=editable, forms=_paired(forms or band_forms.unbound([row.band for row in shown.rows]), shown.rows),
        table=table or TableForm(initial=start, label_suffix=""), reason=reason or ReasonForm(label_suffix=""),
    )  # fmt: skip


def _paired(forms: list[BandForm], rows: list[tables.Row]) -> list[dict[str, Any]]:
    """Each form with the row that it shows; a form with what was refused may have none."""
    return [{"form": form, "row": rows[i] if i < len(rows) else None, "place": i} for i, form in enumerate(forms)]


def _get(version: int) -> TierSet:
    return get_object_or_404(TierSet, version=version)


def _actor(request: OperatorRequest) -> str:
    return f"operator:{request.user.pk}"


def _may_change(request: OperatorRequest) -> bool:
    return request.user.has_perm("credit.change_tierset")


def _require_right(request: OperatorRequest) -> None:
    if not _may_change(request):
        raise PermissionDenied
