"""The gateway's wire: our client against the vendor's community SDK, and against a sandbox that checks."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import alipay
import httpx
import pytest
from alipay import AliPay
from alipay.exceptions import AliPayValidationError
from cryptography.hazmat.primitives.asymmetric import rsa

from core import clock
from core import keys as key_files
from integrations import http, keypairs
from integrations.alipay import Gateway, amount, instant, members, signing_text, to_wire
from integrations.errors import BadSignature, ProviderRefused, ProviderUnavailable
from sandbox import conf, keys, visitors
from sandbox.models import OutgoingNotice
from sandbox.services import faults, trades
from sandbox.wsgi import transport

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def gateway(settings: Any) -> Gateway:
    options = settings.PROVIDERS["payments"]["alipay"]["OPTIONS"]
    keys.make_all()
    keypairs.merchant_key(options["private_key"])
    return Gateway(options["gateway"], options["app_id"], options["private_key"], options["alipay_key"])


@pytest.fixture
def sdk(gateway: Gateway) -> AliPay:
    return AliPay(
        appid=gateway.app_id,
        app_notify_url="http://127.0.0.1:8000/api/notices/alipay/",
        app_private_key_string=key_files.read(gateway.private_key).decode(),
        alipay_public_key_string=key_files.read(gateway.alipay_key).decode(),
        sign_type="RSA2",
    )


def call(parameters: dict[str, str], method: str = "POST") -> dict[str, Any]:
    """A request to the sandbox as raw parameters."""
    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        where = {"data": parameters} if method == "POST" else {"params": parameters}
        answer: dict[str, Any] = client.request(method, "/gateway.do", **where).json()  # type: ignore[arg-type]
        return answer


CONTENT = {"out_trade_no": "P1", "subject": "手机 & 平板 {“pro”}", "total_amount": "541.83"}


def test_the_sdk_signs_the_same_text_with_the_same_signature(gateway: Gateway, sdk: AliPay) -> None:
    ours = gateway.signed("alipay.trade.query", CONTENT, at=AT, notify_url="http://127.0.0.1:8000/n/?a=1&b=2")
    unsigned = {name: value for name, value in ours.items() if name != "sign"}
    theirs = sdk.sign_data(unsigned)
    assert sdk._ordered_data(unsigned) == sorted(unsigned.items())
    assert dict(parse_qsl(theirs)) == ours


def test_the_sdk_accepts_our_signature_and_refuses_a_changed_one(gateway: Gateway, sdk: AliPay) -> None:
    ours = gateway.signed("alipay.trade.query", CONTENT, at=AT)
    text = signing_text(ours)
    sdk._alipay_public_key_string = key_files.read(conf.merchant_key()).decode()
    sdk._load_key()
    assert sdk._verify(text, ours["sign"])
    assert not sdk._verify(text.replace("541.83", "541.84"), ours["sign"])


def test_the_sdk_accepts_the_sandboxs_notice(gateway: Gateway, sdk: AliPay) -> None:
    url = gateway.page(
        "alipay.trade.page.pay", {**CONTENT, "product_code": "FAST_INSTANT_TRADE_PAY"}, notify_url="http://127.0.0.1/n"
    )
    visitors.pay(url, "13800010001")
    form = dict(OutgoingNotice.objects.get().form)
    signature = form.pop("sign")
    assert sdk.verify(dict(form), signature)
    assert not sdk.verify(form | {"total_amount": "541.84"}, signature)


def test_a_page_made_by_the_sdk_opens_the_sandboxs_cashier(sdk: AliPay) -> None:
    query = sdk.api_alipay_trade_page_pay(out_trade_no="P1", total_amount="541.83", subject="手机")
    visitors.pay(f"{conf.url()}/gateway.do?{query}", "13800010001")
    assert trades.known("P1", clock.now()).status == "TRADE_SUCCESS"


def test_a_call_made_by_the_sdk_is_answered_and_verified(sdk: AliPay) -> None:
    signed = sdk.build_body("alipay.trade.query", {"out_trade_no": "P404"})
    query = dict(parse_qsl(sdk.sign_data(signed)))
    assert call(query, "GET")["alipay_trade_query_response"]["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_the_sdk_pays_refunds_freezes_and_releases_at_the_sandbox_and_verifies_each_answer(
    sdk: AliPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From end to end without our client; the SDK raises when an answer's signature does not hold."""
    in_process(sdk, monkeypatch)
    query = sdk.api_alipay_trade_page_pay(out_trade_no="P1", total_amount="541.83", subject="手机")
    visitors.pay(f"{conf.url()}/gateway.do?{query}", "13800010001")
    assert sdk.api_alipay_trade_query(out_trade_no="P1")["trade_status"] == "TRADE_SUCCESS"
    refund = {"out_trade_no": "P1", "out_request_no": "R1"}
    assert sdk.api_alipay_trade_refund("100.00", **refund)["fund_change"] == "Y"
    assert sdk.api_alipay_trade_refund("100.00", **refund)["fund_change"] == "N"
    told = sdk.api_alipay_trade_fastpay_refund_query("R1", out_trade_no="P1")
    assert told["refund_status"] == "REFUND_SUCCESS"
    numbers = {"out_order_no": "O1", "out_request_no": "F1"}
    asked = {**numbers, "order_title": "押金", "amount": "800.00", "product_code": "PREAUTH_PAY"}
    page = sdk.server_api("alipay.fund.auth.order.voucher.create", asked)["code_value"]
    visitors.pay(page, "13800010001")
    frozen = sdk.server_api("alipay.fund.auth.operation.detail.query", numbers)
    assert (frozen["status"], frozen["rest_amount"]) == ("SUCCESS", "800.00")
    back = {"auth_no": frozen["auth_no"], "out_request_no": "U1", "amount": "800.00", "remark": "归还"}
    assert sdk.server_api("alipay.fund.auth.order.unfreeze", back)["status"] == "SUCCESS"


