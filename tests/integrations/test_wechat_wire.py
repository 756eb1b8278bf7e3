"""WeChat Pay's wire: our client and the sandbox, each against the vendor's community SDK (wechatpayv3), both ways.

The SDK is asked for what it knows: to sign, to verify, to open a sealed notice, to call. It never reaches a network.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import requests
import time_machine
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3 import utils as theirs

from core import clock
from core import keys as key_files
from core.calendar import business_date, instant
from integrations import keypairs, registry
from integrations.errors import BadSignature, CallRefused, ProviderRefused, ProviderUnavailable
from integrations.payments import (
    ClientCall,
    DisputeNews,
    DisputeStatus,
    PayIntent,
    PaymentFact,
    Status,
    wechat_complaints,
)
from integrations.payments.wechat import WechatPay
from sandbox import conf, keys, visitors
from sandbox.services import notices, people, wechat
from sandbox.services.notices import Answer, Letter
from sandbox.wsgi import transport
from tests.integrations.adapters import PHONE, posted

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NOTIFY = "http://127.0.0.1:8000/api/notices/wechat/"
PARTS = re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture
def ours() -> WechatPay:
    keys.make_all()
    adapter = registry.get("payments", "wechat")
    assert isinstance(adapter, WechatPay)
    keypairs.merchant_key(adapter.private_key)
    return adapter


@pytest.fixture
def sdk(ours: WechatPay, monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChatPay]:
    """As a merchant would set it up, with the sandbox for its host: its requests are prepared by its own library."""
    [(platform_id, platform_key)] = ours.platform_keys.items()
    made = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=ours.merchant,
        private_key=key_files.read(ours.private_key).decode(),
        cert_serial_no=ours.serial,
        appid=ours.app_id,
        apiv3_key=keypairs.shared_secret(ours.v3_key),
        notify_url=NOTIFY,
        public_key=key_files.read(platform_key).decode(),
        public_key_id=platform_id,
    )
    made._core._gate_way = conf.url()
    with httpx.Client(transport=transport()) as client:

        def send(method: str, url: str, headers: Any, json: Any = None, **_: Any) -> httpx.Response:
            prepared = requests.Request(method, url, headers=headers, json=json).prepare()
            assert prepared.body is None or isinstance(prepared.body, bytes)
            return client.request(method, url, content=prepared.body, headers=headers_of(prepared))

        monkeypatch.setattr(requests, "get", lambda url, **named: send("GET", url, **named))
        monkeypatch.setattr(requests, "post", lambda url, **named: send("POST", url, **named))
        yield made


def headers_of(prepared: requests.PreparedRequest) -> dict[str, str]:
    return {name: str(value) for name, value in prepared.headers.items()}


def paid(ours: WechatPay, number: str = "P1") -> PaymentFact:
    intent = PayIntent(
        number, Decimal("541.83"), "租金", clock.now() + timedelta(minutes=30), "http://127.0.0.1/", "phone"
    )
    way = ours.pay(intent)
    visitors.pay(way.url, PHONE)  # type: ignore[union-attr]
    return ours.query(number)


# what we sign


def test_the_sdk_signs_a_call_as_we_do(ours: WechatPay) -> None:
    path, body = "/wechat/v3/pay/transactions/h5", json.dumps({"description": "手机 & 平板"}, ensure_ascii=False)
    with time_machine.travel(AT, tick=False):
        told = dict(
            PARTS.findall(ours._api._headers("POST", path.removeprefix("/wechat"), body.encode())["authorization"])
        )
        key = theirs.load_private_key(key_files.read(ours.private_key).decode())
        args = (path, "POST", ours.merchant, ours.serial, key)
        same = dict(PARTS.findall(theirs.build_authorization(*args, data=body, nonce_str=told["nonce_str"])))
    assert same == told


def test_the_sdk_accepts_our_signature_and_refuses_a_changed_call(ours: WechatPay) -> None:
    body = '{"out_trade_no":"P1"}'
    told = dict(PARTS.findall(ours._api._headers("POST", "/v3/x", body.encode())["authorization"]))
    public = theirs.load_public_key(key_files.read(conf.wechat_merchant_key()).decode())

    def holds(method: str, body: str) -> bool:  # the SDK joins three parts by lines; a call's text has five
        rest = f"{told['timestamp']}\n{told['nonce_str']}\n{body}"
        return bool(theirs.rsa_verify(method, "/wechat/v3/x", rest, told["signature"], public))

    assert holds("POST", body)
    assert not holds("GET", body)
    assert not holds("POST", body.replace("P1", "P2"))


def test_the_browser_inside_wechat_gets_what_the_sdk_would_sign(ours: WechatPay, sdk: WeChatPay) -> None:
    intent = PayIntent(
        "P1", Decimal("1.00"), "租金", clock.now() + timedelta(minutes=30), "http://127.0.0.1/", "wechat", payer_id="o1"
    )
    way = ours.pay(intent)
    assert isinstance(way, ClientCall)
    told = way.parameters
    assert told["paySign"] == sdk.sign([told["appId"], told["timeStamp"], told["nonceStr"], told["package"]])


def test_who_holds_the_browser_is_told_for_a_code_once(ours: WechatPay) -> None:
    page = ours.ask_payer("http://127.0.0.1:8000/payments/P1/payer/?a=b", "s 1").url
    back = visitors.known_to_wechat(page, PHONE)
    told = dict(parse_qsl(urlsplit(back).query))
    assert (back.split("?")[0], told["a"], told["state"]) == ("http://127.0.0.1:8000/payments/P1/payer/", "b", "s 1")
    assert ours.payer(told["code"]) == f"o{people.account(PHONE).user_id}"
    with pytest.raises(ProviderRefused):
        ours.payer(told["code"])


@pytest.mark.parametrize("wrong", [{"app_id": "wx1"}, {"app_secret": "another-secret"}])
def test_a_wrong_secret_of_ours_is_not_the_payers_fault(ours: WechatPay, wrong: dict[str, str]) -> None:
    back = visitors.known_to_wechat(ours.ask_payer("http://x/", "s").url, PHONE)
    with pytest.raises(CallRefused):
        replace(ours, **wrong).payer(dict(parse_qsl(urlsplit(back).query))["code"])  # type: ignore[arg-type]


# what the sandbox says


def test_the_sdk_calls_the_sandbox_and_verifies_each_answer(sdk: WeChatPay, ours: WechatPay) -> None:
    """A payment from end to end without our client; `request` raises when an answer's signature does not hold."""
    code, answer = sdk.pay(description="手机", out_trade_no="P1", amount={"total": 54183})
    assert code == 200
    visitors.pay(json.loads(answer)["code_url"], PHONE)
    code, answer = sdk.query(out_trade_no="P1")
    assert (code, json.loads(answer)["trade_state"]) == (200, "SUCCESS")
    amount = {"refund": 4183, "total": 54183, "currency": "CNY"}
    code, answer = sdk.refund(out_refund_no="R1", amount=amount, out_trade_no="P1")
    assert (code, json.loads(answer)["status"]) == (200, "PROCESSING")
    wechat.settle_due(clock.now() + timedelta(minutes=1))
    assert json.loads(sdk.query_refund(out_refund_no="R1")[1])["status"] == "SUCCESS"
    fact = ours.query("P1")
    assert (fact.status, fact.amount) == (Status.SUCCEEDED, Decimal("541.83"))


