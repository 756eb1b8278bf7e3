"""My credit: the score and what it gives, and the authorisation that it comes from."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import DomainError
from credit.models import CreditReport
from credit.services import reports
from storefront.pages import credit as credit_page
from storefront.pages import quota as quota_page
from storefront.views import answer, chosen
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK


@customer_only
@require_safe
def credit(request: CustomerRequest) -> HttpResponse:
    shown = credit_page.shown(request.customer, clock.today())
    waits = shown.report is not None and shown.report.state == CreditReport.State.REQUESTED
    return answer.page(
        request,
        "credit",
        _("My credit"),
        tab="credit",
        back="/my/",
        narrow=True,
        refresh=QUICK if waits else None,
        waits=waits,
        way_back=chosen.way_back(request),
        shown=shown,
    )


@customer_only
@require_safe
def quota(request: CustomerRequest) -> HttpResponse:
    """Every step of the quota with its reason."""
    shown = quota_page.shown(request.customer)
    return answer.page(request, "quota", _("Quota history"), tab="credit", back="/my/credit/", narrow=True, shown=shown)


@customer_only
@require_POST
def authorise(request: CustomerRequest) -> HttpResponse:
    """To the source's consent page."""
    try:
        return answer.leave(reports.authorise_url(request.customer))
    except reports.IdentityFirst:
        answer.tell(request, _("Please prove your identity first."), "wait")
        return answer.go("identity")
    except DomainError as error:
        answer.tell_refusal(request, error)
        return answer.go("credit")


@customer_only
@require_safe
def callback(request: CustomerRequest) -> HttpResponse:
    """Back from the source, with or without a yes."""
    given = request.GET.get("auth_code", "")
    if not given:
        answer.tell(request, _("You did not authorise the score. Renting with the full deposit stays open."), "wait")
        return answer.go("credit")
    try:
        reports.check_state(request.customer, request.GET.get("state", ""))
        reports.authorised(request.customer, given, clock.now())
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("credit")
