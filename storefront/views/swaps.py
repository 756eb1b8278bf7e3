"""Swapping the device: what may be had instead, or what is under way. The order itself goes by the checkout."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from storefront.pages import swaps as page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_safe
def swap(request: CustomerRequest, number: str) -> HttpResponse:
    order = own(request, number)
    if order.lease.start is None:
        return answer.go("order", number)
    return answer.page(
        request,
        "swap",
        _("Swap it"),
        tab="leases",
        back=f"/leases/{number}/",
        narrow=True,
        shown=page.shown(order, clock.now()),
    )
