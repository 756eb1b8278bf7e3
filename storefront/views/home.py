"""The first page: the promise, one's own quota and next bill, what there is to rent."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.services import offers
from core import clock
from storefront.pages import offers as shelves
from storefront.pages import standing
from storefront.views import access, answer

SHOWN = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    on = clock.today()
    customer = access.of(request)
    return answer.page(
        request,
        "home",
        _("Rent devices on credit"),
        types=standing.kinds(),
        offers=shelves.cards(offers.published()[:SHOWN], on),
        quota=standing.quota_of(customer) if customer else None,
        next_bill=standing.next_bill(customer, on) if customer else None,
    )