def test_the_sdk_closes_what_our_client_opened(ours: WechatPay, sdk: WeChatPay) -> None:
    ours.pay(PayIntent("P1", Decimal("1.00"), "租金", clock.now() + timedelta(minutes=30), "http://127.0.0.1/"))
    code, _answer = sdk.close(out_trade_no="P1")
    assert code == 204
    assert ours.query("P1").status is Status.CLOSED


def test_an_answer_that_another_key_signed_fails_in_the_sdk_too(
    sdk: WeChatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk.pay(description="手机", out_trade_no="P1", amount={"total": 100})
    monkeypatch.setattr(keys, "wechat", keys.forger)
    with pytest.raises(Exception, match="failed to verify"):
        sdk.query(out_trade_no="P1")


def test_the_sdk_fetches_the_statement_that_we_read(ours: WechatPay, sdk: WeChatPay) -> None:
    with time_machine.travel(AT, tick=False):
        paid(ours)
    morning = instant(AT.date() + timedelta(days=1), 10)
    with time_machine.travel(morning, tick=False):
        _code, told = sdk.trade_bill(bill_date=AT.date().isoformat())
        _code, packed = sdk.download_bill(json.loads(told)["download_url"])
        statement = ours.statement(AT.date())
    assert gzip.decompress(packed) == gzip.decompress(statement.content)
    assert [(line.request_no, line.amount) for line in statement.lines] == [("P1", Decimal("541.83"))]


def test_the_sdk_reads_the_complaints_that_we_read(ours: WechatPay, sdk: WeChatPay) -> None:
    paid(ours)
    today = business_date(clock.now())
    visitors.complain("P1", "屏幕碎了")
    [listed] = json.loads(sdk.complaint_list_query(today.isoformat())[1])["data"]
    told = json.loads(sdk.complaint_detail_query(listed["complaint_id"])[1])
    [fact] = ours.disputes(today)
    assert told == listed
    assert ours.query_dispute(told["complaint_id"]) == fact
    assert (fact.request_no, fact.amount, fact.status, fact.reason, fact.withheld) == (
        "P1", Decimal("541.83"), DisputeStatus.OPEN, "屏幕碎了", False,
    )  # fmt: skip
    visitors.decide_complaint("P1", gives_back=True)
    decided = ours.query_dispute(fact.dispute_no)
    assert decided is not None
    assert decided.status is DisputeStatus.LOST
    assert ours.disputes(today - timedelta(days=1)) == ()
    news = [ours.parse_notice(one.body, one.headers, clock.now()) for one in posted(clock.now())][1:]
    assert [(one.kind, one.fact) for one in news] == [("dispute", DisputeNews(fact.dispute_no))] * 2


ORDER = {"out_trade_no": "P1", "amount": 54183}
COMPLAINT = {
    "complaint_id": "2026", "complaint_state": "PENDING", "problem_type": "REFUND", "apply_refund_amount": 100,
    "complaint_order_info": [ORDER],
}  # fmt: skip


def test_what_asks_for_no_money_or_is_about_several_orders_is_no_dispute() -> None:
    assert wechat_complaints.fact(COMPLAINT) is not None
    assert wechat_complaints.fact({**COMPLAINT, "problem_type": "SERVICE_NOT_WORK"}) is None
    assert wechat_complaints.fact({**COMPLAINT, "complaint_order_info": [ORDER, ORDER]}) is None
    whole = wechat_complaints.fact({name: value for name, value in COMPLAINT.items() if name != "apply_refund_amount"})
    assert whole is not None
    assert whole.amount == Decimal("541.83")


@pytest.mark.parametrize(
    "wrong", [{"complaint_state": "ODD"}, {"apply_refund_amount": -1}, {"apply_refund_amount": "1"},
              {"complaint_id": "../x"}, {"complaint_time": "yesterday"}],
)  # fmt: skip
def test_a_complaint_that_makes_no_sense_says_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ProviderUnavailable):
        wechat_complaints.fact({**COMPLAINT, **wrong})


