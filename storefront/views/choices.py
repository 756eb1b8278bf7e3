"""The customer's choice after a demand letter. Own leases only."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import DomainError
from orders.models import DemandChoice, Order
from orders.services import choices
from storefront.pages import choices as page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own

LEADS_TO = {DemandChoice.Kind.PAY: "bills_pay", DemandChoice.Kind.RETURN: "order", DemandChoice.Kind.BUY: "lease"}


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def choice(request: CustomerRequest, number: str) -> HttpResponse:
    """GET: the ways side by side. POST: choose one, at the figures that were shown."""
    order = own(request, number)
    if order.lease.start is None:
        return answer.go("order", number)
    if request.method != "POST":
        return _page(request, order)
    kind, shown = request.POST.get("kind", ""), request.POST.get("shown", "")
    try:
        choices.choose(order.pk, kind, f"customer:{request.customer.pk}", clock.now(), shown)
    except DomainError as error:
        return _page(request, order, wrong=str(error))
    return answer.go(LEADS_TO[DemandChoice.Kind(kind)], number)


def _page(request: CustomerRequest, order: Order, wrong: str = "") -> HttpResponse:
    return answer.page(
        request, "choice", _("Your choice"), status=422 if wrong else 200, tab="leases", narrow=True,
        back=f"/leases/{order.number}/", shown=page.shown(order, clock.now()), wrong=wrong,
    )  # fmt: skip
