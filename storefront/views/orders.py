"""One order: where it stands, who acts next, and the steps that need no page of their own."""

from django import forms
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from arrears.services import cases
from core import clock
from core.errors import DomainError
from orders import actions
from orders.models import Order
from orders.services import choices
from storefront.pages import orders as order_page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only

QUICK, PATIENT = 3, 15  # seconds until a page that waits for a machine, for a person, looks again


def own(request: CustomerRequest, number: str) -> Order:
    """The customer's own order, with what its pages show; a stranger's does not exist."""
    rows = Order.objects.select_related(
        "customer__user", "merchant", "plan__sku__device_model__device_type", "lease__deposit", "lease__customer",
        "agreement", "unit", "address", "inspection", "claim", "account_lock", "review_request", "checkout",
        "replaces__order",
    )  # fmt: skip
    others = Order.objects.filter(checkout=OuterRef("checkout")).exclude(pk=OuterRef("pk"))
    count = others.order_by().values("checkout").annotate(count=Count("pk")).values("count")
    rows = rows.annotate(beside=Coalesce(Subquery(count), 0), has_letter=choices.HAS_LETTER, cured_on=cases.CURED_ON)
    return get_object_or_404(rows, customer=request.customer, number=number)


@customer_only
@require_safe
def order(request: CustomerRequest, number: str) -> HttpResponse:
    found = own(request, number)
    shown = order_page.shown(found, clock.now())
    return answer.page(
        request,
        "order",
        _("Order"),
        tab="leases",
        back="/my/leases/",
        refresh=QUICK if shown.waits_for_machine else None,
        shown=shown,
    )


@customer_only
@require_http_methods(["GET", "POST"])
def step(request: CustomerRequest, number: str, step: str) -> HttpResponse:
    """Any step of `orders.actions`: GET says what it will do, POST does it."""
    found, at = own(request, number), clock.now()
    action = actions.find(actions.CUSTOMER, step)
    if action is None:
        raise Http404
    form = action.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _run(request, action, found, form):
        return answer.go("lease" if action.is_way_out else "order", number)
    if request.method == "GET" and not action.open_for(found, at):
        answer.tell(request, _("This step is not open now."), "wait")
        return answer.go("lease" if action.is_way_out and found.lease.start else "order", number)
    return answer.page(
        request,
        "step",
        action.label,
        status=422 if form.errors else 200,
        tab="leases",
        back=f"/orders/{number}/",
        narrow=True,
        shown=order_page.step(found, action, form, at),
        form=form,
    )


def _run(request: CustomerRequest, action: actions.Action, order: Order, form: forms.Form) -> bool:
    try:
        actions.take(action, order, request.user, form, clock.now())
    except DomainError as error:
        form.add_error(actions.field_of(error, form), str(error))
        return False
    return True