def test_an_answer_that_another_key_signed_fails_in_the_sdk_too(sdk: AliPay, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(sdk, monkeypatch)
    faults.order("alipay.trade.query", faults.Kind.FORGED)
    with pytest.raises(AliPayValidationError):
        sdk.api_alipay_trade_query(out_trade_no="P1")


def in_process(sdk: AliPay, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's requests reach the sandbox in this process."""
    sdk._gateway = f"{conf.url()}/gateway.do"

    def urlopen(url: str, **_: Any) -> BytesIO:
        with httpx.Client(transport=transport()) as client:
            return BytesIO(client.get(url).content)

    monkeypatch.setattr(alipay, "urlopen", urlopen)


# what the sandbox refuses


def refusal(parameters: dict[str, str]) -> str:
    answer = call(parameters)
    return str(next(value for name, value in answer.items() if name.endswith("_response"))["sub_code"])


def test_a_rightly_signed_call_reaches_the_business(gateway: Gateway) -> None:
    """The counterpart of the refusals below."""
    assert refusal(gateway.signed("alipay.trade.query", CONTENT, at=clock.now())) == "ACQ.TRADE_NOT_EXIST"


def test_an_empty_parameter_is_sent_but_not_signed(gateway: Gateway) -> None:
    ours = gateway.signed("alipay.trade.query", CONTENT, at=clock.now(), notify_url="")
    assert "notify_url" not in signing_text(ours)
    assert refusal(ours) == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize("field", ["biz_content", "timestamp", "app_id", "version", "charset"])
def test_one_changed_field_breaks_the_signature(gateway: Gateway, field: str) -> None:
    ours = gateway.signed("alipay.trade.query", CONTENT, at=clock.now())
    changed = ours | {field: ours[field][:-1] + chr(ord(ours[field][-1]) ^ 1)}
    assert refusal(changed) in {"isv.invalid-signature", "isv.invalid-app-id"}


def test_an_added_field_breaks_the_signature(gateway: Gateway) -> None:
    ours = gateway.signed("alipay.trade.query", CONTENT, at=clock.now())
    assert refusal(ours | {"notify_url": "http://127.0.0.1/elsewhere"}) == "isv.invalid-signature"


def test_a_call_signed_with_another_key_is_refused(gateway: Gateway) -> None:
    foreign = Gateway(gateway.url, gateway.app_id, "another.pem", gateway.alipay_key)
    with pytest.raises(ProviderRefused) as refused:
        foreign.call("alipay.trade.query", CONTENT, again=False)
    assert refused.value.provider_code == "isv.invalid-signature"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_stale_call_is_refused(gateway: Gateway, minutes: int) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    assert refusal(gateway.signed("alipay.trade.query", CONTENT, at=at)) == "isv.invalid-timestamp"


def test_a_method_that_is_not_offered_is_refused(gateway: Gateway) -> None:
    assert refusal(gateway.signed("alipay.trade.create", CONTENT, at=clock.now())) == "isv.invalid-method"


# how a reply is read


def test_a_reply_that_another_key_signed_is_not_believed(gateway: Gateway) -> None:
    other = Gateway(gateway.url, gateway.app_id, gateway.private_key, conf.merchant_key())
    with pytest.raises(BadSignature):
        other.call("alipay.trade.query", CONTENT, again=False)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":{"x":"}\\"{"},"sign":"s"}',
        '{ "sign" : "s" ,\n "a" : {"x":"}\\"{"} }',
        '{"a":{"x":"}\\"{"},"sign":"s","alipay_cert_sn":"1"}',
    ],
)
def test_the_raw_text_of_a_member_is_found_whatever_is_in_its_strings(text: str) -> None:
    found = members(text)
    assert found["a"] == '{"x":"}\\"{"}'
    assert json.loads(found["sign"]) == "s"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a":1}{"b":2}', '{"a":1,"a":2}', "<html>", '{"a" 1}', "null"])
