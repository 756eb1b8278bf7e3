"""Tencent Cloud's SMS endpoint: SendSms, DescribeSmsTemplateList (2021-01-11)."""

import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from core import clock
from sandbox import conf, keys, tc3
from sandbox.models import FaultOrder
from sandbox.services import faults, sms
from sandbox.tc3 import Mismatch

Kind = FaultOrder.Kind
Answer = Callable[[datetime], dict[str, Any]]
PHONE = re.compile(r"\+861[3-9]\d{9}|\+(?!86)\d{5,15}", re.ASCII)


@require_POST
def endpoint(request: HttpRequest) -> HttpResponse:
    """Every answer but a broken one is 200; what went wrong stands in it."""
    at = clock.now()
    try:
        action, asked = _asked(request, at)
        answered = ACTIONS[action](asked)
    except Mismatch as mismatch:
        return _json({"Error": {"Code": mismatch.code, "Message": mismatch.message}})
    fault = faults.take(action)
    if fault and fault.kind == Kind.DOWN:
        return HttpResponse("down", status=503)
    told = answered(at)
    if fault and fault.kind == Kind.LOSE_REPLY:
        return _json({"Error": {"Code": "InternalError.OtherError", "Message": "lost"}})
    return _json(told)


def _asked(request: HttpRequest, at: datetime) -> tuple[str, dict[str, Any]]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    tc3.verify(
        headers, request.body, service="sms", secret_id=conf.tencent_secret_id(), secret=keys.tencent_secret(), at=at
    )
    action = headers.get("x-tc-action", "")
    if action not in ACTIONS or headers.get("x-tc-version") != "2021-01-11":
        raise Mismatch("InvalidAction", "The request action or its version is not known.")
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise Mismatch("InvalidParameter", "The body is not JSON.") from error
    if not isinstance(asked, dict):
        raise Mismatch("InvalidParameter", "A parameter has the wrong type.")
    return action, asked


def _to_send(asked: dict[str, Any]) -> Answer:
    lists = ("PhoneNumberSet", "TemplateParamSet")
    if not all(isinstance(asked.get(name), list) for name in lists):
        raise Mismatch("InvalidParameter", "A parameter has the wrong type.")
    if not asked["PhoneNumberSet"] or not all(isinstance(each, str) for name in lists for each in asked[name]):
        raise Mismatch("InvalidParameter", "A parameter has the wrong type.")
    if asked.get("SmsSdkAppId") != conf.tencent_sms_app():
        raise Mismatch("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "The SmsSdkAppId is not yours.")
    return lambda at: {"SendStatusSet": [_send(phone, asked, at) for phone in asked["PhoneNumberSet"]]}


def _to_list(asked: dict[str, Any]) -> Answer:
    if asked.get("International") not in (0, 1):
        raise Mismatch("InvalidParameterValue", "International is 0 or 1.")
    return lambda _at: {"DescribeTemplateStatusSet": []}


def _send(phone: str, asked: dict[str, Any], at: datetime) -> dict[str, Any]:
    context = str(asked.get("SessionContext", ""))
    status = {"SerialNo": "", "PhoneNumber": phone, "Fee": 0, "SessionContext": context, "IsoCode": "CN"}
    if not PHONE.fullmatch(phone):
        return status | {"Code": "InvalidParameterValue.IncorrectPhoneNumber", "Message": "incorrect phone number"}
    template, sign = str(asked.get("TemplateId") or ""), str(asked.get("SignName") or "")
    params = sms.numbered(template, asked["TemplateParamSet"])
    if params is None:
        code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        return status | {"Code": code, "Message": "the values are not as many as the places"}
    if not template or not sign:
        return status | {"Code": "FailedOperation.TemplateIncorrectOrUnapproved", "Message": "no such template"}
    made = sms.send(phone.removeprefix("+86"), sign, template, params, context, at, "tencent")
    return status | {"SerialNo": made.biz_id, "Fee": 1, "Code": "Ok", "Message": "send success"}


ACTIONS: dict[str, Callable[[dict[str, Any]], Answer]] = {"SendSms": _to_send, "DescribeSmsTemplateList": _to_list}


def _json(content: dict[str, Any]) -> JsonResponse:
    return JsonResponse({"Response": {**content, "RequestId": secrets.token_hex(16)}})