# notices


def letter(ours: WechatPay) -> Letter:
    paid(ours)
    [found] = posted(clock.now())
    return found


def test_the_sdk_opens_the_sandboxs_sealed_notice(ours: WechatPay, sdk: WeChatPay) -> None:
    found = letter(ours)
    opened = sdk.callback(httpx.Headers(dict(found.headers)), found.body)
    notice = ours.parse_notice(found.body, found.headers, clock.now())
    assert isinstance(notice.fact, PaymentFact)
    assert opened["id"] == notice.notice_id
    assert opened["resource"]["transaction_id"] == notice.fact.trade_no
    assert opened["resource"]["amount"]["total"] == 54183


def test_neither_opens_a_notice_with_a_changed_byte(ours: WechatPay, sdk: WeChatPay) -> None:
    found = letter(ours)
    changed = found.body.replace(b'"id": "', b'"id": "0', 1)
    assert changed != found.body
    assert sdk.callback(httpx.Headers(dict(found.headers)), changed) is None
    with pytest.raises(BadSignature):
        ours.parse_notice(changed, found.headers, clock.now())


def test_neither_opens_a_resource_sealed_with_another_key(
    ours: WechatPay, sdk: WeChatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "wechat_v3_key", lambda: b"0" * 32)
    found = letter(ours)
    assert sdk.callback(httpx.Headers(dict(found.headers)), found.body) is None
    with pytest.raises(BadSignature):
        ours.parse_notice(found.body, found.headers, clock.now())


def test_a_genuine_notice_that_is_thirty_days_old_is_refused_by_us_though_the_sdk_takes_it(
    ours: WechatPay, sdk: WeChatPay
) -> None:
    found = letter(ours)
    assert sdk.callback(httpx.Headers(dict(found.headers)), found.body)
    with pytest.raises(BadSignature) as refused:
        ours.parse_notice(found.body, found.headers, clock.now() + timedelta(days=30))
    assert refused.value.detail == "not fresh"


# what the real world does


def test_any_2xx_ends_a_notice_for_ever_and_anything_else_is_repeated_on_wechats_timetable(ours: WechatPay) -> None:
    paid(ours)
    at, tries = clock.now(), []

    def refuse(letter: Letter) -> Answer:
        tries.append(letter)
        return Answer(500, "")

    for minutes in range(26 * 60):
        notices.deliver_due(at + timedelta(minutes=minutes), refuse)
    assert len(tries) == 16  # 15, 15, 30 s, 3, 10, 20, 30, 30, 30, 60 min, 3, 3, 3, 6, 6 h after the first
    assert len({json.loads(one.body)["id"] for one in tries}) == 1
    paid(ours, "P2")
    taken: list[Letter] = []

    def take(letter: Letter) -> Answer:
        taken.append(letter)
        return Answer(204, "")

    later = clock.now() + timedelta(days=3)
    assert notices.deliver_due(later, take) == 1
    assert notices.deliver_due(later + timedelta(days=3), take) == 0
