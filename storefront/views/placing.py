"""Checkout: the address, the same table once more, and the order."""

import re
from uuid import uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Address
from accounts.services import addresses, identity
from catalog.models import CoverChoice, LeasePlan
from catalog.rules import shorts
from catalog.rules.shorts import Dates
from catalog.services import offers
from core import clock
from core.errors import DomainError
from credit.services import quota
from orders.models import Checkout, Order
from orders.services import checkout as services
from orders.services import swaps
from orders.services.cost_tables import Wanted
from storefront.forms.devices import DaysForm, TermForm
from storefront.forms.placing import AddressForm, OrderForm
from storefront.pages import days
from storefront.pages import offers as shelves
from storefront.pages import placing as checkout_page
from storefront.pages import swaps as swap_page
from storefront.pages.placing import Chosen, ShownCheckout
from storefront.views import answer, chosen
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own

NUMBER = r"[A-Z0-9]{4,24}"


@customer_only
@require_http_methods(["GET", "POST"])
def checkout(request: CustomerRequest, plan_id: int) -> HttpResponse:
    """Place the order on the figures shown. Changed figures come back with the new table, and nothing is ordered."""
    plan = _plan(plan_id)
    choice = _choice(request, plan)
    if plan.is_short and choice.dates is None:
        return answer.leave(shelves.address(plan.pk, 0))
    replaced = _replaced(request, plan, choice)
    if choice.swap and replaced is None:
        return answer.go("swap", choice.swap)
    form = OrderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        placed = _place(request, plan.pk, choice, form)
        if placed is not None:
            return chosen.forget(answer.go("order", services.order_number(placed)))
    last = addresses.latest(request.customer)
    if last is None:
        return _keep(answer.leave(checkout_page.address_address(plan.pk, choice)), plan, choice)
    return _keep(_page(request, plan, choice, form, last, replaced), plan, choice)


@customer_only
@require_http_methods(["GET", "POST"])
def address(request: CustomerRequest, plan_id: int) -> HttpResponse:
    """A new address; the checkout goes on with it."""
    plan = _plan(plan_id)
    choice = _choice(request, plan)
    return new_address(request, checkout_page.checkout_address(plan_id, choice), _back(plan, choice))


def new_address(request: CustomerRequest, there: str, back: str) -> HttpResponse:
    """Asks for one on the way to an order; `there` is where the way goes on."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            addresses.add(request.customer, **form.cleaned_data, at=clock.now())
            return answer.leave(there)
        except DomainError as error:
            form.refuse(error)
    return answer.page(
        request,
        "address",
        _("Where it goes"),
        status=422 if form.errors else 200,
        tab="devices",
        back=back,
        narrow=True,
        form=form,
    )


def _place(request: CustomerRequest, plan_id: int, choice: Chosen, form: OrderForm) -> Checkout | None:
    good = form.cleaned_data
    address = get_object_or_404(Address.objects.only("customer"), customer=request.customer, pk=good["address"])
    try:
        return services.place_together(
            request.customer,
            [Wanted(plan_id, choice.months, choice.cover, choice.dates)],
            address,
            good["digest"],
            str(good["request_key"]),
            clock.now(),
            good["deposit"],
            services.Swap(choice.swap, good["swap_shown"]) if choice.swap else None,
        )
    except DomainError as error:
        form.refuse(error)
        return None


def _page(
    request: CustomerRequest, plan: LeasePlan, choice: Chosen, form: OrderForm, last: Address, replaced: Order | None
) -> HttpResponse:
    opener = {"by": f"customer:{request.customer.pk}", "purpose": "own checkout", "at": clock.now()}
    return answer.page(
        request,
        "checkout",
        _("Check and order"),
        status=422 if form.errors else 200,
        tab="devices",
        back=_back(plan, choice),
        form=form,
        request_key=uuid4(),
        address=last,
        consignee=last.consignee.open(**opener),
        street=last.street.open(**opener),
        address_href=checkout_page.address_address(plan.pk, choice),
        verified=identity.verified(request.customer),
        shown=_shown(request, plan, choice, replaced),
        replaced=replaced,
        swap=swap_page.figures(replaced, choice.months, clock.today()) if replaced else None,
    )


def _shown(request: CustomerRequest, plan: LeasePlan, choice: Chosen, replaced: Order | None) -> ShownCheckout:
    cost = services.quote(request.customer, plan, choice.months, clock.today(), choice.cover, choice.dates, replaced)
    term = offers.term(plan, choice.months, choice.dates)
    left = quota.standing(request.customer, choice.swap)[0]
    return checkout_page.shown(plan, term, cost, left, choice.swap)


def _keep(response: HttpResponse, plan: LeasePlan, choice: Chosen) -> HttpResponse:
    """A swap begins on the lease's own page, and is not led back to."""
    return response if choice.swap else chosen.keep(response, plan.pk, choice)


def _replaced(request: CustomerRequest, plan: LeasePlan, choice: Chosen) -> Order | None:
    """The customer's own lease that this order is to end, if it may be; its page says why not."""
    if not choice.swap:
        return None
    order = own(request, choice.swap)
    try:
        swaps.require(order, clock.today())
        swaps.require_other(order, plan)
    except DomainError:
        return None
    return order


def _plan(plan_id: int) -> LeasePlan:
    try:
        return offers.get(plan_id)
    except offers.OfferGone as error:
        raise Http404 from error


def _choice(request: CustomerRequest, plan: LeasePlan) -> Chosen:
    """What the address asks for, as far as the plan offers it."""
    if plan.is_short:
        return Chosen(0, dates=_dates(request, plan))
    asked = TermForm(request.GET)
    is_open = plan.cover_choice == CoverChoice.OPTIONAL
    swap = request.GET.get("swap", "") if re.fullmatch(NUMBER, request.GET.get("swap", "")) else ""
    return Chosen(offers.usual_term(plan, asked.months()).months, is_open and asked.cover(), swap=swap)


def _dates(request: CustomerRequest, plan: LeasePlan) -> Dates | None:
    """The picked days, if the plan allows them; whether they are still free is told when the order is placed."""
    form = DaysForm(request.GET)
    first, last = form.asked("first"), form.asked("last")
    if first is None or last is None or last < first:
        return None
    dates = Dates(first, last)
    return None if shorts.wrong(dates, plan.limits, clock.today()) else dates


def _back(plan: LeasePlan, choice: Chosen) -> str:
    if choice.swap:
        return reverse("storefront:swap", args=[choice.swap])
    return days.address(plan.pk, choice.dates) if choice.dates else shelves.address(plan.pk, choice.months)
