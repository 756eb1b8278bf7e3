"""Looking for a device, and one device with its honest table."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.services import offers
from core import clock
from orders.services import checkout
from storefront.forms.devices import SearchForm, TermForm
from storefront.pages import device as device_page
from storefront.pages import names, standing
from storefront.pages import offers as shelves
from storefront.views import access, answer

A_PAGE = 20


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """Everything published, by type and words; nonsense in the address is no error, only no filter."""
    wanted = SearchForm(request.GET).wanted()
    found = offers.published(device_type=wanted.type, text=wanted.text, max_rent=wanted.max_rent)
    start = (wanted.page - 1) * A_PAGE
    some = list(found[start : start + A_PAGE + 1])
    return answer.page(
        request,
        "devices",
        _("Find a device"),
        tab="devices",
        kinds=standing.kinds(),
        wanted=wanted,
        cards=shelves.cards(some[:A_PAGE], clock.today()),
        more=wanted.address(page=wanted.page + 1) if len(some) > A_PAGE else "",
    )


@require_safe
def device(request: HttpRequest, plan_id: int) -> HttpResponse:
    try:
        plan = offers.get(plan_id)
    except offers.OfferGone as error:
        raise Http404 from error
    term = shelves.usual_term(plan, TermForm(request.GET).months())
    cost = checkout.quote(access.of(request), plan, term.months, clock.today())
    return answer.page(
        request,
        "device",
        names.of(plan.sku.device_model),
        tab="devices",
        back="/devices/",
        shown=device_page.shown(plan, term, cost),
    )
