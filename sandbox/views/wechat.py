"""/wechat/v3/: verifies the caller, then answers as WeChat Pay does."""

import json
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from core import clock
from sandbox import conf, keys
from sandbox import wechat as wire
from sandbox.models import FaultOrder
from sandbox.services import complaints, faults, wechat
from sandbox.wechat import Refused

Kind = FaultOrder.Kind
METHODS = (
    "wechat.pay", "wechat.query", "wechat.close", wechat.REFUND, "wechat.refund.query", f"{wechat.REFUND}:later",
    "wechat.bill", "wechat.complaint", "wechat.complaints",
)  # fmt: skip
EVENTS = (
    "TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "COMPLAINT.CREATE", "COMPLAINT.STATE_CHANGE",
)  # fmt: skip
PAGE_MOST = 50
LIVES = timedelta(hours=2)
Act = Callable[[dict[str, Any], datetime], dict[str, Any] | None]


@require_POST
def transactions(request: HttpRequest, entry: str) -> HttpResponse:
    def act(content: dict[str, Any], at: datetime) -> dict[str, Any]:
        _require(content, "appid", "mchid", "description", "out_trade_no", "notify_url")
        _amount(content, "total")
        if (content["appid"], content["mchid"]) != (conf.wechat_app_id(), conf.wechat_merchant_id()):
            raise Refused(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
        if entry == "jsapi" and not (content.get("payer") or {}).get("openid"):
            raise Refused(400, "PARAM_ERROR", "payer.openid")
        if entry == "h5" and not (content.get("scene_info") or {}).get("payer_client_ip"):
            raise Refused(400, "PARAM_ERROR", "scene_info.payer_client_ip")
        order = wechat.open_order(content, entry, _expiry(content, at), at)
        if entry == "jsapi" and (holder := wechat.holder(content["payer"]["openid"])):
            wechat.sign_in(order.prepay_id, holder)
        page = f"{conf.url()}/cashier/wechat/{order.prepay_id}/"
        return {
            "h5": {"h5_url": f"{page}?prepay_id={order.prepay_id}"},
            "native": {"code_url": page},
            "jsapi": {"prepay_id": order.prepay_id},
        }[entry]

    return answer(request, "wechat.pay", act)


@require_GET
def query(request: HttpRequest, number: str) -> HttpResponse:
    return answer(request, "wechat.query", lambda _content, at: wechat.told(wechat.known(number, at)))


@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    def act(_content: dict[str, Any], at: datetime) -> None:
        wechat.close(number, at)

    return answer(request, "wechat.close", act)


@require_POST
def refund(request: HttpRequest) -> HttpResponse:
    def act(content: dict[str, Any], at: datetime) -> dict[str, Any]:
        _require(content, "out_trade_no", "out_refund_no")
        _amount(content, "refund")
        return wechat.told_refund(wechat.refund(content, at))

    return answer(request, wechat.REFUND, act)


@require_GET
def refund_query(request: HttpRequest, number: str) -> HttpResponse:
    return answer(
        request, "wechat.refund.query", lambda _content, at: wechat.told_refund(wechat.known_refund(number, at))
    )


@require_GET
def complaint(request: HttpRequest, number: str) -> HttpResponse:
    """/v3/merchant-service/complaints-v2/{complaint_id}"""
    return answer(request, "wechat.complaint", lambda _content, _at: complaints.told(complaints.known(number)))


@require_GET
def complaint_list(request: HttpRequest) -> HttpResponse:
    """/v3/merchant-service/complaints-v2: those made from one day to another, at most thirty days, by pages."""

    def act(_content: dict[str, Any], _at: datetime) -> dict[str, Any]:
        asked = request.GET
        try:
            first, last = (date.fromisoformat(asked.get(name, "")) for name in ("begin_date", "end_date"))
            limit, offset = int(asked.get("limit", "10")), int(asked.get("offset", "0"))
        except ValueError as error:
            raise Refused(400, "PARAM_ERROR", "begin_date, end_date, limit, offset") from error
        if not first <= last <= first + timedelta(days=30) or not 1 <= limit <= PAGE_MOST or offset < 0:
            raise Refused(400, "PARAM_ERROR", "begin_date, end_date, limit, offset")
        rows = complaints.between(first, last)
        shown = [complaints.told(row) for row in rows[offset : offset + limit]]
        return {"data": shown, "limit": limit, "offset": offset, "total_count": rows.count()}

    return answer(request, "wechat.complaints", act)


def answer(request: HttpRequest, method: str, act: Act) -> HttpResponse:
    """Check the caller, act, sign; an ordered fault may spoil it after the act."""
    at = clock.now()
    fault = faults.take(method)
    if fault and fault.kind == Kind.DOWN:
        return HttpResponse("Service Unavailable", status=503)
    try:
        wire.check(request, keys.wechat_merchant(), at)
        content = act(_content(request), at)
        status = 200 if content is not None else 204
    except Refused as refusal:
        content, status = {"code": refusal.code, "message": refusal.message}, refusal.status
    return _disturbed(fault, content, status, at)


def _disturbed(fault: FaultOrder | None, content: dict[str, Any] | None, status: int, at: datetime) -> HttpResponse:
    body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
    signer = keys.wechat()
    match fault.kind if fault else "":
        case Kind.HANG:
            time.sleep(int((fault and fault.argument) or 30))
            return HttpResponse("Gateway Time-out", status=504)
        case Kind.LOSE_REPLY:
            return HttpResponse("Internal Server Error", status=500)
        case Kind.UNKNOWN:
            body, status = b'{"code":"SYSTEM_ERROR","message":"\xe7\xb3\xbb\xe7\xbb\x9f\xe9\x94\x99\xe8\xaf\xaf"}', 429
        case Kind.FORGED:
            signer = keys.forger()
    headers = {} if status == 401 else wire.signed(body, signer, at)
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def _content(request: HttpRequest) -> dict[str, Any]:
    if request.method == "GET":
        return {}
    try:
        content = json.loads(request.body)
    except ValueError as error:
        raise Refused(400, "PARAM_ERROR", "not JSON") from error
    if not isinstance(content, dict):
        raise Refused(400, "PARAM_ERROR", "not an object")
    return content


def _require(content: dict[str, Any], *names: str) -> None:
    for name in names:
        value = content.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= 256:
            raise Refused(400, "PARAM_ERROR", name)


def _amount(content: dict[str, Any], name: str) -> None:
    amount = content.get("amount")
    fen = amount.get(name) if isinstance(amount, dict) else None
    if not isinstance(fen, int) or isinstance(fen, bool) or fen < 1:
        raise Refused(400, "PARAM_ERROR", f"amount.{name}")


def _expiry(content: dict[str, Any], at: datetime) -> datetime:
    given = content.get("time_expire")
    if not given:
        return at + LIVES
    try:
        read = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise Refused(400, "PARAM_ERROR", "time_expire") from error
    if read.tzinfo is None:
        raise Refused(400, "PARAM_ERROR", "time_expire")
    return read
