"""Where an order goes, until it is shipped, the customer's pictures of the device, the label that brings it back."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Address
from accounts.services import addresses
from core import clock
from core.errors import DomainError
from core.pictures import private_jpeg
from orders import actions
from orders.photo_forms import PhotoForm
from orders.services import photos, readdressing
from storefront.pages import labels
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: CustomerRequest, number: str) -> HttpResponse:
    """Choose another of one's own addresses."""
    order = own(request, number)
    if request.method == "POST":
        try:
            readdressing.change(order.pk, _picked(request), f"customer:{request.customer.pk}", clock.now())
            answer.tell(request, _("The parcel goes to the address that you chose."))
        except DomainError as error:
            answer.tell_refusal(request, error)
        except Address.DoesNotExist:
            answer.tell(request, _("Please choose one of your addresses."), "wait")
        return answer.go("order", number)
    return answer.page(
        request, "order_address", _("Another address"), tab="leases", back=f"/orders/{number}/", narrow=True,
        order=order, rows=list(addresses.listed(request.customer)), may_change=readdressing.may(order),
    )  # fmt: skip


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def pictures(request: CustomerRequest, number: str) -> HttpResponse:
    """What was photographed before, and a new picture while its moment lasts."""
    order = own(request, number)
    moment = photos.open_moment(order, photos.OF_CUSTOMER)
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if request.method == "POST" and moment and form.is_valid():
        try:
            photos.add(order.pk, moment, form.cleaned_data["angle"], form.cleaned_data["picture"],
                       f"customer:{request.customer.pk}", clock.now())  # fmt: skip
            answer.tell(request, _("The picture is kept with the order."))
            return answer.go("order_photos", number)
        except DomainError as error:
            form.add_error("picture", str(error))
    return answer.page(
        request, "order_photos", _("Photos of the device"), status=422 if form.errors else 200, tab="leases",
        back=f"/orders/{number}/", narrow=True, order=order, form=form, moment=moment,
        taken=photos.moments(order),
    )  # fmt: skip


@customer_only
@require_safe
def picture(request: CustomerRequest, number: str, photo_id: int) -> HttpResponse:
    found = get_object_or_404(photos.of(own(request, number)), pk=photo_id)
    try:
        content = photos.content(found, f"customer:{request.customer.pk}", clock.now())
    except DomainError as error:  # it was erased with its person
        raise Http404 from error
    return private_jpeg(content, f"{number}-{found.pk}")


@customer_only
@require_safe
def label(request: CustomerRequest, number: str) -> HttpResponse:
    """To print for a parcel to the merchant, from the opening of a return or repair until it is handed over."""
    order, at = own(request, number), clock.now()
    if not any(one.name == "label" for one in actions.for_customer(order, at)):
        answer.tell(request, _("This step is not open now."), "wait")
        return answer.go("order", number)
    return render(request, "storefront/label.html", {"title": _("Label for the parcel"), "label": labels.of(order)})


def _picked(request: CustomerRequest) -> int:
    text = request.POST.get("address", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
