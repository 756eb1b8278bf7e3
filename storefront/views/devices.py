"""Looking for a device, and one device with its honest table."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Customer
from catalog.models import LeasePlan
from catalog.services import offers
from core import calendar, clock
from orders.services import checkout
from storefront.forms.devices import DaysForm, SearchForm, TermForm
from storefront.pages import days as days_page
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
    if plan.is_short:
        return _by_days(request, plan, customer, at)
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


def _by_days(request: HttpRequest, plan: LeasePlan, customer: Customer | None, at: datetime) -> HttpResponse:
    """Never kept: which days are free changes with every order."""
    form, on = DaysForm(request.GET), calendar.business_date(at)
    picked, units = days_page.pick(plan, form.asked("first"), form.asked("last"), on)
    cost = checkout.quote(customer, plan, 0, on, dates=picked.dates) if picked.dates else None
    shown = days_page.shown(plan, picked, units, form.asked("month"), cost, at)
    name, known = names.of(plan.sku.device_model), customer is not None
    response = answer.page(
        request, "device_days", name, tab="devices", back="/devices/", shown=shown, knows_customer=known
    )
    response.headers["Cache-Control"] = "no-store"
    return response
