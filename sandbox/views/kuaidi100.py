"""The pretended Kuaidi100: POST /poll and POST /poll/query.do, and the page where a person moves parcels."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from core import clock
from sandbox import conf, keys
from sandbox.models import FaultOrder
from sandbox.services import faults, parcels
from sandbox.shipments import Shipment
from sandbox.views.pages import page

WORDS = {
    "collected": _("Collected"),
    "transit": _("In transit"),
    "delivering": _("Out for delivery"),
    "delivered": _("Delivered"),
    "problem": _("Nobody at home"),
    "refused": _("Refused, turned back"),
    "returned": _("Back at the sender"),
}
MOST = 50


@require_POST
def poll(request: HttpRequest) -> HttpResponse:
    """Subscribe: form `schema=json` and `param`."""
    down = _down("kuaidi100.poll")
    if down is not None:
        return down
    param = _param(request)
    if param is None or request.POST.get("schema") != "json":
        return _answer(False, "700", "订阅方的订阅数据存在错误")
    if param.get("key") != keys.kuaidi100_key():
        return _answer(False, "600", "您不是合法的订阅者")
    company, number = str(param.get("company", "")), str(param.get("number", ""))
    wanted = param.get("parameters") or {}
    if company not in parcels.COMPANIES or not number:
        return _answer(False, "701", "拒绝订阅的快递公司")
    if company == "shunfeng" and not wanted.get("phone"):
        return _answer(False, "702", "顺丰单号需要收、寄件人电话")
    new = parcels.subscribe(
        company, number, str(wanted.get("callbackurl", "")), str(wanted.get("salt", "")), clock.now()
    )
    return _answer(True, "200", "提交成功") if new else _answer(False, "501", "重复订阅")


@require_POST
def query(request: HttpRequest) -> HttpResponse:
    down = _down("kuaidi100.query")
    if down is not None:
        return down
    raw, param = request.POST.get("param", ""), _param(request)
    sign, customer = request.POST.get("sign"), request.POST.get("customer")
    if param is None or customer != conf.kuaidi100_customer() or sign != parcels.query_sign(raw):
        return _answer(False, "503", "验证签名失败")
    found = parcels.known(str(param.get("com", "")), str(param.get("num", "")))
    return JsonResponse(found) if found else _answer(False, "500", "查询无结果，请隔段时间再查")


@require_GET
def shown(request: HttpRequest) -> HttpResponse:
    """The newest parcels, or the one that is asked for, with what may happen to each."""
    wanted = request.GET.get("number", "").strip().upper()
    rows = Shipment.objects.prefetch_related("scans").order_by("-pk")
    rows = rows.filter(number=wanted) if wanted else rows
    listed = [
        {"row": row, "company": parcels.COMPANIES.get(row.company, row.company),
         "scans": sorted(row.scans.all(), key=lambda scan: (scan.at, scan.pk), reverse=True)}
        for row in rows[:MOST]
    ]  # fmt: skip
    return page(request, "parcels", rows=listed, wanted=wanted, moves=list(WORDS.items()))


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Shipment, pk=pk)
    name = request.POST.get("move", "")
    if name not in parcels.MOVES:
        raise Http404
    parcels.move(row, name, clock.now())
    return HttpResponseRedirect(f"{reverse('parcels')}?number={row.number}")


def _down(target: str) -> HttpResponse | None:
    fault = faults.take(target)
    return HttpResponse("down", status=503) if fault and fault.kind == FaultOrder.Kind.DOWN else None


def _param(request: HttpRequest) -> dict[str, Any] | None:
    try:
        value = json.loads(request.POST.get("param", ""))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _answer(result: bool, code: str, message: str) -> JsonResponse:
    return JsonResponse({"result": result, "returnCode": code, "message": message})
