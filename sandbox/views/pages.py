"""The pages that a person uses: cashier, authorisation, SMS inbox, faults. Every one says that it is a sandbox."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.backends.django import DjangoTemplates
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, money
from sandbox import conf, keys, rsa2, wire
from sandbox.cards import CardPayment
from sandbox.models import FaultOrder, Freeze, Trade, UserAgreement, WechatOrder
from sandbox.services import agreements as deductions
from sandbox.services import cards, consents, faults, freezes, invented, people, sms, trades, wechat
from sandbox.services import mails as boxes

HERE = Path(__file__).resolve().parent.parent
Paper = Trade | Freeze | UserAgreement | WechatOrder | CardPayment  # what a cashier page is about
SIGN_IN = {
    "trade": trades.sign_in,
    "freeze": freezes.sign_in,
    "agreement": deductions.sign_in,
    "wechat": wechat.sign_in,
    "stripe": cards.sign_in,
}
AGREE: dict[str, Callable[[str, datetime], Paper]] = {
    "trade": trades.pay,
    "freeze": freezes.agree,
    "agreement": deductions.agree,
    "wechat": wechat.pay,
    "stripe": cards.pay,
}
CLOSED = (
    Trade.Status.TRADE_CLOSED,
    Freeze.Status.CLOSED,
    UserAgreement.Status.UNSIGN,
    WechatOrder.State.CLOSED,
    CardPayment.Status.EXPIRED,
    CardPayment.Status.CANCELED,
)
OPEN = (
    Trade.Status.WAIT_BUYER_PAY,
    Freeze.Status.INIT,
    UserAgreement.Status.TEMP,
    WechatOrder.State.NOTPAY,
    CardPayment.Status.OPEN,
)
DONE = (
    *trades.PAID,
    Freeze.Status.SUCCESS,
    UserAgreement.Status.NORMAL,
    WechatOrder.State.SUCCESS,
    WechatOrder.State.REFUND,
    CardPayment.Status.PAID,
    CardPayment.Status.HELD,
)
PHONE_COOKIE = "sandbox_phone"
PHONE = re.compile(r"\+?\d{5,15}", re.ASCII)
NOTICE_TYPES = (
    "trade_status_sync",
    "fund_auth_freeze",
    "fund_auth_unfreeze",
    "dut_user_sign",
    "dut_user_unsign",
    "parcel",
    "form",
)
ENGINE: Final = DjangoTemplates(
    {
        "NAME": "sandbox",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"context_processors": ["django.template.context_processors.i18n"]},
    }
)


def page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"phone": request.COOKIES.get(PHONE_COOKIE, ""), "here": request.get_full_path()}
    return HttpResponse(ENGINE.get_template(f"sandbox/{name}.html").render(context, request), status=status)


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    return page(request, "front")


@require_GET
def person(request: HttpRequest) -> HttpResponse:
    """Somebody to type into the shop's form."""
    who, card = invented.person()
    return page(request, "person", who=who, card=card)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, "lost", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks for nothing but the language: what is broken may be anything."""
    said = _("The sandbox broke; its log says where. No payment was touched.")
    return HttpResponse(f"<!doctype html><title>500</title><p>{said}</p>", status=500)


# cashier


@require_GET
def cashier(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    """First who you are, then pay (or freeze) or not, then how it stands. WeChat is told here where to go back to."""
    if kind == "wechat" and "redirect_url" in request.GET:
        back = request.GET["redirect_url"]
        if urlsplit(back).scheme in ("http", "https"):
            WechatOrder.objects.filter(prepay_id=number).update(return_url=back[:500])
    return page(request, "cashier", kind=kind, **_standing(kind, number))


@require_POST
def cashier_sign_in(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    phone = phone_of(request)
    if not phone:
        error = _("Please enter a phone number, digits only.")
        return page(request, "cashier", 422, kind=kind, error=error, **_standing(kind, number))
    _found(kind, number)
    SIGN_IN[kind](number, people.account(phone))
    return remembering(HttpResponseRedirect(reverse("cashier", args=[kind, number])), phone)


@require_POST
def cashier_answer(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    """Pay or freeze on `yes`, take an agreement back on `end`; else walk away, which leaves all open as at Alipay."""
    row = _found(kind, number)
    if kind == "agreement" and request.POST.get("answer") == "end":
        deductions.end(number, clock.now())
        return HttpResponseRedirect(reverse("cashier", args=[kind, number]))
    if row.account is None:
        return HttpResponseRedirect(reverse("cashier", args=[kind, number]))
    if request.POST.get("answer") == "yes":
        row = AGREE[kind](number, clock.now())
        if _state(row) in CLOSED:
            return HttpResponseRedirect(reverse("cashier", args=[kind, number]))
    return _returned(row)


def _standing(kind: str, number: str) -> dict[str, Any]:
    row = _found(kind, number)
    is_open = _state(row) in OPEN and clock.now() < row.expires_at
    match row:
        case Trade():
            title, amount = row.subject, row.total_amount
        case Freeze():
            title, amount = row.title, row.amount
        case UserAgreement():
            title, amount = row.external_agreement_no, row.single_amount
        case WechatOrder():
            title, amount = row.description, money.from_cents(row.total)
        case CardPayment():
            title, amount = row.title, money.from_cents(row.amount)
    done = _state(row) in DONE
    return {"row": row, "number": number, "title": title, "amount": amount, "is_open": is_open, "done": done}


def _found(kind: str, number: str) -> Paper:
    match kind:
        case "trade":
            return get_object_or_404(Trade.objects.select_related("account"), trade_no=number)
        case "agreement":
            return get_object_or_404(UserAgreement.objects.select_related("account"), agreement_no=number)
        case "freeze":
            return get_object_or_404(Freeze.objects.select_related("account"), auth_no=number)
        case "stripe":
            return get_object_or_404(CardPayment.objects.select_related("account"), number=number)
    return get_object_or_404(WechatOrder.objects.select_related("account"), prepay_id=number)


def _state(row: Paper) -> str:
    return row.state if isinstance(row, WechatOrder) else row.status


def _returned(row: Paper) -> HttpResponse:
    """Back to the shop; after a payment with Alipay's signed parameters, which prove nothing and are often trusted."""
    if not row.return_url:
        return HttpResponseRedirect(reverse("front"))
    if not isinstance(row, Trade) or row.paid_at is None:
        return HttpResponseRedirect(row.return_url)
    told = {
        "charset": "utf-8",
        "out_trade_no": row.out_trade_no,
        "method": f"{row.method}.return",
        "total_amount": str(row.total_amount),
        "trade_no": row.trade_no,
        "auth_app_id": conf.app_id(),
        "version": "1.0",
        "app_id": conf.app_id(),
        "sign_type": "RSA2",
        "seller_id": conf.seller_id(),
        "timestamp": wire.text(clock.now()),
    }
    return HttpResponseRedirect(
        with_parameters(row.return_url, told | {"sign": rsa2.sign(rsa2.notice_text(told), keys.alipay())})
    )


