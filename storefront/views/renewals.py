"""Renting on: pick a further term, read its addendum, sign it with a code; and the papers of a lease."""

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import DomainError
from orders.models import Order
from orders.services import papers, renewals
from storefront.forms.renewals import RenewForm
from storefront.pages import renewals as renewal_page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK, own
from storefront.views.papers import evidence_of


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def renewal(request: CustomerRequest, number: str) -> HttpResponse:
    """The further terms with their whole price, or the renewal that is under way; POST picks a term."""
    order = own(request, number)
    if order.lease.start is None:
        return answer.go("order", number)
    if request.method != "POST":
        return _page(request, order)
    form = RenewForm(request.POST)
    if not form.is_valid():
        return _page(request, order, wrong=_("Please pick one of the terms."))
    months, shown = form.picked()
    try:
        renewals.open(order.pk, months, f"customer:{order.customer_id}", clock.now(), shown)
    except DomainError as error:
        return _page(request, order, wrong=str(error))
    return answer.go("renewal", number)


@customer_only
@require_POST
def code(request: CustomerRequest, number: str) -> HttpResponse:
    """Send the code for this addendum; what was ticked stays ticked."""
    order, ticked = own(request, number), frozenset(request.POST.getlist("confirmed"))
    try:
        renewals.request_code(order, clock.now())
    except DomainError as error:
        return _page(request, order, ticked, wrong=str(error))
    return _page(request, order, ticked, code_sent=True)


@customer_only
@require_POST
def sign(request: CustomerRequest, number: str) -> HttpResponse:
    """Every point ticked and the code for this addendum."""
    order, ticked = own(request, number), frozenset(request.POST.getlist("confirmed"))
    try:
        renewals.intend(order.pk, ticked, request.POST.get("code", ""), evidence_of(request), clock.now())
    except DomainError as error:
        return _page(request, order, ticked, code_sent=True, wrong=str(error))
    return answer.go("renewal", number)


@customer_only
@require_safe
def paper(request: CustomerRequest, number: str, paper: str) -> HttpResponse:
    """A signed paper of the lease; who read it is recorded. Anybody else's does not exist."""
    order = own(request, number)
    found = papers.following(order).filter(number=paper).first()
    if found is None:
        raise Http404
    answered = HttpResponse(
        papers.signed(found, f"customer:{order.customer_id}", clock.now()), content_type="application/pdf"
    )
    answered["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    answered["Cache-Control"] = "no-store"
    return answered


def _page(
    request: CustomerRequest,
    order: Order,
    confirmed: frozenset[str] = frozenset(),
    *,
    code_sent: bool = False,
    wrong: str = "",
) -> HttpResponse:
    shown = renewal_page.shown(order, get_language() or "zh-hans", clock.now())
    return answer.page(
        request,
        "renewal",
        _("Rent on"),
        status=422 if wrong else 200,
        tab="leases",
        back=f"/leases/{order.number}/",
        narrow=True,
        refresh=QUICK if shown.waits_for_machine else None,
        shown=shown,
        confirmed=confirmed,
        code_sent=code_sent,
        wrong=wrong,
    )
