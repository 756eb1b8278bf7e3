"""Turning automatic payment on, at the provider, and off, at once."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import AutopayAgreement
from billing.services import autopay as agreements
from billing.services import channels
from core import calendar, clock
from core.errors import DomainError
from integrations.errors import ProviderRefused, ProviderUnavailable
from orders.models import Order
from storefront.pages import autopay as autopay_page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def autopay(request: CustomerRequest, number: str) -> HttpResponse:
    """GET says what it means and how it stands; back from the provider it asks. POST turns it `on` or `off`."""
    order = own(request, number)
    if order.lease.start is None:
        return answer.go("order", number)
    if request.method == "POST":
        return _turn_on(request, order) if request.POST.get("turn") == "on" else _turn_off(request, order)
    _ask_about(order)
    return answer.page(
        request,
        "autopay",
        _("Automatic payment"),
        tab="leases",
        back=f"/leases/{number}/",
        narrow=True,
        shown=autopay_page.shown(order),
    )


def _turn_on(request: CustomerRequest, order: Order) -> HttpResponse:
    at = clock.now()
    back = f"{settings.SITE_URL}{reverse('storefront:autopay', args=[order.number])}"
    try:
        channel = channels.chosen("", channels.deducting())
        agreement = agreements.open(order.lease_id, channel, on=calendar.business_date(at), at=at)
        return answer.leave(agreements.page(agreement, back, "phone"))
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("autopay", order.number)


def _turn_off(request: CustomerRequest, order: Order) -> HttpResponse:
    if agreements.revoke(order.lease_id, clock.now()):
        answer.tell(request, _("Automatic payment is off. From now on nothing more is deducted."))
    return answer.go("autopay", order.number)


def _ask_about(order: Order) -> None:
    """No answer is no answer: the poller asks again."""
    standing = agreements.standing(order.lease)
    if standing is None or standing.state != AutopayAgreement.State.DRAFT:
        return
    try:
        agreements.ask(standing.pk, clock.now())
    except (ProviderUnavailable, ProviderRefused):
        return