# authorisation


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """The consent to tell a Zhima score; the browser goes back with a code, or with an error."""
    asked = {name: request.GET.get(name, "") for name in ("app_id", "scope", "redirect_uri", "state")}
    back = asked["redirect_uri"]
    if asked["app_id"] != conf.app_id() or urlsplit(back).scheme not in ("http", "https"):
        return page(request, "authorize", 400, error=_("The shop sent a request that Alipay does not know."))
    if request.method == "GET":
        return page(request, "authorize", asked=asked)
    if request.POST.get("answer") != "yes":
        return HttpResponseRedirect(with_parameters(back, {"error": "access_denied", "state": asked["state"]}))
    phone = phone_of(request)
    if not phone:
        return page(request, "authorize", 422, asked=asked, error=_("Please enter a phone number, digits only."))
    code = consents.give(people.account(phone), asked["scope"], clock.now())
    told = {"app_id": conf.app_id(), "scope": asked["scope"], "state": asked["state"], "auth_code": code}
    return remembering(HttpResponseRedirect(with_parameters(back, told)), phone)


# messages


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("phone", "").strip()
    return page(request, "sms", messages=sms.inbox(wanted), wanted=wanted)


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("to", "").strip()
    return page(request, "mail", mails=boxes.inbox(wanted), wanted=wanted)


