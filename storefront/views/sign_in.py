"""Signing in: phone, code, done. The first time makes the account."""

from cryptography.exceptions import InvalidTag
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import codes, sign_in
from core import clock, seals
from core.errors import DomainError
from core.fields import mask_middle
from storefront.forms.sign_in import CodeForm, PhoneForm
from storefront.views import answer

PLACE = "session.sign_in_phone"  # the phone lies sealed in the session between the two steps
BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """First step: send the code."""
    if request.user.is_authenticated:
        return answer.leave(_next(request))
    form = PhoneForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _send(request, form):
        return answer.leave(_with_next(request, "storefront:sign_in_code"))
    return answer.page(
        request, "sign_in", _("Sign in"), status=_status(form), tab="me", form=form, next=_next(request), narrow=True
    )


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Second step: the code that came by SMS."""
    number = _kept_phone(request)
    if not number:
        return answer.leave(_with_next(request, "storefront:sign_in"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _enter(request, form, number):
        return answer.leave(_next(request))
    return answer.page(
        request,
        "sign_in_code",
        _("Enter the code"),
        status=_status(form),
        tab="me",
        back=_with_next(request, "storefront:sign_in"),
        form=form,
        next=_next(request),
        phone=mask_middle(number),
        narrow=True,
    )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return answer.go("home")


def _send(request: HttpRequest, form: PhoneForm) -> bool:
    """A code that was sent moments ago is as good as a new one."""
    number = form.cleaned_data["phone"]
    try:
        codes.request(number, sign_in.PURPOSE, language=get_language() or "zh-hans", at=clock.now())
    except codes.ResendTooSoon as error:
        answer.tell(request, str(error), "wait")
    except DomainError as error:
        form.refuse(error)
        return False
    request.session["sign_in_phone"] = seals.seal(number, PLACE)
    return True


def _enter(request: HttpRequest, form: CodeForm, number: str) -> bool:
    try:
        user = sign_in.by_code(number, form.cleaned_data["code"], language=get_language() or "zh-hans", at=clock.now())
    except DomainError as error:
        form.refuse(error)
        return False
    login(request, user, backend=BACKEND)
    request.session.pop("sign_in_phone", None)
    return True


def _kept_phone(request: HttpRequest) -> str:
    try:
        return seals.unseal(request.session.get("sign_in_phone", ""), PLACE)
    except (ValueError, InvalidTag):
        return ""


def _next(request: HttpRequest) -> str:
    """Only to a page of our own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def _with_next(request: HttpRequest, name: str) -> str:
    return answer.address(name, {"next": _next(request)})


def _status(form: PhoneForm | CodeForm) -> int:
    return 422 if form.errors else 200
