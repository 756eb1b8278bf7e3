"""A merchant's devices."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Merchant
from catalog.models import StockLevel
from catalog.services import units as service
from core import paging
from core.errors import DomainError
from portal import finding, histories
from portal.forms import UnitForm, UnitsForm
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell

FIELDS = {"serial_invalid": "serial", "imei_invalid": "imei", "imei_missing": "imei", "unit_known": "serial"}


@require_safe
@members_only
def units(request: MemberRequest) -> HttpResponse:
    """Every unit with where it is; those at one place, or those that a number or name finds."""
    place, text = request.GET.get("place", ""), finding.typed(request.GET.get("code", ""))
    place = place if place in finding.PLACES else ""
    found = paging.page(finding.unit_rows(request.merchant, place, text), request.GET.get("before", ""))
    kept = urlencode({key: value for key, value in (("place", place), ("code", text)) if value})
    return page(
        request, "units", _("Units"), section="units", rows=found.rows, next=found.next, where=place, text=text,
        places=finding.PLACES.items(), kept=kept,
    )  # fmt: skip


@require_safe
@members_only
def stock(request: MemberRequest) -> HttpResponse:
    """How many of each specification are on the shelf, kept for orders, and free."""
    listed = [
        {"sku": level.sku, "on_hand": level.on_hand, "reserved": level.reserved, "free": level.on_hand - level.reserved}
        for level in _levels(request.merchant)
    ]
    return page(request, "stock", _("Stock"), section="units", listed=listed)


@require_safe
@members_only
def unit(request: MemberRequest, pk: int) -> HttpResponse:
    """One unit: what it is, where it is, and everything that happened to it."""
    found = finding.unit_rows(request.merchant, "", "").filter(pk=pk).first()
    if found is None:
        raise Http404
    orders = histories.orders_of(found)
    log = histories.timeline(found, orders)
    return page(request, "unit", found.serial, section="units", unit=found, orders=orders, log=log)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def add(request: MemberRequest) -> HttpResponse:
    """Put a new unit on the shelf."""
    form = UnitForm(request.merchant, request.POST if request.method == "POST" else None, initial=_wanted(request))
    if request.method == "POST" and form.is_valid():
        facts, actor = form.cleaned_data, f"merchant:{request.user.pk}"
        try:
            unit = service.add(request.merchant, facts["sku"], facts["serial"], facts["imei"], request.at, actor)
        except DomainError as error:
            form.add_error(FIELDS.get(error.code), str(error))
        else:
            tell(request, _("Added: %(serial)s.") % {"serial": unit.serial})
            return HttpResponseRedirect(reverse("portal:units"), status=303)
    return _form(request, "unit_add", _("Add a device"), form)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def add_many(request: MemberRequest) -> HttpResponse:
    """Many new units of one specification, all or none."""
    form = UnitsForm(request.merchant, request.POST if request.method == "POST" else None, initial=_wanted(request))
    if request.method == "POST" and form.is_valid():
        facts, actor = form.cleaned_data, f"merchant:{request.user.pk}"
        try:
            made = service.add_all(request.merchant, facts["sku"], facts["lines"], request.at, actor)
        except service.LinesRefused as refused:
            form.add_error(None, str(refused))
            for number, why in refused.params["lines"]:
                form.add_error("lines", gettext("Line %(number)s: %(why)s") % {"number": number, "why": why})
        else:
            told = ngettext("%(count)d unit is on the shelf.", "%(count)d units are on the shelf.", len(made))
            tell(request, told % {"count": len(made)})
            return HttpResponseRedirect(reverse("portal:units"), status=303)
    return _form(request, "units_add", _("Add many devices"), form)


def _levels(merchant: Merchant) -> "QuerySet[StockLevel]":
    rows = StockLevel.objects.filter(merchant=merchant).select_related("sku__device_model__device_type")
    return rows.order_by("sku__device_model__device_type", "sku_id")


def _wanted(request: MemberRequest) -> dict[str, Any]:
    """The specification that a link names."""
    sku = request.GET.get("sku", "")
    return {"sku": sku} if sku.isdecimal() else {}


def _form(request: MemberRequest, name: str, title: Any, form: Any) -> HttpResponse:
    return page(request, name, title, section="units", form=form, status=422 if form.is_bound else 200)
