"""TC3-HMAC-SHA256: the vendor's own worked example, and a sandbox that checks; places by number; receipts of both."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core import clock
from integrations import registry, tc3
from integrations.errors import BadSignature, ProviderRefused
from integrations.tc3 import Tc3
from sandbox import conf
from sandbox.models import SmsMessage
from sandbox.wsgi import transport

# "Signature method v3", Tencent Cloud's document centre: the DescribeInstances example and its result.
EXAMPLE_BODY = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
EXAMPLE_SIGNATURE = "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
PHONE = "13800010001"
ASKED = {
    "PhoneNumberSet": [f"+86{PHONE}"], "SmsSdkAppId": "1400000001", "SignName": "信租", "TemplateId": "T1",
    "TemplateParamSet": [], "SessionContext": "",
}  # fmt: skip


def test_the_vendors_worked_example_comes_out() -> None:
    at = datetime.fromtimestamp(1551113065, UTC)
    header = tc3.authorization(
        "cvm", "cvm.tencentcloudapi.com", EXAMPLE_BODY, at,
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
    )  # fmt: skip
    assert header == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={EXAMPLE_SIGNATURE}"
    )


@pytest.fixture
def api(settings: Any) -> Tc3:
    options = settings.PROVIDERS["sms"]["tencent"]["OPTIONS"]
    return Tc3(
        options["endpoint"], options["secret_id"], options["secret_file"], "sms", "2021-01-11", "ap-guangzhou", "x"
    )


def code(api: Tc3, headers: dict[str, str], body: bytes) -> str:
    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        answer = client.post(httpx.URL(api.endpoint).path, content=body, headers=headers).json()["Response"]
    return str(answer["Error"]["Code"] if "Error" in answer else answer["SendStatusSet"][0]["Code"])


def body(**change: object) -> bytes:
    return json.dumps({**ASKED, **change}).encode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, "Ok"),
        ({"content-type": "application/json"}, "AuthFailure.SignatureFailure"),
        ({"x-tc-timestamp": "1551113065"}, "AuthFailure.SignatureExpire"),
        ({"authorization": "Basic x"}, "AuthFailure.InvalidAuthorization"),
        ({"x-tc-action": "SendStatistics"}, "InvalidAction"),
    ],
)
def test_a_changed_request_is_refused(api: Tc3, change: dict[str, str], wanted: str) -> None:
    headers = api.signed_headers("SendSms", body(), at=clock.now())
    assert code(api, headers | change, body()) == wanted


@pytest.mark.django_db
def test_another_body_secret_or_hour_is_refused(api: Tc3) -> None:
    headers = api.signed_headers("SendSms", body(), at=clock.now())
    assert code(api, headers, body() + b" ") == "AuthFailure.SignatureFailure"
    late = api.signed_headers("SendSms", body(), at=clock.now() - timedelta(minutes=6))
    assert code(api, late, body()) == "AuthFailure.SignatureExpire"
    other = Tc3(api.endpoint, api.secret_id, "another-secret", "sms", "2021-01-11", "ap-guangzhou", "x")
    assert code(api, other.signed_headers("SendSms", body(), at=clock.now()), body()) == "AuthFailure.SignatureFailure"
    assert not SmsMessage.objects.exists()


@pytest.mark.django_db
def test_the_values_fill_the_numbered_places_in_their_order(settings: Any) -> None:
    settings.SANDBOX_SMS_TEMPLATES = {"T1": "订单 ${order} 的设备已寄出，运单号 ${waybill}。"}
    registry.sms("tencent").send(PHONE, "T1", {"order": "XO1", "waybill": "SF1"}, "message-1")
    sent = SmsMessage.objects.get()
    assert (sent.text, sent.out_id) == ("【信租】订单 XO1 的设备已寄出，运单号 SF1。", "message-1")
    with pytest.raises(ProviderRefused, match="NotMatchApprovedTemplate"):
        registry.sms("tencent").send(PHONE, "T1", {"order": "XO1"}, "message-2")


ALIYUN = {
    "phone_number": PHONE, "send_time": "2026-03-02 10:10:00", "report_time": "2026-03-02 10:10:03", "success": False,
    "err_code": "UNDELIV", "err_msg": "用户关机", "sms_size": "1", "biz_id": "9", "out_id": "message-7",
}  # fmt: skip
TENCENT = {
    "user_receive_time": "2026-03-02 10:10:03", "nationcode": "86", "mobile": PHONE, "report_status": "FAIL",
    "errmsg": "UNDELIV", "description": "用户关机", "sid": "9",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "row", "out_id", "taken"),
    [
        ("aliyun", ALIYUN, "message-7", {"code": 0, "msg": "成功"}),
        ("tencent", TENCENT, "", {"result": 0, "errmsg": "OK"}),
    ],
)
def test_receipts_are_read_and_answered_as_each_vendor_wants(
    name: str, row: dict[str, object], out_id: str, taken: object
) -> None:
    provider = registry.sms(name)
    [told] = provider.parse_receipts(json.dumps([row]).encode())
    assert (told.provider_id, told.out_id, told.phone, told.arrived) == ("9", out_id, PHONE, False)
    assert (told.reason, told.at) == ("UNDELIV 用户关机", datetime(2026, 3, 2, 2, 10, 3, tzinfo=UTC))
    assert json.loads(provider.acknowledgement()) == taken
    timeless = json.dumps([{**row, "report_time": 1, "user_receive_time": ""}]).encode()
    for junk in (b"", b"{}", b"[]", b"[1]", b"\xff", timeless):
        with pytest.raises(BadSignature):
            provider.parse_receipts(junk)
