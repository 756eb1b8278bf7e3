"""The agreement: read it, confirm the key terms, sign with a code."""

import hashlib

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts.models import Agreement
from contracts.services import documents
from core import clock
from core.errors import DomainError
from orders.models import Order
from orders.services import signing
from storefront.pages import papers
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK, own

MOST_BROWSER_NAME = 200


@customer_only
@require_safe
def agreement(request: CustomerRequest, number: str) -> HttpResponse:
    """The whole text, from the same source as the PDF."""
    order = own(request, number)
    if order.agreement is None:
        return _nothing_yet(request, number)
    waits = order.agreement.state in (Agreement.State.DRAFTED, Agreement.State.SIGNING)
    return answer.page(
        request,
        "agreement",
        _("Rental agreement"),
        tab="leases",
        back=f"/orders/{number}/",
        narrow=True,
        refresh=QUICK if waits else None,
        shown=papers.shown(order, order.agreement, get_language() or "zh-hans", clock.now()),
    )


@customer_only
@require_safe
def pdf(request: CustomerRequest, number: str) -> HttpResponse:
    """The signed paper, or the one to be signed, checked against its hash."""
    order = own(request, number)
    document = papers.document(order.agreement) if order.agreement else None
    if document is None:
        raise Http404
    answered = HttpResponse(documents.read(document), content_type="application/pdf")
    answered["Content-Disposition"] = f'inline; filename="{order.number}.pdf"'
    return answered


@customer_only
@require_POST
def code(request: CustomerRequest, number: str) -> HttpResponse:
    """Send the code for this document; what was ticked stays ticked."""
    order = own(request, number)
    try:
        signing.request_code(order, clock.now())
    except DomainError as error:
        return _page(request, order, frozenset(request.POST.getlist("confirmed")), wrong=str(error))
    return _page(request, order, frozenset(request.POST.getlist("confirmed")), code_sent=True)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: CustomerRequest, number: str) -> HttpResponse:
    """Confirm every key term and enter the code for this document."""
    order = own(request, number)
    if request.method != "POST":
        return _page(request, order, frozenset())
    confirmed = frozenset(request.POST.getlist("confirmed"))
    try:
        signing.intend(order.pk, confirmed, request.POST.get("code", ""), evidence_of(request), clock.now())
    except DomainError as error:
        return _page(request, order, confirmed, code_sent=True, wrong=str(error))
    return answer.go("agreement", number)


def _page(
    request: CustomerRequest, order: Order, confirmed: frozenset[str], *, code_sent: bool = False, wrong: str = ""
) -> HttpResponse:
    if order.agreement is None:
        return _nothing_yet(request, order.number)
    if not papers.may_sign(order, order.agreement):
        return answer.go("agreement", order.number)
    return answer.page(
        request,
        "sign",
        _("Sign"),
        status=422 if wrong else 200,
        tab="leases",
        back=f"/orders/{order.number}/agreement/",
        narrow=True,
        shown=papers.signing(order, order.agreement, get_language() or "zh-hans", clock.now()),
        confirmed=confirmed,
        code_sent=code_sent,
        wrong=wrong,
    )


def _nothing_yet(request: CustomerRequest, number: str) -> HttpResponse:
    answer.tell(request, _("There is no agreement to read yet."), "wait")
    return answer.go("order", number)


def evidence_of(request: CustomerRequest) -> dict[str, str]:
    """For the evidence: where the code was entered, as the web server saw it."""
    browser = request.headers.get("User-Agent", "")[:MOST_BROWSER_NAME]
    return {
        "address": request.META.get("REMOTE_ADDR", ""),
        "browser": browser,
        "session_sha256": hashlib.sha256((request.session.session_key or "").encode()).hexdigest(),
    }
