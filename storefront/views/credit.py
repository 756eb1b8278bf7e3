"""My credit: the score and what it gives, and the authorisation that it comes from."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import DomainError
from credit.models import CreditReport
from credit.services import incomes, reports
from storefront.forms.credit import IncomeForm
from storefront.pages import credit as credit_page
from storefront.pages import quota as quota_page
from storefront.views import answer, chosen
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK


@customer_only
@require_safe
def credit(request: CustomerRequest) -> HttpResponse:
    return _page(request, IncomeForm())


@customer_only
@require_POST
def own(request: CustomerRequest) -> HttpResponse:
    """Have the own scorecard worked out."""
    try:
        reports.ask_own(request.customer, clock.now())
    except reports.IdentityFirst:
        answer.tell(request, _("Please prove your identity first."), "wait")
        return answer.go("identity")
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("credit")


@customer_only
@require_POST
def income(request: CustomerRequest) -> HttpResponse:
    """Declare an income, or take the declaration back."""
    if request.POST.get("withdraw"):
        incomes.withdraw(request.customer, clock.now())
        answer.tell(request, _("Your declaration is taken back. The next decision knows no income."), "ok")
        return answer.go("credit")
    form = IncomeForm(request.POST)
    if form.is_valid():
        try:
            incomes.declare(request.customer, form.cleaned_data["amount"], clock.now())
            answer.tell(request, _("Noted. It counts from the next decision on."), "ok")
            return answer.go("credit")
        except DomainError as error:
            form.refuse(error)
    return _page(request, form)


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


def _page(request: CustomerRequest, form: IncomeForm) -> HttpResponse:
    shown = credit_page.shown(request.customer, clock.today())
    waits = shown.report is not None and shown.report.state == CreditReport.State.REQUESTED
    return answer.page(
        request,
        "credit",
        _("My credit"),
        status=422 if form.errors else 200,
        tab="credit",
        back="/my/",
        narrow=True,
        refresh=QUICK if waits else None,
        waits=waits,
        way_back=chosen.way_back(request),
        shown=shown,
        form=form,
    )
