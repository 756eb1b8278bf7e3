"""Asking for the code, and connecting an app. Times are the machine's own, for nobody moves a phone's clock."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import staff
from accounts.models import User
from accounts.services import second_factor
from core import clock
from core.errors import DomainError
from storefront.forms.base import DoorForm
from storefront.pages import codes

HOME = {User.Kind.MERCHANT: "portal:board", User.Kind.OPERATOR: "desk:overview", User.Kind.AGENT: "desk:rounds"}
ISSUER = "Xinzu"
BEGUN = "second_factor_begun"  # in the session: which secret it was shown


class CodeForm(DoorForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    blames: ClassVar = {"code_wrong": "code", "too_many_wrong_codes": "code"}


class StaffRequest(HttpRequest):
    """A request that passed `staff_only`."""

    user: User


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who signed in by password; visitors sign in first, to customers there is no such page."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            wanted = request.GET.get("next", "")
            door = "portal:sign_in" if wanted.startswith("/portal/") else "desk:sign_in"
            return HttpResponseRedirect(f"{reverse(door)}?{urlencode({'next': wanted})}")
        if not (user.is_staff or user.kind in HOME):
            raise Http404
        return view(request)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def ask(request: StaffRequest) -> HttpResponse:
    """The code of the app that is connected, or a recovery code."""
    if not second_factor.is_enrolled(request.user):
        return HttpResponseRedirect(reverse("second_factor_connect"))
    at = clock.machine()
    shown = second_factor.shown_code(request.user, at)
    form = CodeForm(request.POST if request.method == "POST" else None, initial={"code": shown})
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.check(request.user, form.cleaned_data["code"], at)
            staff.second_factor_given(request.session)
            return HttpResponseRedirect(_next(request), status=303)
        except DomainError as error:
            form.refuse(error)
    return _page(request, "ask", _("The second factor"), form=form, shown=shown)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def connect(request: StaffRequest) -> HttpResponse:
    """The secret to scan, its first code, and then the recovery codes, once."""
    at = clock.machine()
    if second_factor.is_enrolled(request.user):
        return _page(request, "connected", _("An authenticator app is connected"))
    begun = second_factor.begin(request.user, at, request.session.get(BEGUN, ""))
    request.session[BEGUN] = begun.key
    shown = second_factor.shown_code(request.user, at)
    form = CodeForm(request.POST if request.method == "POST" else None, initial={"code": shown})
    if request.method == "POST" and form.is_valid():
        try:
            made = second_factor.confirm(request.user, form.cleaned_data["code"], at)
            del request.session[BEGUN]
            staff.second_factor_given(request.session)
            return _page(request, "recovery", _("Recovery codes"), recovery=made)
        except DomainError as error:
            form.refuse(error)
    spaced = " ".join(begun.secret[start : start + 4] for start in range(0, len(begun.secret), 4))
    drawn = codes.drawn(_address(request.user, begun.secret))
    return _page(
        request,
        "connect",
        _("Connect an authenticator app"),
        form=form,
        secret=spaced,
        drawn=drawn,
        shown=shown,
    )


def _page(request: StaffRequest, name: str, title: str, **shown: Any) -> HttpResponse:
    form = shown.get("form")
    context = {"title": title, "next": _next(request), "leave": _leave(request.user), **shown}
    return render(
        request, f"second_factor/{name}.html", context, status=422 if form is not None and form.errors else 200
    )


def _next(request: StaffRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse(HOME.get(User.Kind(request.user.kind), "admin:index"))


def _leave(user: User) -> str:
    return reverse("portal:sign_out" if user.kind == User.Kind.MERCHANT else "desk:sign_out")


def _address(user: User, secret: str) -> str:
    """What an authenticator app scans."""
    return (
        f"otpauth://totp/{ISSUER}:{quote(user.login)}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30"
    )
