"""ACS3-HMAC-SHA256: the vendor's own worked example, the vendor's own code, and a sandbox that checks."""

import hashlib
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import httpx
import pytest

from core import clock
from integrations import acs3, keypairs, registry
from integrations.acs3 import Acs3
from integrations.errors import ProviderRefused
from sandbox import conf
from sandbox.models import SmsMessage
from sandbox.wsgi import transport

# "Request syntax and signature method V3", Alibaba Cloud help centre: the RunInstances example and its result.
EXAMPLE_KEY, EXAMPLE_SECRET = "YourAccessKeyId", "YourAccessKeySecret"
EXAMPLE_QUERY = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
EXAMPLE_HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}
AT = datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC)
EXAMPLE_SIGNATURE = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def test_the_vendors_worked_example_comes_out() -> None:
    header = acs3.authorization("POST", "/", EXAMPLE_QUERY, EXAMPLE_HEADERS, EXAMPLE_KEY, EXAMPLE_SECRET)
    assert header == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        f"x-acs-date;x-acs-signature-nonce;x-acs-version,Signature={EXAMPLE_SIGNATURE}"
    )


@pytest.fixture
def api(settings: Any) -> Acs3:
    options = settings.PROVIDERS["sms"]["default"]["OPTIONS"]
    return Acs3(options["endpoint"], options["access_key_id"], options["secret_file"], "2017-05-25", "aliyun-sms")


BODY = acs3.query({"PhoneNumbers": "13800010001", "TemplateParam": '{"name":"王 芳~*"}'}).encode()


def test_the_vendors_code_signs_our_request_alike(api: Acs3) -> None:
    vendor = pytest.importorskip("alibabacloud_openapi_util.client").Client
    ours = api.signed_headers("SendSms", BODY, at=AT, nonce="n1")
    request = import_module("Tea.request").TeaRequest()
    request.method, request.pathname, request.query = "POST", httpx.URL(api.endpoint).path, {}
    request.headers = {name: value for name, value in ours.items() if name != "authorization"}
    theirs = vendor.get_authorization(
        request,
        "ACS3-HMAC-SHA256",
        hashlib.sha256(BODY).hexdigest(),
        api.access_key_id,
        keypairs.shared_secret(api.secret_file),
    )
    assert theirs == ours["authorization"]


def test_parameters_are_encoded_as_rfc_3986_has_it() -> None:
    assert acs3.query({"b": "a b~*/", "a": "王"}) == "a=%E7%8E%8B&b=a%20b~%2A%2F"


def sent(api: Acs3, headers: dict[str, str], body: bytes = BODY) -> tuple[int, str]:
    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        reply = client.post(httpx.URL(api.endpoint).path, content=body, headers=headers)
    return reply.status_code, reply.json()["Code"]


FULL = acs3.query({"PhoneNumbers": "13800010001", "SignName": "信租", "TemplateCode": "T1"}).encode()


@pytest.mark.django_db
def test_a_rightly_signed_request_is_taken_once(api: Acs3) -> None:
    headers = api.signed_headers("SendSms", FULL, at=clock.now(), nonce="n1")
    assert sent(api, headers, FULL) == (200, "OK")
    assert sent(api, headers, FULL) == (400, "SignatureNonceUsed")
    assert SmsMessage.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"x-acs-action": "SendBatchSms"}, "SignatureDoesNotMatch"),
        ({"x-acs-signature-nonce": "n2"}, "SignatureDoesNotMatch"),
        ({"authorization": "Basic x"}, "MissingAuthorization"),
        ({"x-acs-content-sha256": hashlib.sha256(b"other").hexdigest()}, "SignatureDoesNotMatch"),
    ],
)
def test_a_changed_request_is_refused(api: Acs3, change: dict[str, str], code: str) -> None:
    headers = api.signed_headers("SendSms", FULL, at=clock.now(), nonce="n1")
    assert sent(api, headers | change, FULL) == (400, code)


@pytest.mark.django_db
def test_a_changed_body_is_refused(api: Acs3) -> None:
    headers = api.signed_headers("SendSms", FULL, at=clock.now(), nonce="n1")
    assert sent(api, headers, FULL + b"0") == (400, "SignatureDoesNotMatch")
    assert not SmsMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_stale_request_is_refused(api: Acs3, minutes: int) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    headers = api.signed_headers("SendSms", FULL, at=at, nonce="n1")
    assert sent(api, headers, FULL) == (400, "InvalidTimeStamp.Expired")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret_file": "another-secret"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "another"}, "InvalidAccessKeyId.NotFound"),
    ],
)
def test_another_secret_or_key_id_is_refused(settings: Any, change: dict[str, str], code: str) -> None:
    options = settings.PROVIDERS["sms"]["default"]["OPTIONS"] | change
    settings.PROVIDERS = settings.PROVIDERS | {
        "sms": {"default": {**settings.PROVIDERS["sms"]["default"], "OPTIONS": options}}
    }
    with pytest.raises(ProviderRefused) as refused:
        registry.sms().send("13800010001", "T1", {}, "1")
    assert refused.value.provider_code == code
