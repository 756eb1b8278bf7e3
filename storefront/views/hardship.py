"""A hard month: the customer asks in writing, nobody calls him until a person has answered; and letters to him. Own
leases only."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from arrears.models import DemandLetter, HardshipRequest
from arrears.services import hardship as services
from arrears.services import letters
from core import clock
from core.errors import DomainError
from orders.models import Order
from storefront.forms.hardship import HardshipForm
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def hardship(request: CustomerRequest, number: str) -> HttpResponse:
    """GET: the form, or what became of the last request. POST: ask, or take back what waits (`withdraw`)."""
    order = own(request, number)
    latest = services.latest(order.lease_id)
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdraw(request, order, latest)
    form = HardshipForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            services.ask(
                order.lease_id, told["text"], told["monthly"], _actor(request), clock.now(),
                has_changed=told["news"],
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            answer.tell(request, _("We have it. Nobody calls you about this lease until you have an answer."))
            return answer.go("hardship", number)
    return answer.page(
        request, "hardship", _("A difficult month"), status=422 if form.errors else 200, tab="leases", narrow=True,
        back=f"/leases/{number}/", order=order, form=form, latest=latest, **_standing(order, latest),
    )  # fmt: skip


def _standing(order: Order, latest: HardshipRequest | None) -> dict[str, object]:
    """What waits until when; else whether he may ask: at once, only if something changed (`lately`), or not
    (`refused`)."""
    if latest is not None and latest.state == HardshipRequest.State.OPEN:
        return {"waits": True, "decide_by": services.decide_by(latest)}
    on = clock.today()
    lately, refused = (services.why_not(order.lease_id, on, has_changed=changed) for changed in (False, True))
    return {"lately": lately, "refused": refused, "paused": latest is not None and latest.pause_until}


@customer_only
@require_safe
def letter(request: CustomerRequest, number: str, letter: str) -> HttpResponse:
    """A demand letter about an own lease, as it was issued."""
    order = own(request, number)
    found = get_object_or_404(DemandLetter, number=letter, case__lease=order.lease_id)
    answered = HttpResponse(letters.content(found), content_type="application/pdf")
    answered["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    answered["Cache-Control"] = "no-store"
    return answered


def _withdraw(request: CustomerRequest, order: Order, latest: HardshipRequest | None) -> HttpResponse:
    try:
        if latest is None:
            raise services.HardshipOver
        services.withdraw(latest.pk, _actor(request), clock.now())
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("hardship", order.number)


def _actor(request: CustomerRequest) -> str:
    return f"customer:{request.customer.pk}"
