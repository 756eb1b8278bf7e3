"""Signing in by a proved e-mail address: address, code, in. It makes no account, and never says whether there is one.

Between the two steps the session keeps the address, sealed, and the ticket of the code it asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import backends
from accounts.models import User
from accounts.services import codes, sign_in
from core import clock, seals
from core.errors import DomainError
from core.fields import mask_email
from storefront.forms.sign_in import EmailForm, MailCodeForm
from storefront.views import answer, marks
from storefront.views.sign_in import next_page, with_next

ADDRESS, TICKET = "sign_in_email", "sign_in_email_ticket"
PLACE = f"session.{ADDRESS}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What this browser asked a code for."""

    address: str
    ticket: UUID


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """First step: send the code, if somebody proved this address."""
    if request.user.is_authenticated:
        return answer.leave(next_page(request))
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _send(request, form):
        return answer.leave(with_next(request, "storefront:sign_in_mail_code"))
    return answer.page(
        request, "sign_in_mail", _("Sign in"), status=422 if form.errors else 200, tab="me", form=form, narrow=True,
        next=next_page(request),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Second step: the code that came by mail."""
    asked = _asked(request)
    if asked is None:
        return answer.leave(with_next(request, "storefront:sign_in_mail"))
    form = MailCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (user := _enter(request, form, asked)):
        return marks.keep(request, answer.leave(next_page(request)), user)
    return answer.page(
        request, "sign_in_mail_code", _("Enter the code"), status=422 if form.errors else 200, tab="me", form=form,
        back=with_next(request, "storefront:sign_in_mail"), narrow=True, next=next_page(request),
        address=asked.address, masked=mask_email(asked.address),
    )  # fmt: skip


def _send(request: HttpRequest, form: EmailForm) -> bool:
    """A code that this browser asked for moments ago is as good as a new one."""
    address, asked = form.cleaned_data["email"].strip().lower(), _asked(request)
    try:
        ticket = sign_in.request_by_mail(address, clock.now())
    except DomainError as error:
        if isinstance(error, codes.ResendTooSoon) and asked is not None and asked.address == address:
            answer.tell(request, str(error), "wait")
            return True
        form.refuse(error)
        return False
    request.session[ADDRESS], request.session[TICKET] = seals.seal(address, PLACE), str(ticket)
    return True


def _enter(request: HttpRequest, form: MailCodeForm, asked: _Asked) -> User | None:
    try:
        user = sign_in.by_mail_code(asked.address, form.cleaned_data["code"], ticket=asked.ticket, at=clock.now())
    except DomainError as error:
        form.refuse(error)
        return None
    login(request, user, backend=backends.PATH)
    for kept in (ADDRESS, TICKET):
        request.session.pop(kept, None)
    return user


def _asked(request: HttpRequest) -> _Asked | None:
    try:
        return _Asked(seals.unseal(request.session.get(ADDRESS, ""), PLACE), UUID(request.session.get(TICKET, "")))
    except (ValueError, InvalidTag):
        return None
