"""A merchant claims damage of a returned device, and reads what became of his claim. Own orders only."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.pictures import private_jpeg
from orders.models import ClaimPhoto, DamageClaim, Order, State
from orders.services import claim_photos, claims, defects
from portal.claims import ClaimForm
from portal.views.access import MemberRequest, members_only
from portal.views.answer import order_address, page, tell
from portal.views.orders import own


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def claim(request: MemberRequest, number: str) -> HttpResponse:
    """The claim as it stands, or the form for it while the device is inspected."""
    order = own(request, number)
    made = DamageClaim.objects.filter(order=order).first()
    if made is not None:
        return _read(request, order, made)
    if order.state != State.INSPECTING or not defects.was_accepted(order):  # never accepted: nothing to claim
        raise Http404
    sent = request.method == "POST"
    form = ClaimForm(claims.listed(order), request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        try:
            claims.propose(order.pk, request.user, form.findings(), form.found(), request.at)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Claimed. The customer has 72 hours to answer."))
            return HttpResponseRedirect(order_address(order), status=303)
    return page(
        request, "claim", _("Damage found"), section="orders", status=422 if form.errors else 200, order=order,
        form=form, worth=claims.worth(order, request.at), back=order_address(order),
    )  # fmt: skip


@require_safe
@members_only
def photo(request: MemberRequest, number: str, photo_id: int) -> HttpResponse:
    """A picture of a claim of his own."""
    order = own(request, number)
    found = get_object_or_404(ClaimPhoto.objects.defer("sealed"), pk=photo_id, claim__order=order)
    try:
        content = claim_photos.content(found.pk, f"merchant:{request.user.pk}", request.at)
    except DomainError as error:
        raise Http404 from error
    return private_jpeg(content, f"{number}-{found.pk}")


def _read(request: MemberRequest, order: Order, made: DamageClaim) -> HttpResponse:
    return page(
        request, "claim_read", _("Damage claim"), section="orders", order=order, claim=made,
        lines=claims.compared(made), photos=ClaimPhoto.objects.defer("sealed").filter(claim=made, line=None),
        back=order_address(order),
    )  # fmt: skip
