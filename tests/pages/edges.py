"""The pages at the edges: what went wrong on the platform, and the pretended providers that a demo's customer meets."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from django.views import defaults

from core import clock
from integrations import registry
from integrations.payments import AgreementIntent, FreezeIntent, PayIntent
from sandbox import conf, visitors
from sandbox.wsgi import transport
from tests.integrations.adapters import PAYMENTS, PHONE

BACK = "http://127.0.0.1:8000/back/"


def _forbidden(request: HttpRequest) -> HttpResponse:
    return defaults.permission_denied(request, PermissionDenied())


def _lost(request: HttpRequest) -> HttpResponse:
    return defaults.page_not_found(request, Exception())


def _forged(request: HttpRequest) -> HttpResponse:
    asking = Client(enforce_csrf_checks=True, headers={"accept-language": request.LANGUAGE_CODE})
    answer: Any = asking.post("/sign-in/")
    return cast("HttpResponse", answer)


ERRORS: dict[str, tuple[int, Callable[[HttpRequest], HttpResponse]]] = {
    "not found": (404, _lost),
    "not allowed": (403, _forbidden),
    "form out of date": (403, _forged),
    "broken": (500, defaults.server_error),
}
SANDBOX = [
    "front", "lost", "sms", "no sms", "mail", "person", "agreements", "complaints", "faults", "Zhima",
    "cashier", "cashier signed in", "cashier paid", "WeChat cashier", "deposit", "agreement",
]  # fmt: skip


def error(name: str, language: str) -> HttpResponse:
    """An error page in a language, as somebody who is not signed in gets it."""
    request = RequestFactory().get("/", headers={"accept-language": language})
    request.LANGUAGE_CODE = language
    with translation.override(language):
        return ERRORS[name][1](request)


def addresses() -> dict[str, str]:
    """The path of every page of SANDBOX, with payments in each state."""
    registry.sms().send(PHONE, "SMS_LOGIN", {"code": "111111"}, "1")
    paid = visitors.look(_payment("P2"), PHONE)
    visitors.pay(_payment("P2"), PHONE)
    for number in ("W2", "W3", "W4"):
        visitors.pay(_payment(number, "wechat"), PHONE)
        visitors.complain(number, "屏幕碎了")
    visitors.decide_complaint("W3", gives_back=True)
    visitors.decide_complaint("W4", gives_back=False)
    return {
        "front": "/", "lost": "/nowhere/", "sms": "/sms/", "no sms": "/sms/?phone=13999999999", "mail": "/mail/",
        "person": "/person/",
        "agreements": f"/agreements/?phone={PHONE}", "complaints": f"/complaints/?phone={PHONE}",
        "faults": "/faults/",
        "Zhima": _path(registry.credit().authorize_url("s", BACK)),
        "cashier": _path(_landed(_payment("P1"))),
        "cashier signed in": _path(visitors.look(_payment("P3"), PHONE)),
        "cashier paid": _path(paid),
        "WeChat cashier": _path(_payment("W1", "wechat")),
        "deposit": _path(_landed(_freeze())),
        "agreement": _path(_landed(_agreement())),
    }  # fmt: skip


def _payment(number: str, channel: str = "alipay") -> str:
    intent = PayIntent(number, Decimal("1541.83"), "手机 Q7 Pro 租金", clock.now() + timedelta(hours=1), BACK)
    return PAYMENTS[channel].page(intent)


def _freeze() -> str:
    intent = FreezeIntent("O1", "F1", Decimal("3000.00"), "押金", clock.now() + timedelta(hours=1), BACK)
    return registry.holds("alipay").freeze(intent).url


def _agreement() -> str:
    wanted = AgreementIntent("A1", Decimal("370.80"), clock.today() + timedelta(days=30), BACK, "phone")
    return registry.deducts("alipay").sign(wanted).url


def _landed(url: str) -> str:
    """The cashier that the gateway leads to; some addresses are the cashier already."""
    with httpx.Client(transport=transport(), base_url=conf.url()) as browser:
        return str(browser.get(url).headers.get("location", url))


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
