"""Who holds the browser inside WeChat: a page that asks nothing of who is signed in there, and a number for a code."""

from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from sandbox import conf, keys, wire
from sandbox.services import consents, people, wechat
from sandbox.views import pages

SCOPE: Final = "snsapi_base"
ASKED: Final = ("appid", "redirect_uri", "response_type", "scope", "state")


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """/connect/oauth2/authorize: straight back with a code. Whom the browser does not know says his phone first."""
    asked = {name: request.GET.get(name, "") for name in ASKED}
    back = asked["redirect_uri"]
    is_known = (asked["appid"], asked["response_type"], asked["scope"]) == (conf.wechat_app_id(), "code", SCOPE)
    if not is_known or urlsplit(back).scheme not in ("http", "https"):
        error = _("The shop sent a request that WeChat does not know.")
        return pages.page(request, "wechat_authorize", 400, error=error)
    phone = pages.phone_of(request) if request.method == "POST" else request.COOKIES.get(pages.PHONE_COOKIE, "")
    if not phone and request.method == "POST":
        error = _("Please enter a phone number, digits only.")
        return pages.page(request, "wechat_authorize", 422, asked=asked, error=error)
    if not phone:
        return pages.page(request, "wechat_authorize", asked=asked)
    code = consents.give(people.account(phone), SCOPE, clock.now())
    there = pages.with_parameters(back, {"code": code, "state": asked["state"]})
    return pages.remembering(HttpResponseRedirect(there), phone)


@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """/sns/oauth2/access_token: answers 200 whatever it says, as WeChat does."""
    if request.GET.get("appid") != conf.wechat_app_id():
        return _no(40013, "invalid appid")
    if request.GET.get("secret") != keys.wechat_app_secret():
        return _no(40125, "invalid appsecret")
    try:
        consent = consents.token(request.GET.get("code", ""), clock.now(), SCOPE)
    except wire.Refused:
        return _no(40029, "invalid code")
    told = {"access_token": consent.access_token, "expires_in": 7200, "openid": wechat.openid(consent.account)}
    return JsonResponse({**told, "refresh_token": "-", "scope": SCOPE})


def _no(code: int, words: str) -> HttpResponse:
    return JsonResponse({"errcode": code, "errmsg": words})
