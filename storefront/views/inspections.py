"""The customer reads the inspection and answers it: a lock to remove, a claim to accept or to dispute. Own orders."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import DomainError
from core.pictures import private_jpeg
from orders.actions import moments
from orders.models import ClaimPhoto
from orders.services import claim_photos, claims, inspections
from storefront.forms.inspections import DisputeForm
from storefront.pages import inspections as pages
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def inspection(request: CustomerRequest, number: str) -> HttpResponse:
    """GET shows it; POST disputes the claim."""
    order, at = own(request, number), clock.now()
    if not moments.is_inspected(order, at):
        raise Http404
    form = DisputeForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            claims.dispute(order.pk, _actor(request), form.cleaned_data["grounds"], form.pictures, at)
        except DomainError as error:
            form.refuse(error)
        else:
            answer.tell(request, _("We have your objection and decide within five working days."))
            return answer.go("order_inspection", number)
    return answer.page(
        request, "inspection", _("Inspection"), status=422 if form.errors else 200, tab="leases",
        back=f"/orders/{number}/", shown=pages.shown(order, at), form=form,
    )  # fmt: skip


@customer_only
@require_POST
def accept(request: CustomerRequest, number: str) -> HttpResponse:
    """The customer's yes."""
    order = own(request, number)
    try:
        claims.accept(order.pk, _actor(request), clock.now())
        answer.tell(request, _("Accepted. What is kept and what comes back stands below."))
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("order_inspection", number)


@customer_only
@require_POST
def unlocked(request: CustomerRequest, number: str) -> HttpResponse:
    """The account lock is off."""
    order = own(request, number)
    try:
        inspections.lift_lock(order.pk, _actor(request), clock.now())
        answer.tell(request, _("Thank you. The merchant looks at the device now."))
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("order_inspection", number)


@customer_only
@require_safe
def photo(request: CustomerRequest, number: str, photo_id: int) -> HttpResponse:
    """A picture of his own claim; no cache keeps it."""
    order = own(request, number)
    found = get_object_or_404(ClaimPhoto.objects.defer("sealed"), pk=photo_id, claim__order=order)
    try:
        content = claim_photos.content(found.pk, _actor(request), clock.now())
    except DomainError as error:
        raise Http404 from error
    return private_jpeg(content, f"{number}-{found.pk}")


def _actor(request: CustomerRequest) -> str:
    return f"customer:{request.customer.pk}"
