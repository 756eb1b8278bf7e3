"""Pictures of the device as it is packed and as it is inspected; the customer's are here to look at."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.pictures import private_jpeg
from orders.photo_forms import PhotoForm
from orders.services import photos
from portal.views.access import MemberRequest, members_only
from portal.views.answer import page, tell
from portal.views.orders import own


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def pictures(request: MemberRequest, number: str) -> HttpResponse:
    """What was photographed, and a new picture while its moment lasts."""
    order = own(request, number)
    moment = photos.open_moment(order, photos.OF_MERCHANT)
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if request.method == "POST" and moment and form.is_valid():
        try:
            photos.add(order.pk, moment, form.cleaned_data["angle"], form.cleaned_data["picture"],
                       f"merchant:{request.user.pk}", request.at)  # fmt: skip
        except DomainError as error:
            form.add_error("picture", str(error))
        else:
            tell(request, _("The picture is kept with the order."))
            return HttpResponseRedirect(reverse("portal:photos", args=[number]), status=303)
    return page(
        request, "photos", _("Photos of the device"), section="orders", status=422 if form.errors else 200,
        order=order, form=form, moment=moment, taken=photos.moments(order),
    )  # fmt: skip


@require_safe
@members_only
def picture(request: MemberRequest, number: str, photo_id: int) -> HttpResponse:
    """Shown in place, under our name, kept by no cache, read as nothing else."""
    found = get_object_or_404(photos.of(own(request, number)), pk=photo_id)
    try:
        content = photos.content(found, f"merchant:{request.user.pk}", request.at)
    except DomainError as error:  # it was erased with its person
        raise Http404 from error
    return private_jpeg(content, f"{number}-{found.pk}")
