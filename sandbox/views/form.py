"""/form/: a gateway that signs forms verifies its caller, acts, and signs its answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import clock
from sandbox import conf, forms, wire
from sandbox.models import FaultOrder
from sandbox.services import faults, trades
from sandbox.services.trades import Offer
from sandbox.views import pages
from sandbox.wire import Refused

Kind = FaultOrder.Kind
Words = dict[str, str]
CODES: Final = {"ACQ.TRADE_NOT_EXIST": "NOT_FOUND"}


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """/form/pay: the browser comes with the signed offer and goes on to the cashier."""
    asked = request.GET.dict()
    try:
        _require_ours(asked)
        offer = Offer(
            method=f"form.{asked['sign_type']}",
            out_trade_no=asked["number"],
            total_amount=wire.amount(asked["amount"]),
            subject=asked["subject"],
            expires_at=wire.instant(asked["expires_at"], "expires-at"),
            notify_url=asked.get("notify_url", ""),
            return_url=asked.get("return_url", ""),
        )
        trade = trades.open_page(offer, clock.now())
    except (Refused, KeyError):
        return pages.page(request, "lost", 400, error=_("The shop sent a request that the gateway does not know."))
    return HttpResponseRedirect(reverse("cashier", args=["trade", trade.trade_no]))


@require_POST
def call(request: HttpRequest, what: str) -> HttpResponse:
    asked, at, fault = request.POST.dict(), clock.now(), faults.take(f"form.{what}")
    if fault and fault.kind == Kind.DOWN:
        return HttpResponse("Service Unavailable", status=503)
    try:
        _require_ours(asked)
        with transaction.atomic():
            words = {"code": "OK", **ACTS[what](asked, at, fault)}
    except Refused as refusal:
        words = {"code": CODES.get(refusal.sub_code, refusal.sub_code), "message": refusal.sub_msg}
    if fault and fault.kind in (Kind.LOSE_REPLY, Kind.HANG):
        return HttpResponse("Internal Server Error", status=500)
    if fault and fault.kind == Kind.UNKNOWN:
        words = {"code": "BUSY"}
    sign_type = asked.get("sign_type", "MD5")
    return JsonResponse(forms.signed(words, sign_type, forged=bool(fault and fault.kind == Kind.FORGED)))


def _require_ours(asked: Words) -> None:
    if asked.get("merchant") != conf.form_merchant_id():
        raise Refused("BAD_MERCHANT", "no such merchant")
    if asked.get("sign_type") not in forms.METHODS.values() or not forms.holds(asked):
        raise Refused("BAD_SIGN", "the signature does not hold")


def _query(asked: Words, at: datetime, fault: FaultOrder | None) -> Words:
    return forms.told(trades.known(asked.get("number", ""), at))


def _close(asked: Words, at: datetime, fault: FaultOrder | None) -> Words:
    return forms.told(trades.close(asked.get("number", ""), at))


def _refund(asked: Words, at: datetime, fault: FaultOrder | None) -> Words:
    number, refund_no = asked.get("number", ""), asked.get("refund", "")
    trade, _moved = trades.refund(number, refund_no, wire.amount(asked.get("amount")), at, fault)
    return forms.refunded(trade, trade.refunds.get(out_request_no=refund_no), at)


def _refund_query(asked: Words, at: datetime, fault: FaultOrder | None) -> Words:
    trade = trades.known(asked.get("number", ""), at)
    found = trade.refunds.filter(out_request_no=asked.get("refund", "")).first()
    if found is None:
        raise Refused("NOT_FOUND", "no such refund")
    return forms.refunded(trade, found, at)


ACTS: Final[dict[str, Callable[[Words, datetime, FaultOrder | None], Words]]] = {
    "query": _query, "close": _close, "refund": _refund, "refund_query": _refund_query,
}  # fmt: skip
