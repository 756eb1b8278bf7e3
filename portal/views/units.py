"""A merchant's devices."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Merchant
from catalog.models import DeviceUnit, StockLevel
from catalog.services import units as service
from core import clock, paging
from core.errors import DomainError
from orders.models import Order
from orders.models.orders import IN_CUSTODY
from portal.forms import UnitForm
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell

FIELDS = {"serial_invalid": "serial", "imei_invalid": "imei", "imei_missing": "imei", "unit_known": "serial"}


@require_safe
@members_only
def units(request: MemberRequest) -> HttpResponse:
    """The shelf: how many are free of each specification, and every unit with where it is."""
    wanted = request.GET.get("code", "").replace("\0", "").strip()
    found = paging.page(_rows(request.merchant, wanted), request.GET.get("before", ""))
    levels = StockLevel.objects.filter(merchant=request.merchant).select_related("sku__device_model").order_by("sku_id")
    stock = [{"sku": level.sku, "on_hand": level.on_hand, "free": level.on_hand - level.reserved} for level in levels]
    return page(
        request, "units", _("Units"), section="units", rows=found.rows, next=found.next, stock=stock, code=wanted
    )


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def add(request: MemberRequest) -> HttpResponse:
    """Put a new unit on the shelf."""
    form = UnitForm(request.merchant, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            actor = f"merchant:{request.user.pk}"
            unit = service.add(request.merchant, facts["sku"], facts["serial"], facts["imei"], clock.now(), actor)
        except DomainError as error:
            form.add_error(FIELDS.get(error.code), str(error))
        else:
            tell(request, _("Added: %(serial)s.") % {"serial": unit.serial})
            return HttpResponseRedirect(reverse("portal:units"), status=303)
    status = 422 if request.method == "POST" else 200
    return page(request, "unit_add", _("Add a device"), section="units", form=form, status=status)


def _rows(merchant: Merchant, code: str) -> "QuerySet[DeviceUnit]":
    with_customer = Order.objects.filter(unit=OuterRef("pk"), state__in=IN_CUSTODY).values("number")[:1]
    rows = DeviceUnit.objects.filter(merchant=merchant).select_related("sku__device_model")
    if code:
        cleaned = service.normalise(code)
        rows = rows.filter(serial__icontains=cleaned) | rows.filter(imei=cleaned)
    return rows.annotate(order_number=Subquery(with_customer))
