"""The guarantor's own page: no account, a signed link that expires, a code to his own phone."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Contact
from accounts.services import contacts, identity
from core import clock
from core.errors import DomainError
from orders.models import Order
from storefront.forms.evidence import GuarantorForm
from storefront.views import answer

TICKET = "guarantee_ticket"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked of him, and his yes with the code."""
    found = _by_link(token)
    if found is None:
        return answer.page(request, "guarantee_gone", _("This link is not valid any more"), status=404, narrow=True)
    ticket = request.session.get(f"{TICKET}:{found.pk}", "")
    form = GuarantorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and ticket:
        try:
            contacts.consent(found, form.cleaned_data["code"], UUID(ticket), clock.now())
            return answer.go("guarantee", token)
        except DomainError as error:
            form.refuse(error)
    return _page(request, found, token, form, asked=bool(ticket))


@never_cache
@require_POST
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Send the code that he asks for."""
    found = _or_404(token)
    try:
        ticket = contacts.request_code(found, get_language() or "zh-hans", clock.now())
        request.session[f"{TICKET}:{found.pk}"] = str(ticket)
    except DomainError as error:
        answer.tell(request, str(error), "late")
    return answer.go("guarantee", token)


@never_cache
@require_POST
def decline(request: HttpRequest, token: str) -> HttpResponse:
    """His no; it has no consequence for him."""
    found = _or_404(token)
    try:
        contacts.decline(found, clock.now())
    except DomainError as error:
        answer.tell(request, str(error), "late")
    return answer.go("guarantee", token)


def _page(request: HttpRequest, found: Contact, token: str, form: GuarantorForm, *, asked: bool) -> HttpResponse:
    order = Order.objects.select_related("plan__sku__device_model", "lease__deposit", "merchant").get(
        number=found.order_number
    )
    return answer.page(
        request, "guarantee", _("Guarantee"), status=422 if form.errors else 200, narrow=True, contact=found,
        order=order, lessee=_lessee(found), token=token, form=form, asked=asked,
    )  # fmt: skip


def _lessee(found: Contact) -> str:
    """Enough to know who asks: 林* of the identity card, else the number."""
    proof = identity.verified(found.customer)
    return proof.name.masked if proof else found.customer.number


def _by_link(token: str) -> Contact | None:
    try:
        return contacts.by_link(token)
    except contacts.LinkInvalid:
        return None


def _or_404(token: str) -> Contact:
    found = _by_link(token)
    if found is None:
        raise Http404
    return found
