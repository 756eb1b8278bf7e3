"""The customer's page of a visit: papers ahead, a time to choose, another one, a no; then stars, and a complaint."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arrears.services import home_visits
from core import clock
from core.errors import DomainError
from orders.services import answers
from storefront.forms.base import DoorForm
from storefront.forms.evidence import ComplaintForm, DeclineForm, RatingForm, WishForm
from storefront.pages import visits as visit_page
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only
from storefront.views.orders import own
from visits.models import Visit
from visits.services import opinions, visits

FORMS: dict[str, type[DoorForm]] = {
    "move": WishForm, "decline": DeclineForm, "rate": RatingForm, "complain": ComplaintForm,
}  # fmt: skip


@customer_only
@require_safe
def visit(request: CustomerRequest, number: str) -> HttpResponse:
    return _page(request, number, _visit(request, number))


@customer_only
@require_POST
def choose(request: CustomerRequest, number: str, time_id: int) -> HttpResponse:
    """Take one of the proposed times."""
    found = _visit(request, number)
    try:
        visits.choose(found.pk, time_id, f"customer:{request.customer.pk}", clock.now())
    except DomainError as error:
        answer.tell_refusal(request, error)
    return answer.go("order_visit", number)


@customer_only
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: CustomerRequest, number: str, verb: str) -> HttpResponse:
    """Another time, a no, stars, a complaint: each with its form."""
    found, kind = _visit(request, number), FORMS.get(verb)
    if kind is None:
        raise Http404
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _run(request, found, verb, form.cleaned_data)
            return answer.go("order_visit", number)
        except DomainError as error:
            form.refuse(error)
    return answer.page(
        request, "visit_step", visit_page.VERBS[verb], status=422 if form.errors else 200, tab="leases",
        back=f"/orders/{number}/visit/", narrow=True, visit=found, form=form, verb=verb,
        hint=visit_page.hint(found, verb),
    )  # fmt: skip


def _run(request: CustomerRequest, found: Visit, verb: str, good: dict[str, Any]) -> None:
    actor, at = f"customer:{request.customer.pk}", clock.now()
    order = own(request, found.order_number)
    acts: dict[str, Callable[[], object]] = {
        "move": lambda: visits.move(found.pk, good["wish"], actor, at),
        "decline": lambda: _decline(found, order.pk, good["reason"], actor, at),
        "rate": lambda: opinions.rate(found.pk, good["stars"], good["note"], at),
        "complain": lambda: opinions.complain(found.pk, good["text"], at),
    }
    acts[verb]()
    answer.tell(request, visit_page.DONE[verb])


def _decline(found: Visit, order_id: int, reason: str, actor: str, at: datetime) -> Visit:
    if found.purpose == Visit.Purpose.COLLECTION:
        return home_visits.decline(found.pk, reason, actor, at)
    return answers.decline_visit(order_id, reason, at)


def _page(request: CustomerRequest, number: str, found: Visit) -> HttpResponse:
    return answer.page(
        request, "visit", _("Field visit"), tab="leases", back=f"/orders/{number}/", narrow=True,
        shown=visit_page.shown(found, clock.now()),
    )  # fmt: skip


def _visit(request: CustomerRequest, number: str) -> Visit:
    found = visits.latest(own(request, number).number)
    if found is None:
        raise Http404
    return found