def test_what_is_not_one_object_with_distinct_names_is_refused(text: str) -> None:
    with pytest.raises(BadSignature):
        members(text)


@pytest.mark.parametrize("text", ["1.005", "-1.00", "NaN", "1e3000", "abc", "1e400000000"])
def test_what_is_no_amount_is_unavailable(text: str) -> None:
    with pytest.raises(ProviderUnavailable):
        amount(text)


def test_instants_are_beijing_time_on_the_wire() -> None:
    assert to_wire(AT) == "2026-03-01 10:03:04"
    assert instant("2026-03-01 10:03:04") == AT
    assert instant("2026-03-01 10:03:04.123") == AT
    assert instant("") is None
    with pytest.raises(ProviderUnavailable):
        instant("2026-02-30 10:00:00")


def test_the_page_address_carries_every_signed_parameter(gateway: Gateway) -> None:
    query = parse_qs(urlsplit(gateway.page("alipay.trade.page.pay", CONTENT, return_url="http://127.0.0.1/b")).query)
    common = {"app_id", "method", "format", "charset", "sign_type", "timestamp", "version"}
    assert set(query) == common | {"biz_content", "return_url", "sign"}
    assert json.loads(query["biz_content"][0]) == CONTENT


# the connection


def test_a_client_reaches_no_other_host() -> None:
    client = http.client("http://127.0.0.1:8001/gateway.do")
    with pytest.raises(httpx.UnsupportedProtocol):
        client.get("http://127.0.0.1:9999/")


def test_a_reply_is_signed_over_its_exact_text(gateway: Gateway) -> None:
    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        text = client.post("/gateway.do", data=gateway.signed("alipay.trade.query", CONTENT, at=clock.now())).text
    raw = members(text)
    key = keys.alipay().public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signature = json.loads(raw["sign"])
    assert b64encode(b64decode(signature)).decode() == signature
    gateway._verify(raw["alipay_trade_query_response"], signature)
    with pytest.raises(BadSignature):
        gateway._verify(raw["alipay_trade_query_response"] + " ", signature)
