"""Signing in: phone, code, done. The first time makes the account.

Between the two steps the session keeps the phone, sealed, and the ticket of the code it asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import backends
from accounts.models import User
from accounts.rules import phones
from accounts.services import codes, sign_in
from core import clock, seals
from core.errors import DomainError
from core.fields import mask_middle
from storefront.forms.sign_in import CodeForm, PhoneForm
from storefront.views import answer, chosen, marks

PHONE, TICKET = "sign_in_phone", "sign_in_ticket"
PLACE = f"session.{PHONE}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What this browser asked a code for."""

    phone: str
    ticket: UUID


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """First step: send the code."""
    if request.user.is_authenticated:
        return answer.leave(next_page(request))
    form = PhoneForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _send(request, form):
        return answer.leave(with_next(request, "storefront:sign_in_code"))
    return answer.page(
        request,
        "sign_in",
        _("Sign in"),
        status=_status(form),
        tab="me",
        form=form,
        next=next_page(request),
        narrow=True,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Second step: the code that came by SMS."""
    asked = _asked(request)
    if asked is None:
        return answer.leave(with_next(request, "storefront:sign_in"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (user := _enter(request, form, asked)):
        return marks.keep(request, answer.leave(next_page(request)), user)
    return answer.page(
        request,
        "sign_in_code",
        _("Enter the code"),
        status=_status(form),
        tab="me",
        back=with_next(request, "storefront:sign_in"),
        form=form,
        next=next_page(request),
        phone=mask_middle(asked.phone),
        narrow=True,
    )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return chosen.keep_list(answer.go("home"), [])


def _send(request: HttpRequest, form: PhoneForm) -> bool:
    """A code this browser asked for moments ago is as good as a new one; another browser's is none of its business."""
    number = form.cleaned_data["phone"]
    try:
        sent = codes.request(number, sign_in.PURPOSE, language=get_language() or "zh-hans", at=clock.now())
    except DomainError as error:
        if isinstance(error, codes.ResendTooSoon) and _has_asked(request, number):
            answer.tell(request, str(error), "wait")
            return True
        form.refuse(error)
        return False
    request.session[PHONE], request.session[TICKET] = seals.seal(number, PLACE), str(sent.ticket)
    return True


def _enter(request: HttpRequest, form: CodeForm, asked: _Asked) -> User | None:
    language, at = get_language() or "zh-hans", clock.now()
    try:
        user = sign_in.by_code(asked.phone, form.cleaned_data["code"], ticket=asked.ticket, language=language, at=at)
    except DomainError as error:
        form.refuse(error)
        return None
    login(request, user, backend=backends.PATH)
    for kept in (PHONE, TICKET):
        request.session.pop(kept, None)
    return user


def _asked(request: HttpRequest) -> _Asked | None:
    try:
        return _Asked(seals.unseal(request.session.get(PHONE, ""), PLACE), UUID(request.session.get(TICKET, "")))
    except (ValueError, InvalidTag):
        return None


def _has_asked(request: HttpRequest, number: str) -> bool:
    asked = _asked(request)
    return asked is not None and phones.normalise(asked.phone) == phones.normalise(number)


def next_page(request: HttpRequest) -> str:
    """Only to a page of our own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def with_next(request: HttpRequest, name: str) -> str:
    return answer.address(name, {"next": next_page(request)})


def _status(form: PhoneForm | CodeForm) -> int:
    return 422 if form.errors else 200
