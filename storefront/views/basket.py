"""Some devices in one checkout: the list, every amount of all of them, and one order for each."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Address, Customer
from accounts.services import addresses, identity
from core import clock
from core.errors import DomainError
from credit.services import quota
from orders.models import Checkout
from orders.services import checkout as services
from orders.services.cost_tables import Line
from storefront.forms.placing import OrderForm
from storefront.pages import basket as page
from storefront.pages import placed as placed_page
from storefront.pages import placing
from storefront.pages.placing import Picked
from storefront.views import access, answer, chosen
from storefront.views import placing as one
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import QUICK

Found = list[tuple[Picked, Line]]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def basket(request: HttpRequest) -> HttpResponse:
    """What is listed stands in the address; the cookie keeps what was looked at last. POST orders all of it."""
    if request.method == "POST":
        return _order(request)
    if "add" in request.GET:
        return _add(request)
    if "line" not in request.GET:
        return answer.leave(page.address(chosen.listed(request)))
    return _page(request, placing.read(request.GET.getlist("line")), None)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: CustomerRequest) -> HttpResponse:
    """A new address; the list goes on with it."""
    there = page.address(placing.read(request.GET.getlist("line")))
    return one.new_address(request, there, there)


@customer_only
@require_safe
def placed(request: CustomerRequest, number: str) -> HttpResponse:
    """The orders of one checkout, each with its next step."""
    found = get_object_or_404(Checkout, customer=request.customer, number=number)
    shown = placed_page.shown(found, clock.now())
    refresh = QUICK if shown.waits_for_machine else None
    return answer.page(
        request, "placed", _("Ordered together"), tab="leases", back="/my/leases/", narrow=True, refresh=refresh,
        shown=shown,
    )  # fmt: skip


def _add(request: HttpRequest) -> HttpResponse:
    listed, new = chosen.listed(request), placing.read([request.GET["add"]])
    if new and len(listed) >= page.MOST_LINES:
        answer.tell(request, _("At most %(most)s devices can be ordered together.") % {"most": page.MOST_LINES}, "wait")
        new = []
    return answer.leave(page.address([*listed, *new]))


@customer_only
def _order(request: CustomerRequest) -> HttpResponse:
    form, asked = OrderForm(request.POST), placing.read(request.GET.getlist("line"))
    found = page.lines(asked, clock.today())
    if found and form.is_valid():
        placed = _place(request, found, form)
        if placed is not None:
            return chosen.keep_list(answer.go("placed", placed.number), [])
    return _page(request, asked, form)


def _place(request: CustomerRequest, found: Found, form: OrderForm) -> Checkout | None:
    good = form.cleaned_data
    address = get_object_or_404(Address.objects.only("customer"), customer=request.customer, pk=good["address"])
    try:
        return services.place_together(
            request.customer,
            [wanted for _picked, (_plan, wanted) in found],
            address,
            good["digest"],
            str(good["request_key"]),
            clock.now(),
            good["deposit"],
        )
    except DomainError as error:
        form.refuse(error)
        return None


def _page(request: HttpRequest, asked: list[Picked], form: OrderForm | None) -> HttpResponse:
    customer, on = access.of(request), clock.today()
    found = page.lines(asked, on)
    shown = None
    if found:
        together = services.quote_together(customer, [line for _picked, line in found], on)
        shown = page.shown(found, together, quota.available(customer) if customer else together.waived)
    response = answer.page(
        request,
        "basket",
        _("Order together"),
        status=422 if form and form.errors else 200,
        tab="devices",
        back="/devices/",
        form=form or OrderForm(),
        request_key=uuid4(),
        shown=shown,
        gone=len(asked) - len(found),
        listed=len(found),
        knows_customer=customer is not None,
        **(_receiver(customer) if customer and shown else {}),
    )
    return chosen.keep_list(response, [picked for picked, _line in found])


def _receiver(customer: Customer) -> dict[str, object]:
    """Where it goes, and whether he may order at all."""
    verified, last = identity.verified(customer), addresses.latest(customer)
    if last is None:
        return {"verified": verified, "address": None}
    opener = {"by": f"customer:{customer.pk}", "purpose": "own checkout", "at": clock.now()}
    return {
        "verified": verified,
        "address": last,
        "consignee": last.consignee.open(**opener),
        "street": last.street.open(**opener),
    }
