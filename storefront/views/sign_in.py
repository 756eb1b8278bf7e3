"""Signing in: phone, code, done. The first time makes the account."""

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
from core import clock
from core.errors import DomainError
from core.fields import mask_middle
from storefront.forms.sign_in import CodeForm, PhoneForm
from storefront.views import answer, chosen, marks
from storefront.views.asked import Asked, Asking

ASKING = Asking("sign_in_phone")


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
    asked = ASKING.of(request)
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
        phone=mask_middle(asked.to),
        narrow=True,
    )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return chosen.keep_list(answer.go("home"), [])


def _send(request: HttpRequest, form: PhoneForm) -> bool:
    number, language = form.cleaned_data["phone"], get_language() or "zh-hans"
    return ASKING.send(
        request, form, number,
        lambda: codes.request(number, sign_in.PURPOSE, language=language, at=clock.now()).ticket,
        lambda before: phones.normalise(before) == phones.normalise(number),
    )  # fmt: skip


def _enter(request: HttpRequest, form: CodeForm, asked: Asked) -> User | None:
    language, at = get_language() or "zh-hans", clock.now()
    try:
        user = sign_in.by_code(asked.to, form.cleaned_data["code"], ticket=asked.ticket, language=language, at=at)
    except DomainError as error:
        form.refuse(error)
        return None
    login(request, user, backend=backends.PATH)
    ASKING.forget(request)
    return user


def next_page(request: HttpRequest) -> str:
    """Only to a page of our own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def with_next(request: HttpRequest, name: str) -> str:
    return answer.address(name, {"next": next_page(request)})


def _status(form: PhoneForm | CodeForm) -> int:
    return 422 if form.errors else 200
