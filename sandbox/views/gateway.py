"""POST and GET /gateway.do: verifies the caller, then answers as the open gateway does."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import clock
from sandbox import conf, keys, rsa2, wire
from sandbox.models import FaultOrder
from sandbox.services import faults
from sandbox.views import agreements, bills, funds, pays, zhima
from sandbox.views.calls import Call
from sandbox.wire import Refused

Kind = FaultOrder.Kind
CALL_FRESH_FOR = timedelta(minutes=15)
PAGE_FRESH_FOR = timedelta(days=1)  # a signed page address may wait in the customer's browser
REQUIRED = ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version")
PAGES: dict[str, Callable[[Call], tuple[str, str]]] = {  # the kind of cashier, and the number it is opened for
    "alipay.trade.page.pay": pays.page,
    "alipay.trade.wap.pay": pays.page,
    "alipay.user.agreement.page.sign": agreements.page,
}

METHODS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "alipay.trade.query": pays.query,
    "alipay.trade.close": pays.close,
    "alipay.trade.refund": pays.refund,
    "alipay.trade.fastpay.refund.query": pays.refund_query,
    "alipay.trade.pay": agreements.pay,
    "alipay.user.agreement.query": agreements.query,
    "alipay.user.agreement.unsign": agreements.unsign,
    "alipay.fund.auth.order.voucher.create": funds.voucher_create,
    "alipay.fund.auth.operation.detail.query": funds.detail_query,
    "alipay.fund.auth.order.unfreeze": funds.unfreeze,
    "alipay.fund.auth.operation.cancel": funds.cancel,
    "alipay.data.dataservice.bill.downloadurl.query": bills.alipay,
    "alipay.system.oauth.token": zhima.token,
    "zhima.credit.score.get": zhima.score,
    "zhima.credit.score.brief.get": zhima.brief,
}


@require_http_methods(["GET", "POST"])
def gateway(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    keys.alipay()  # whoever talks to us can read our public key afterwards
    try:
        parameters = _parameters(request)
    except Refused as refusal:
        return _reply("error_response", refusal.content())
    method = parameters.get("method", "")
    fault = faults.take(method)
    if fault and fault.kind == Kind.DOWN:
        return HttpResponse("Service Unavailable", status=503)
    try:
        call = replace(_verified(parameters, at), fault=fault)
        if method in PAGES:
            return HttpResponseRedirect(reverse("cashier", args=PAGES[method](call)))
        content = {"code": "10000", "msg": "Success", **METHODS[method](call)}
    except Refused as refusal:
        content = refusal.content()
    return _disturbed(fault, method, content)


def _parameters(request: HttpRequest) -> dict[str, str]:
    """The form, and what the address adds to it. A parameter with two values is not accepted."""
    parameters: dict[str, str] = {}
    for source in (request.POST, request.GET):
        for name, values in source.lists():
            if len({*map(str, values), parameters.get(name, values[0])}) > 1:
                raise Refused("isv.invalid-parameter", f"{name} is given twice", "40002")
            parameters[name] = str(values[0])
    return parameters


def _verified(parameters: dict[str, str], at: datetime) -> Call:
    for name in REQUIRED:
        if not parameters.get(name):
            raise Refused(f"isv.missing-{name.replace('_', '-')}", f"缺少{name}参数", "40002")
    if parameters["app_id"] != conf.app_id():
        raise Refused("isv.invalid-app-id", "无效的AppID参数", "40002")
    key = keys.merchant()
    is_rsa2 = parameters["sign_type"] == "RSA2"
    if key is None or not is_rsa2 or not rsa2.holds(rsa2.request_text(parameters), parameters["sign"], key):
        raise Refused("isv.invalid-signature", "无效签名", "40002")
    method = parameters["method"]
    if method not in METHODS and method not in PAGES:
        raise Refused("isv.invalid-method", "不存在的方法名", "40002")
    fresh_for = PAGE_FRESH_FOR if method in PAGES else CALL_FRESH_FOR
    if abs(at - wire.instant(parameters["timestamp"], "timestamp")) > fresh_for:
        raise Refused("isv.invalid-timestamp", "非法的时间戳参数", "40002")
    return Call(parameters, _content(parameters.get("biz_content", "{}")), at)


def _content(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Refused("isv.invalid-parameter", "biz_content is not JSON", "40002") from error
    if not isinstance(content, dict):
        raise Refused("isv.invalid-parameter", "biz_content is not an object", "40002")
    return content


def _disturbed(fault: FaultOrder | None, method: str, content: dict[str, Any]) -> HttpResponse:
    """The answer, or what an ordered fault makes of it; the call has acted already."""
    node = method.replace(".", "_") + "_response"
    match fault.kind if fault else "":
        case Kind.HANG:
            time.sleep(int((fault and fault.argument) or 30))
            return HttpResponse("Gateway Time-out", status=504)
        case Kind.LOSE_REPLY:
            return HttpResponse("Internal Server Error", status=500)
        case Kind.UNKNOWN:
            return _reply(node, Refused("isp.unknown-error", "服务暂不可用", "20000").content())
        case Kind.FORGED:
            return _reply(node, content, forged=True)
    return _reply(node, content)


def _reply(node: str, content: dict[str, Any], forged: bool = False) -> HttpResponse:
    """The signed envelope: the signature covers the exact text of the node."""
    text = json.dumps(content, ensure_ascii=False)
    sign = rsa2.sign(text, keys.forger() if forged else keys.alipay())
    return HttpResponse(f'{{"{node}":{text},"sign":"{sign}"}}', content_type="text/html;charset=utf-8")
