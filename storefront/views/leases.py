"""My leases, one lease, one bill."""

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.services import channels
from core import clock
from core.calendar import business_date
from storefront.forms.leases import DayForm
from storefront.pages import bills as bill_page
from storefront.pages import endings
from storefront.pages import leases as lease_page
from storefront.views import answer, ways
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_safe
def leases(request: CustomerRequest) -> HttpResponse:
    return answer.page(
        request, "leases", _("My leases"), tab="leases", shown=lease_page.rows(request.customer, clock.today())
    )


@customer_only
@require_safe
def lease(request: CustomerRequest, number: str) -> HttpResponse:
    order = own(request, number)
    if order.lease.start is None:
        return answer.go("order", number)
    at = clock.now()
    prefetch_related_objects([order], "faults")
    form = DayForm(request.GET if "on" in request.GET else None, days=endings.days_ahead(order, business_date(at)))
    return answer.page(
        request,
        "lease",
        _("Lease"),
        tab="leases",
        back="/my/leases/",
        shown=lease_page.shown(order, at, form.asked()),
        day_form=form,
    )


@customer_only
@require_safe
def bill(request: CustomerRequest, number: str, bill_number: int) -> HttpResponse:
    order = own(request, number)
    found = order.lease.bills.filter(number=bill_number).first()
    if found is None:
        raise Http404
    offered = channels.offered()
    return answer.page(
        request,
        "bill",
        found.get_kind_display() if found.is_extra else _("Bill %(number)s") % {"number": bill_number},
        tab="leases",
        back=f"/leases/{number}/",
        narrow=True,
        shown=bill_page.shown(order, found, clock.now()),
        channels=offered,
        channel=ways.usual(request, offered),
    )