@require_GET
def inbox_json(request: HttpRequest) -> HttpResponse:
    fields = ("phone", "template", "params", "text", "out_id", "biz_id")
    found = sms.inbox(request.GET.get("phone", "").strip())
    rows = [{name: getattr(row, name) for name in fields} | {"sent_at": row.sent_at.isoformat()} for row in found]
    return JsonResponse({"messages": rows})


@require_GET
def agreements(request: HttpRequest) -> HttpResponse:
    """What an account has agreed to: the way to end it on the provider's side."""
    wanted = request.GET.get("phone", "").strip()
    return page(request, "agreements", rows=deductions.of(wanted), wanted=wanted)


# faults


@require_http_methods(["GET", "POST"])
def fault_orders(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        if request.POST.get("forget"):
            faults.forget()
            return HttpResponseRedirect(reverse("faults"))
        kind, target = request.POST.get("kind", ""), request.POST.get("target", "").strip()[:60]
        times, argument = request.POST.get("times", "1"), request.POST.get("argument", "").strip()[:20]
        if kind not in FaultOrder.Kind.values or not target or not re.fullmatch(r"[1-9]\d?", times, re.ASCII):
            return page(request, "faults", 422, error=_("That order is not complete."), **_fault_choices())
        faults.order(target, FaultOrder.Kind(kind), times=int(times), argument=argument)
        return HttpResponseRedirect(reverse("faults"))
    return page(request, "faults", **_fault_choices())


def _fault_choices() -> dict[str, Any]:
    from sandbox.views.form import ACTS
    from sandbox.views.gateway import METHODS
    from sandbox.views.stripe import EVENTS as STRIPE_EVENTS
    from sandbox.views.stripe import METHODS as STRIPE
    from sandbox.views.wechat import EVENTS
    from sandbox.views.wechat import METHODS as WECHAT

    targets = [
        *METHODS,
        *WECHAT,
        *STRIPE,
        "SendSms",
        "Id2MetaVerify",
        "Mobile3MetaDetailVerify",
        "mail",
        "tsa",
        faults.ANY_NOTICE,
    ]
    targets += [f"form.{name}" for name in ACTS]
    targets += [f"notice:{name}" for name in (*NOTICE_TYPES, *EVENTS, *STRIPE_EVENTS)]
    return {"pending": faults.pending(), "kinds": FaultOrder.Kind.values, "targets": targets}


@require_GET
def stylesheet(request: HttpRequest) -> HttpResponse:
    return HttpResponse((HERE / "assets" / "sandbox.css").read_bytes(), content_type="text/css; charset=utf-8")


@require_GET
def no_icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for one without being told to."""
    return HttpResponse(status=204)


# small things


def phone_of(request: HttpRequest) -> str:
    """The phone of the form in the shape of the mainland, "" when it is none."""
    typed = re.sub(r"[\s-]", "", request.POST.get("phone", "")).removeprefix("+86")
    return typed if PHONE.fullmatch(typed) else ""


def remembering(response: HttpResponse, phone: str) -> HttpResponse:
    response.set_cookie(PHONE_COOKIE, phone, max_age=30 * 86_400, httponly=True, samesite="Lax")
    return response


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    return url + ("&" if urlsplit(url).query else "?") + urlencode(parameters)
