"""WeChat Pay v3: pages for phones (h5), codes to scan (native), the browser inside WeChat (jsapi), refunds.

It has no freeze: a deposit through it is paid and refunded. A refund is accepted first and may fail days later.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import quote

from core import clock, money
from core.calendar import SHANGHAI
from integrations.errors import BadSignature, NotYet, ProviderRefused, ProviderUnavailable
from integrations.payments import (
    NOBODYS,
    ClientCall,
    Code,
    DisputeFact,
    DisputeNews,
    Notice,
    PayIntent,
    PaymentFact,
    Redirect,
    RefundFact,
    RefundStatus,
    Statement,
    Status,
    Way,
    files,
    wechat_bill,
    wechat_complaints,
    wechat_payers,
)
from integrations.payments.notices import understood
from integrations.wechat import CALLED, SIGNATURE_HEADERS, Api, instant

Known = TypeVar("Known")
STATES: Final = {
    "SUCCESS": Status.SUCCEEDED,
    "REFUND": Status.SUCCEEDED,  # it came in, and some of it went back
    "NOTPAY": Status.OPEN,
    "USERPAYING": Status.OPEN,
    "PAYERROR": Status.OPEN,
    "CLOSED": Status.CLOSED,
    "REVOKED": Status.CLOSED,
}
REFUND_STATES: Final = {
    "SUCCESS": RefundStatus.SUCCEEDED,
    "PROCESSING": RefundStatus.PENDING,
    "ABNORMAL": RefundStatus.FAILED,
    "CLOSED": RefundStatus.FAILED,
}
NOT_THERE: Final = frozenset({"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})
NO_BILL: Final = frozenset({"NO_STATEMENT_EXIST", "STATEMENT_CREATING"})
ABILITIES: Final = frozenset({"h5", "native", "jsapi", "refund", "statement", "dispute"})
ENTRIES: Final = {"desktop": "native", "phone": "h5", "wechat": "jsapi"}


@dataclass(frozen=True, slots=True)
class WechatPay:
    """`merchant_id` names app and merchant: money that came for another app of ours is not this platform's.

    `payer_page`, `payer_url` and `app_secret` (a key file) belong to an official account: without one the browser
    inside WeChat cannot pay by script, and is shown a code.
    """

    called: ClassVar[str] = CALLED
    signature_headers: ClassVar[frozenset[str]] = SIGNATURE_HEADERS
    url: str
    app_id: str
    merchant: str
    serial: str
    private_key: str
    v3_key: str
    notify_url: str
    platform_keys: Mapping[str, str] = field(default_factory=dict)
    payer_page: str = ""
    payer_url: str = ""
    app_secret: str = ""

    @property
    def capabilities(self) -> frozenset[str]:
        return ABILITIES | {"payer"} if self.app_secret else ABILITIES

    @property
    def merchant_id(self) -> str:
        return f"{self.app_id}/{self.merchant}"

    @property
    def address(self) -> str:
        return self.url

    def check(self) -> None:
        self.query(NOBODYS)

    def pay(self, intent: PayIntent) -> Way:
        entry = ENTRIES[intent.device]
        content: dict[str, Any] = {
            "appid": self.app_id,
            "mchid": self.merchant,
            "description": intent.subject,
            "out_trade_no": intent.request_no,
            "time_expire": intent.expires_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "notify_url": self.notify_url,
            "amount": {"total": money.to_cents(intent.amount), "currency": "CNY"},
        }
        if entry == "h5":
            content["scene_info"] = {"payer_client_ip": intent.payer_ip, "h5_info": {"type": "Wap"}}
        if entry == "jsapi":
            content["payer"] = {"openid": intent.payer_id}
        answer = self._api.post(f"/v3/pay/transactions/{entry}", content)
        match entry:
            case "h5":
                return Redirect(f"{_text(answer, 'h5_url')}&redirect_url={quote(intent.return_url, safe='')}")
            case "native":
                return Code(_text(answer, "code_url"))
        return ClientCall(self._client_call(_text(answer, "prepay_id"), clock.now()))

    def ask_payer(self, return_url: str, state: str) -> Redirect:
        return Redirect(wechat_payers.asked(self.payer_page, self.app_id, return_url, state))

    def payer(self, code: str) -> str:
        return wechat_payers.openid(self.payer_url, self.app_id, self.app_secret, code)

    def query(self, request_no: str) -> PaymentFact:
        try:
            answer = self._api.get(f"/v3/pay/transactions/out-trade-no/{request_no}?mchid={self.merchant}")
        except ProviderRefused as refusal:
            if refusal.provider_code in NOT_THERE:
                return PaymentFact(request_no, "", Status.NOT_FOUND, None, "CNY", "", None, self.merchant_id)
            raise
        return _payment(answer)

    def close(self, request_no: str) -> PaymentFact:
        try:
            self._api.post(f"/v3/pay/transactions/out-trade-no/{request_no}/close", {"mchid": self.merchant})
        except ProviderRefused:
            fact = self.query(request_no)  # paid, closed, or never there: what stands is the answer
            if fact.status is Status.OPEN:
                raise
            return fact
        return self.query(request_no)

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact:
        paid = self.query(request_no)  # the whole amount goes with every refund of it
        if paid.amount is None:
            raise ProviderUnavailable("the payment is not there")
        content = {
            "out_trade_no": request_no,
            "out_refund_no": refund_no,
            "reason": reason,
            "notify_url": self.notify_url,
            "amount": {
                "refund": money.to_cents(amount),
                "total": money.to_cents(paid.amount),
                "currency": "CNY",
            },
        }
        return _refund(self._api.post("/v3/refund/domestic/refunds", content))

    def query_refund(self, request_no: str, refund_no: str) -> RefundFact:
        try:
            return _refund(self._api.get(f"/v3/refund/domestic/refunds/{refund_no}"))
        except ProviderRefused as refusal:
            if refusal.provider_code in NOT_THERE:
                return RefundFact(request_no, refund_no, RefundStatus.NOT_FOUND, None, None)
            raise

    def statement(self, day: date) -> Statement:
        try:
            told = self._api.get(f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL&tar_type=GZIP")
        except ProviderRefused as refusal:
            if refusal.provider_code in NO_BILL:
                raise NotYet(day.isoformat()) from refusal
            raise
        packed = self._api.download(_text(told, "download_url"), most=files.DOWNLOAD_MAX_BYTES)
        content = wechat_bill.checked(packed, _text(told, "hash_type"), _text(told, "hash_value"))
        return Statement(packed, wechat_bill.lines(content, self.app_id, self.merchant))

    def query_dispute(self, dispute_no: str) -> DisputeFact | None:
        try:
            answer = self._api.get(f"{wechat_complaints.PATH}/{wechat_complaints.number(dispute_no)}")
        except ProviderRefused as refusal:
            if refusal.provider_code in NOT_THERE:
                return None
            raise
        return wechat_complaints.fact(answer)

    def disputes(self, day: date) -> tuple[DisputeFact, ...]:
        """Page by page. ProviderUnavailable when they do not come to an end, so that none is missed in silence."""
        found: list[DisputeFact] = []
        asked = f"begin_date={day.isoformat()}&end_date={day.isoformat()}&complainted_mchid={self.merchant}"
        for page in range(wechat_complaints.PAGES_MAX):
            first = page * wechat_complaints.PAGE
            answer = self._api.get(f"{wechat_complaints.PATH}?limit={wechat_complaints.PAGE}&offset={first}&{asked}")
            rows = answer.get("data") or []
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ProviderUnavailable("complaints")
            found += [fact for row in rows if (fact := wechat_complaints.fact(row))]
            if len(rows) < wechat_complaints.PAGE:
                return tuple(found)
        raise ProviderUnavailable("more complaints of a day than can be")

    def parse_notice(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        told = self._api.opened(body, headers, at)
        notice_id = str(told.get("id", ""))
        if not notice_id or len(notice_id) > 128 or not notice_id.isprintable():
            raise BadSignature("id")
        kind = str(told.get("event_type", ""))
        return understood(notice_id, lambda: _read(notice_id, kind, told["resource"]))

    def acknowledgement(self) -> bytes:
        return b""

    def _client_call(self, prepay_id: str, at: datetime) -> dict[str, str]:
        """What WeixinJSBridge takes: four parts signed line by line."""
        stamp, nonce, package = str(int(at.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        signed = self._api.sign(f"{self.app_id}\n{stamp}\n{nonce}\n{package}\n")
        return {
            "appId": self.app_id,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signed,
        }

    @property
    def _api(self) -> Api:
        return Api(self.url, self.merchant, self.serial, self.private_key, self.platform_keys, self.v3_key)


def _read(notice_id: str, event: str, told: Any) -> Notice:
    if not isinstance(told, dict):
        raise ProviderUnavailable("resource")
    if event.startswith("TRANSACTION."):
        return Notice(notice_id, "payment", _payment(told))
    if event.startswith("REFUND."):
        return Notice(notice_id, "refund", _refund({**told, "status": told.get("refund_status")}))
    if event.startswith("COMPLAINT."):
        return Notice(notice_id, "dispute", DisputeNews(wechat_complaints.number(told.get("complaint_id"))))
    return Notice(notice_id, "other", None)


def _payment(told: Mapping[str, Any]) -> PaymentFact:
    status = _known(STATES, told.get("trade_state"))
    amount = told.get("amount") or {}
    return PaymentFact(
        request_no=_text(told, "out_trade_no"),
        trade_no=_text(told, "transaction_id") if status is Status.SUCCEEDED else str(told.get("transaction_id", "")),
        status=status,
        amount=_yuan(amount.get("total")),
        currency=str(amount.get("currency") or "CNY"),
        payer=str((told.get("payer") or {}).get("openid", ""))[:64],
        paid_at=instant(told.get("success_time")),
        merchant_id=f"{told.get('appid', '')}/{told.get('mchid', '')}",
    )


def _refund(told: Mapping[str, Any]) -> RefundFact:
    return RefundFact(
        _text(told, "out_trade_no"),
        _text(told, "out_refund_no"),
        _known(REFUND_STATES, told.get("status")),
        _yuan((told.get("amount") or {}).get("refund")),
        instant(told.get("success_time")),
    )


def _known(table: Mapping[str, Known], named: object) -> Known:
    if str(named) not in table:
        raise ProviderUnavailable(f"state {str(named)[:30]!r}")
    return table[str(named)]


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value or len(value) > 512:
        raise ProviderUnavailable(f"{name} is missing")
    return value


def _yuan(fen: object) -> Decimal | None:
    if fen is None:
        return None
    if not isinstance(fen, int) or isinstance(fen, bool) or not 0 <= fen < 10**13:
        raise ProviderUnavailable(f"amount {str(fen)[:30]!r}")
    return money.from_cents(fen)
