"""Aliyun's RPC endpoints: SendSms, QuerySmsTemplateList, Id2MetaVerify, Mobile3MetaDetailVerify."""

import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from core import clock
from sandbox import acs3, conf, keys, magic
from sandbox.acs3 import Mismatch
from sandbox.magic import Quirk
from sandbox.models import FaultOrder, SpentNonce
from sandbox.services import faults, people, sms

Kind = FaultOrder.Kind
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
CARRIERS = {"3": "CMCC", "5": "CMCC", "8": "CMCC", "6": "CUCC", "7": "CTCC", "9": "CTCC"}
SLOW_S = 2


class _Down(Exception):
    """This person's register does not answer."""


@require_POST
def dysms(request: HttpRequest) -> HttpResponse:
    return _answer(request, "2017-05-25", {"SendSms": _send_sms, "QuerySmsTemplateList": _templates})


@require_POST
def cloudauth(request: HttpRequest) -> HttpResponse:
    actions = {"Id2MetaVerify": _check_identity, "Mobile3MetaDetailVerify": _check_phone_owner}
    return _answer(request, "2019-03-07", actions)


def _answer(request: HttpRequest, version: str, actions: Mapping[str, Any]) -> HttpResponse:
    at = clock.now()
    try:
        _verify(request, at)
        action = request.headers["x-acs-action"]
        if action not in actions or request.headers["x-acs-version"] != version:
            raise Mismatch("InvalidAction.NotFound", "Specified api is not found.")
    except Mismatch as mismatch:
        return _json({"Code": mismatch.code, "Message": mismatch.message}, 400)
    fault = faults.take(action)
    if fault and fault.kind == Kind.DOWN:
        return _json({"Code": "ServiceUnavailable", "Message": "down"}, 503)
    try:
        content = actions[action](request.POST, at)
    except _Down:
        return _json({"Code": "ServiceUnavailable", "Message": "down"}, 503)
    if fault and fault.kind == Kind.LOSE_REPLY:
        return _json({"Code": "InternalError", "Message": "lost"}, 500)
    return _json(content, 200)


def _verify(request: HttpRequest, at: datetime) -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    acs3.verify(
        request.method or "",
        request.path,
        request.META.get("QUERY_STRING", ""),
        headers,
        request.body,
        key_id=conf.access_key_id(),
        secret=keys.aliyun_secret(),
        at=at,
    )
    try:
        with transaction.atomic():
            SpentNonce.objects.create(value=headers["x-acs-signature-nonce"][:64], spent_at=at)
    except IntegrityError as error:
        raise Mismatch("SignatureNonceUsed", "Specified signature nonce was used already.") from error


def _json(content: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse({"RequestId": secrets.token_hex(16).upper(), **content}, status=status)


def _send_sms(form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    phone = form.get("PhoneNumbers", "")
    if not re.fullmatch(r"\+?\d{5,15}", phone, re.ASCII) or (len(phone) == 11 and not MOBILE.fullmatch(phone)):
        return {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": f"{phone}invalid mobile number"}
    try:
        params = json.loads(form.get("TemplateParam") or "{}")
    except ValueError:
        return {"Code": "isv.INVALID_JSON_PARAM", "Message": "JSON参数不合法，只接受字符串值"}
    if not isinstance(params, dict) or not all(isinstance(value, str) for value in params.values()):
        return {"Code": "isv.INVALID_JSON_PARAM", "Message": "JSON参数不合法，只接受字符串值"}
    if not form.get("TemplateCode") or not form.get("SignName"):
        return {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "该账号下找不到对应模板"}
    made = sms.send(phone, form["SignName"], form["TemplateCode"], params, form.get("OutId", ""), at, "aliyun")
    return {"Code": "OK", "Message": "OK", "BizId": made.biz_id}


def _templates(form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """The approved templates, by pages."""
    number, size = (form.get(name, "") for name in ("PageIndex", "PageSize"))
    if not all(re.fullmatch(r"[1-9]\d?", text, re.ASCII) for text in (number, size)):
        return {"Code": "isv.INVALID_PARAMETERS", "Message": "参数异常"}
    approved, first = sorted(conf.sms_templates().items()), (int(number) - 1) * int(size)
    rows = [
        {"TemplateCode": code, "TemplateContent": text, "AuditStatus": "AUDIT_STATE_PASS"}
        for code, text in approved[first : first + int(size)]
    ]
    return {
        "Code": "OK",
        "Message": "OK",
        "TotalCount": len(approved),
        "CurrentPage": int(number),
        "PageSize": int(size),
        "SmsTemplateList": rows,
    }


def _check_identity(form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    name, number = form.get("UserName", ""), form.get("IdentifyNum", "")
    if not name or not magic.is_valid(number):
        return {"Code": "401", "Message": "参数非法"}
    return _registered(_awaited(number), {Quirk.IDENTITY_MISMATCH: "2", Quirk.NO_RECORD: "3"}, {})


def _check_phone_owner(form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    name, number, phone = form.get("UserName", ""), form.get("IdentifyNum", ""), form.get("Mobile", "")
    if not name or not magic.is_valid(number) or not MOBILE.fullmatch(phone):
        return {"Code": "401", "Message": "参数非法"}
    quirk = _awaited(number)
    says = {Quirk.IDENTITY_MISMATCH: "2", Quirk.PHONE_MISMATCH: "2", Quirk.NO_RECORD: "3"}
    answer = _registered(quirk, says, {"IspName": CARRIERS.get(phone[1], "CMCC")})
    if answer["ResultObject"]["BizCode"] == "1":
        people.know(name, number, phone)
    return answer


def _awaited(number: str) -> Quirk:
    quirk = magic.quirk(number)
    if quirk == Quirk.DOWN:
        raise _Down
    if quirk == Quirk.SLOW:
        time.sleep(SLOW_S)
    return quirk


def _registered(quirk: Quirk, says: Mapping[Quirk, str], more: dict[str, str]) -> dict[str, Any]:
    biz_code = says.get(quirk, "1")
    sub_codes = {"1": "101", "2": "201", "3": "301"}
    found = {"BizCode": biz_code, **({"SubCode": sub_codes[biz_code], **more} if more else {})}
    return {"Code": "200", "Message": "success", "ResultObject": found}
