"""Statements of a day: where to fetch them, and the files themselves."""

import gzip
import hashlib
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from core import clock
from sandbox import conf, keys
from sandbox import wechat as wechat_wire
from sandbox.models import DayFile
from sandbox.services import statements
from sandbox.services.statements import Wire
from sandbox.views.calls import Call
from sandbox.views.wechat import answer
from sandbox.wire import Refused


def alipay(call: Call) -> dict[str, Any]:
    """alipay.data.dataservice.bill.downloadurl.query"""
    if call.text("bill_type") != "trade":
        raise Refused("isv.invalid-arguments", "bill_type")
    made = statements.of(Wire.ALIPAY, _day(call.text("bill_date")), call.at)
    if made is None:
        raise Refused("isp.bill_not_exist", "账单不存在")
    return {"bill_download_url": conf.url() + reverse("bill-file", args=[made.token])}


@require_GET
def alipay_file(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(_content(token, Wire.ALIPAY), content_type="application/zip")


@require_GET
def wechat(request: HttpRequest) -> HttpResponse:
    """/v3/bill/tradebill"""

    def act(_told: dict[str, Any], at: datetime) -> dict[str, Any]:
        asked = request.GET
        if (asked.get("bill_type", "ALL"), asked.get("tar_type")) != ("ALL", "GZIP"):
            raise wechat_wire.Refused(400, "PARAM_ERROR", "bill_type, tar_type")
        try:
            day = date.fromisoformat(asked.get("bill_date", ""))
        except ValueError as error:
            raise wechat_wire.Refused(400, "PARAM_ERROR", "bill_date") from error
        made = statements.of(Wire.WECHAT, day, at)
        if made is None:
            raise wechat_wire.Refused(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        return {
            "download_url": f"{conf.url()}/wechat/v3/billdownload/file?token={made.token}",
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(gzip.decompress(bytes(made.content))).hexdigest(),  # noqa: S324 - as the API has it
        }

    return answer(request, "wechat.bill", act)


@require_GET
def wechat_file(request: HttpRequest) -> HttpResponse:
    """/v3/billdownload/file: the caller is checked, the bytes carry no signature."""
    try:
        wechat_wire.check(request, keys.wechat_merchant(), clock.now())
    except wechat_wire.Refused as refusal:
        return HttpResponse(refusal.code, status=refusal.status)
    return HttpResponse(_content(request.GET.get("token", ""), Wire.WECHAT), content_type="application/gzip")


def _content(token: str, wire: str) -> bytes:
    made = DayFile.objects.filter(token=token, wire=wire).first()
    if made is None:
        raise Http404
    return bytes(made.content)


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise Refused("isv.invalid-arguments", "bill_date") from error
