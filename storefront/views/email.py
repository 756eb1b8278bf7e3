"""My e-mail address: what stands, one that is proved by a code, none.

Between the two steps the session keeps the address, sealed, and the ticket of the code it asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import codes, emails
from core import clock, seals
from core.errors import DomainError
from core.fields import mask_email
from storefront.forms.sign_in import EmailForm, MailCodeForm
from storefront.views import answer
from storefront.views.access import CustomerRequest, customer_only

ADDRESS, TICKET = "email_address", "email_ticket"
PLACE = f"session.{ADDRESS}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What this browser asked a code for."""

    address: str
    ticket: UUID


@customer_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: CustomerRequest) -> HttpResponse:
    """What stands, and the first step to another one: send the code."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _send(request, form):
        return answer.go("email_code")
    cell = request.user.email
    return answer.page(
        request, "email", _("E-mail"), status=422 if form.errors else 200, tab="me", back="/my/", narrow=True,
        form=form, address=cell.masked if cell else "",
    )  # fmt: skip


@customer_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: CustomerRequest) -> HttpResponse:
    """Second step: the code that came by mail."""
    asked = _asked(request)
    if asked is None:
        return answer.go("email")
    form = MailCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _prove(request, form, asked):
        answer.tell(request, _("Your address is confirmed. Messages about your leases go there too."))
        return answer.go("email")
    return answer.page(
        request, "email_code", _("Enter the code"), status=422 if form.errors else 200, tab="me", back="/my/email/",
        narrow=True, form=form, address=asked.address, masked=mask_email(asked.address),
    )  # fmt: skip


@customer_only
@require_POST
def remove(request: CustomerRequest) -> HttpResponse:
    if emails.remove(request.customer, clock.now()):
        answer.tell(request, _("Your address is gone. Nothing is mailed to you any more."))
    return answer.go("email")


def _send(request: CustomerRequest, form: EmailForm) -> bool:
    """A code that this browser asked for moments ago for the same address is as good as a new one."""
    address = form.cleaned_data["email"].strip().lower()
    asked = _asked(request)
    try:
        ticket = emails.request_code(request.user, address, clock.now())
    except DomainError as error:
        if isinstance(error, codes.ResendTooSoon) and asked is not None and asked.address == address:
            answer.tell(request, str(error), "wait")
            return True
        form.refuse(error)
        return False
    request.session[ADDRESS], request.session[TICKET] = seals.seal(address, PLACE), str(ticket)
    return True


def _prove(request: CustomerRequest, form: MailCodeForm, asked: _Asked) -> bool:
    try:
        emails.prove(request.customer, asked.address, form.cleaned_data["code"], asked.ticket, clock.now())
    except DomainError as error:
        form.refuse(error)
        return False
    for kept in (ADDRESS, TICKET):
        request.session.pop(kept, None)
    return True


def _asked(request: HttpRequest) -> _Asked | None:
    try:
        return _Asked(seals.unseal(request.session.get(ADDRESS, ""), PLACE), UUID(request.session.get(TICKET, "")))
    except (ValueError, InvalidTag):
        return None
