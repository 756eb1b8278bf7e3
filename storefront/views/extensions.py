"""An extension plan that was offered: read its addendum, sign it with a code, or refuse it. Own leases only."""

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import DomainError
from orders.models import Order
from orders.services import extensions
from storefront.pages import extensions as extension_page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK, own
from storefront.views.papers import evidence_of


@customer_only
@require_safe
def extension(request: CustomerRequest, number: str) -> HttpResponse:
    """The plan that waits, or what became of the last one."""
    order = own(request, number)
    return answer.go("order", number) if order.lease.start is None else _page(request, order)


@customer_only
@require_POST
def code(request: CustomerRequest, number: str) -> HttpResponse:
    """Send the code for this addendum; what was ticked stays ticked."""
    order, ticked = own(request, number), frozenset(request.POST.getlist("confirmed"))
    try:
        extensions.request_code(order, clock.now())
    except DomainError as error:
        return _page(request, order, ticked, wrong=str(error))
    return _page(request, order, ticked, code_sent=True)


@customer_only
@require_POST
def sign(request: CustomerRequest, number: str) -> HttpResponse:
    """Every point ticked and the code for this addendum."""
    order, ticked = own(request, number), frozenset(request.POST.getlist("confirmed"))
    try:
        extensions.intend(order.pk, ticked, request.POST.get("code", ""), evidence_of(request), clock.now())
    except DomainError as error:
        return _page(request, order, ticked, code_sent=True, wrong=str(error))
    return answer.go("extension", number)


def _page(
    request: CustomerRequest,
    order: Order,
    confirmed: frozenset[str] = frozenset(),
    *,
    code_sent: bool = False,
    wrong: str = "",
) -> HttpResponse:
    shown = extension_page.shown(order, get_language() or "zh-hans", clock.now())
    return answer.page(
        request, "extension", _("Extension plan"), status=422 if wrong else 200, tab="leases",
        back=f"/leases/{order.number}/", narrow=True, refresh=QUICK if shown.waits_for_machine else None, shown=shown,
        confirmed=confirmed, code_sent=code_sent, wrong=wrong,
    )  # fmt: skip
