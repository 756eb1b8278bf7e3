"""Signing in by a proved e-mail address: address, code, in. It makes no account, and never says if one is there."""

from functools import partial

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import backends
from accounts.models import User
from accounts.services import sign_in
from core import clock
from core.errors import DomainError
from core.fields import mask_email
from storefront.forms.sign_in import EmailForm, MailCodeForm
from storefront.views import answer, marks
from storefront.views.asked import Asked, Asking
from storefront.views.sign_in import next_page, with_next

ASKING = Asking("sign_in_email")


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
    asked = ASKING.of(request)
    if asked is None:
        return answer.leave(with_next(request, "storefront:sign_in_mail"))
    form = MailCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (user := _enter(request, form, asked)):
        return marks.keep(request, answer.leave(next_page(request)), user)
    return answer.page(
        request, "sign_in_mail_code", _("Enter the code"), status=422 if form.errors else 200, tab="me", form=form,
        back=with_next(request, "storefront:sign_in_mail"), narrow=True, next=next_page(request),
        address=asked.to, masked=mask_email(asked.to),
    )  # fmt: skip


def _send(request: HttpRequest, form: EmailForm) -> bool:
    address = form.cleaned_data["email"]
    return ASKING.send(request, form, address, partial(sign_in.request_by_mail, address, clock.now()), address.__eq__)


def _enter(request: HttpRequest, form: MailCodeForm, asked: Asked) -> User | None:
    try:
        user = sign_in.by_mail_code(asked.to, form.cleaned_data["code"], ticket=asked.ticket, at=clock.now())
    except DomainError as error:
        form.refuse(error)
        return None
    login(request, user, backend=backends.PATH)
    ASKING.forget(request)
    return user
