"""Looking for a device, and one device with its honest table."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.services import offers
from core import calendar, clock
from orders.services import checkout
from storefront.forms.devices import SearchForm, TermForm
from storefront.pages import device as device_page
from storefront.pages import devices as list_page
from storefront.pages import names
from storefront.views import access, answer
from storefront.views.kept import for_strangers


@require_safe
@for_strangers
def devices(request: HttpRequest) -> HttpResponse:
    """Everything published, narrowed and sorted; nonsense in the address is no error, only no filter."""
    wanted = SearchForm(request.GET).wanted()
    shown = list_page.shown(access.of(request), wanted, clock.today())
    return answer.page(request, "devices", _("Find a device"), tab="devices", shown=shown)


@require_safe
@for_strangers
def device(request: HttpRequest, plan_id: int) -> HttpResponse:
    try:
        plan = offers.get(plan_id)
    except offers.OfferGone as error:
        raise Http404 from error
    customer, at = access.of(request), clock.now()
    term = offers.usual_term(plan, TermForm(request.GET).months())
    cost = checkout.quote(customer, plan, term.months, calendar.business_date(at))
    return answer.page(
        request,
        "device",
        names.of(plan.sku.device_model),
        tab="devices",
        back="/devices/",
        shown=device_page.shown(plan, term, cost, at),
        knows_customer=customer is not None,
    )
