"""Alipay: payment pages, refunds, and deposit pre-authorisation (资金预授权).

Traps that are settled here (reliability.md): a refund succeeded when `fund_change` is Y, not when the code is 10000;
TRADE_SUCCESS comes again with a partial refund; TRADE_CLOSED is a time-out or a full refund, told apart by whether it
was paid; TRADE_FINISHED may stand in for TRADE_SUCCESS.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from core import clock
from integrations import http
from integrations.alipay import Gateway, instant, to_wire, word
from integrations.alipay import amount as _amount
from integrations.errors import BadSignature, NotYet, ProviderRefused, ProviderUnavailable
from integrations.payments import (
    NOBODYS,
    AgreementFact,
    AgreementIntent,
    AgreementStatus,
    FreezeFact,
    FreezeIntent,
    Mode,
    Notice,
    PayIntent,
    PaymentFact,
    Redirect,
    RefundFact,
    RefundStatus,
    ReleaseFact,
    Statement,
    Status,
    alipay_agreements,
    alipay_bill,
    files,
)
from integrations.payments.notices import understood

PAGE: Final = ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY")
WAP: Final = ("alipay.trade.wap.pay", "QUICK_WAP_WAY")
TRADE_STATUSES: Final = {
    "WAIT_BUYER_PAY": Status.OPEN,
    "TRADE_SUCCESS": Status.SUCCEEDED,
    "TRADE_FINISHED": Status.SUCCEEDED,
    "TRADE_CLOSED": Status.CLOSED,
}
OPERATION_STATUSES: Final = {"INIT": Status.OPEN, "SUCCESS": Status.SUCCEEDED, "CLOSED": Status.CLOSED}
NOTICE_ID_LENGTH: Final = 128
NO_TRADE: Final = "ACQ.TRADE_NOT_EXIST"
NO_BILL: Final = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST", "isp.bill-not-exist"})
NO_AUTH: Final = frozenset({"AUTH_ORDER_NOT_EXIST", "AUTH_OPERATION_NOT_EXIST", "ORDER_NOT_EXIST"})


@dataclass(frozen=True, slots=True)
class Alipay:
    """`credit_category` and `credit_service_id` (both or none) ask for 信用免押 in a freeze: Alipay may then vouch."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"page", "wap", "refund", "freeze", "capture", "unfreeze", "statement", "deduct"}
    )
    called: ClassVar[str] = "alipay"
    signature_headers: ClassVar[frozenset[str]] = frozenset()
    gateway: str
    app_id: str
    seller_id: str
    private_key: str
    alipay_key: str
    notify_url: str
    credit_category: str = ""
    credit_service_id: str = ""
    longest_hold_days: int = 360
    bills: str = ""  # where statements are fetched, if not at the gateway's host

    @property
    def merchant_id(self) -> str:
        return self.seller_id

    @property
    def address(self) -> str:
        return self.gateway

    def check(self) -> None:
        self.query(NOBODYS)

    # payments

    def pay(self, intent: PayIntent) -> Redirect:
        method, product = PAGE if intent.device == "desktop" else WAP
        content = {
            "out_trade_no": intent.request_no,
            "total_amount": str(intent.amount),
            "subject": intent.subject,
            "product_code": product,
            "time_expire": to_wire(intent.expires_at),
        }
        url = self._api.page(method, content, notify_url=self.notify_url, return_url=intent.return_url)
        return Redirect(url)

    def query(self, request_no: str) -> PaymentFact:
        try:
            answer = self._api.call("alipay.trade.query", {"out_trade_no": request_no}, again=True)
        except ProviderRefused as refusal:
            if refusal.provider_code == NO_TRADE:
                return self._no_payment(request_no)
            raise
        receiver = word(answer.get("seller_id")) or self.seller_id
        paid_at, payer = answer.get("send_pay_date"), answer.get("buyer_user_id")
        return _payment(answer, paid_at=paid_at, payer=payer, receiver=receiver)

    def close(self, request_no: str) -> PaymentFact:
        try:
            self._api.call("alipay.trade.close", {"out_trade_no": request_no}, again=True)
        except ProviderRefused as refusal:
            if refusal.provider_code == NO_TRADE:
                return self._no_payment(request_no)
            fact = self.query(request_no)  # paid or closed meanwhile: what stands is the answer
            if fact.status is Status.OPEN:
                raise
            return fact
        return self.query(request_no)

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact:
        content = {
            "out_trade_no": request_no,
            "refund_amount": str(amount),
            "out_request_no": refund_no,
            "refund_reason": reason,
        }
        answer = self._api.call("alipay.trade.refund", content, again=True)
        if answer.get("fund_change") == "Y":
            at = instant(answer.get("gmt_refund_pay"))
            return RefundFact(request_no, refund_no, RefundStatus.SUCCEEDED, amount, at)
        fact = self.query_refund(request_no, refund_no)  # N: this call moved nothing, an earlier one may have
        if fact.status is RefundStatus.SUCCEEDED:
            return fact
        return RefundFact(request_no, refund_no, RefundStatus.PENDING, amount, None)

    def query_refund(self, request_no: str, refund_no: str) -> RefundFact:
        content = {"out_trade_no": request_no, "out_request_no": refund_no, "query_options": ["gmt_refund_pay"]}
        try:
            answer = self._api.call("alipay.trade.fastpay.refund.query", content, again=True)
        except ProviderRefused as refusal:
            if refusal.provider_code == NO_TRADE:
                return RefundFact(request_no, refund_no, RefundStatus.NOT_FOUND, None, None)
            raise
        if not answer.get("out_request_no"):  # an unknown refund is answered with 10000 and nothing in it
            return RefundFact(request_no, refund_no, RefundStatus.NOT_FOUND, None, None)
        done = answer.get("refund_status") == "REFUND_SUCCESS"
        return RefundFact(
            request_no,
            refund_no,
            RefundStatus.SUCCEEDED if done else RefundStatus.PENDING,
            _amount(answer.get("refund_amount")),
            instant(answer.get("gmt_refund_pay")),
        )

    def statement(self, day: date) -> Statement:
        try:
            answer = self._api.call(
                "alipay.data.dataservice.bill.downloadurl.query",
                {"bill_type": "trade", "bill_date": day.isoformat()},
                again=True,
            )
        except ProviderRefused as refusal:
            if refusal.provider_code in NO_BILL:
                raise NotYet(day.isoformat()) from refusal
            raise
        url = str(answer.get("bill_download_url", ""))
        content = http.download(url, under=self.bills or self.gateway, most=files.DOWNLOAD_MAX_BYTES, whom=self.called)
        return Statement(content, alipay_bill.lines(content, self.seller_id, day))

    # pre-authorisation

    def freeze(self, intent: FreezeIntent) -> Redirect:
        content: dict[str, Any] = {
            "out_order_no": intent.order_no,
            "out_request_no": intent.request_no,
            "order_title": intent.title,
            "amount": str(intent.amount),
            "product_code": "PREAUTH_PAY",
            "payee_user_id": self.seller_id,
            "pay_timeout": f"{_minutes_left(intent.expires_at, at=clock.now())}m",
        }
        if self.credit_service_id:
            content["extra_param"] = json.dumps({"category": self.credit_category, "serviceId": self.credit_service_id})
        answer = self._api.call(
            "alipay.fund.auth.order.voucher.create",
            content,
            again=True,
            notify_url=self.notify_url,
            return_url=intent.return_url,
        )
        return Redirect(_page(answer))

    def query_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        content = {"out_order_no": order_no, "out_request_no": request_no, "operation_type": "FREEZE"}
        answer = self._operation(content)
        if not answer:
            return self._no_freeze(order_no, request_no, Status.NOT_FOUND)
        return _frozen(answer, receiver=word(answer.get("payee_user_id")) or self.seller_id)

    def capture(self, auth_no: str, request_no: str, amount: Decimal, subject: str, final: bool) -> PaymentFact:
        content = {
            "auth_no": auth_no,
            "out_trade_no": request_no,
            "total_amount": str(amount),
            "subject": subject,
            "product_code": "PREAUTH_PAY",
            "seller_id": self.seller_id,
            "auth_confirm_mode": "COMPLETE" if final else "NOT_COMPLETE",
        }
        self._api.call("alipay.trade.pay", content, again=True, notify_url=self.notify_url)
        return self.query(request_no)  # one reading of a payment: the reply's fields are fewer

    def unfreeze(self, auth_no: str, request_no: str, amount: Decimal, remark: str) -> ReleaseFact:
        content = {"auth_no": auth_no, "out_request_no": request_no, "amount": str(amount), "remark": remark}
        answer = self._api.call("alipay.fund.auth.order.unfreeze", content, again=True, notify_url=self.notify_url)
        return _released(answer)

    def query_release(self, auth_no: str, request_no: str) -> ReleaseFact:
        content = {"auth_no": auth_no, "out_request_no": request_no, "operation_type": "UNFREEZE"}
        answer = self._operation(content)
        return _released(answer) if answer else ReleaseFact("", request_no, auth_no, "", Status.NOT_FOUND, None, None)

    def cancel_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        content = {"out_order_no": order_no, "out_request_no": request_no, "remark": "cancelled by the merchant"}
        try:
            self._api.call("alipay.fund.auth.operation.cancel", content, again=True, notify_url=self.notify_url)
        except ProviderRefused as refusal:
            if refusal.provider_code in NO_AUTH:
                return self._no_freeze(order_no, request_no, Status.NOT_FOUND)
            raise
        return self._no_freeze(order_no, request_no, Status.CLOSED)

    # agreements

    def sign(self, intent: AgreementIntent) -> Redirect:
        content = alipay_agreements.asked(intent)
        url = self._api.page(alipay_agreements.SIGN, content, notify_url=self.notify_url, return_url=intent.return_url)
        return Redirect(url)

    def query_agreement(self, number: str) -> AgreementFact:
        return alipay_agreements.query(self._api, number)

    def unsign(self, number: str, agreement_no: str) -> AgreementFact:
        alipay_agreements.unsign(self._api, agreement_no, self.notify_url)
        return AgreementFact(number, agreement_no, AgreementStatus.ENDED, "")

    def deduct(self, agreement_no: str, request_no: str, amount: Decimal, subject: str) -> PaymentFact:
        content = alipay_agreements.deduction(agreement_no, request_no, amount, subject)
        try:
            self._api.call("alipay.trade.pay", content, again=True, notify_url=self.notify_url)
        except ProviderRefused as refusal:
            if not alipay_agreements.is_payers(refusal):
                raise
            fact = self.close(request_no)  # whatever was begun under this number can no longer be paid either
            if fact.status is Status.SUCCEEDED:  # by an earlier call, whose answer was lost
                return fact
            return replace(fact, status=Status.CLOSED, declined=alipay_agreements.declined(refusal))
        return self.query(request_no)

    # notices

    def parse_notice(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        told = self._api.notice(body)
        notice_id = _notice_id(told)
        return understood(notice_id, lambda: self._read(notice_id, told))

    def acknowledgement(self) -> bytes:
        return b"success"

    # readings

    def _read(self, notice_id: str, told: Mapping[str, str]) -> Notice:
        match told.get("notify_type"):
            case "trade_status_sync":
                paid_at, receiver = told.get("gmt_payment"), word(told.get("seller_id"))
                payment = _payment(told, paid_at=paid_at, payer=told.get("buyer_id"), receiver=receiver)
                return Notice(notice_id, "payment", payment)
            case "fund_auth_freeze":
                return Notice(notice_id, "freeze", _frozen(told, receiver=word(told.get("payee_user_id"))))
            case "fund_auth_unfreeze":
                return Notice(notice_id, "release", _released(told))
            case "dut_user_sign" | "dut_user_unsign":
                return Notice(notice_id, "agreement", alipay_agreements.read(told))
        return Notice(notice_id, "other", None)

    @property
    def _api(self) -> Gateway:
        return Gateway(self.gateway, self.app_id, self.private_key, self.alipay_key)

    def _operation(self, content: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            return self._api.call("alipay.fund.auth.operation.detail.query", content, again=True)
        except ProviderRefused as refusal:
            if refusal.provider_code in NO_AUTH:
                return None
            raise

    def _no_payment(self, request_no: str) -> PaymentFact:
        return PaymentFact(request_no, "", Status.NOT_FOUND, None, "CNY", "", None, self.seller_id)

    def _no_freeze(self, order_no: str, request_no: str, status: Status) -> FreezeFact:
        return FreezeFact(order_no, request_no, "", "", status, None, "FUND", "", None, self.seller_id)


def _notice_id(told: Mapping[str, str]) -> str:
    """What a notice is stored under; without a usable one it cannot be kept, so BadSignature."""
    try:
        return _text(told, "notify_id", NOTICE_ID_LENGTH)
    except ProviderUnavailable as error:
        raise BadSignature(f"notify_id: {error.detail}") from error


def _payment(told: Mapping[str, Any], *, paid_at: str | None, payer: str | None, receiver: str) -> PaymentFact:
    """`receiver`: a notice must name it, ours or not; the answer to our own question may leave it out."""
    status = _status(TRADE_STATUSES, told.get("trade_status"))
    if status is Status.CLOSED and paid_at:
        status = Status.SUCCEEDED  # closed by a full refund: the money did come in
    return PaymentFact(
        request_no=_text(told, "out_trade_no"),
        trade_no=_text(told, "trade_no"),
        status=status,
        amount=_amount(told.get("total_amount")),
        currency=word(told.get("trans_currency")) or "CNY",
        payer=word(payer),
        paid_at=instant(paid_at),
        merchant_id=receiver,
        refunded=_amount(told.get("refund_fee")),
    )


def _frozen(told: Mapping[str, Any], *, receiver: str) -> FreezeFact:
    return FreezeFact(
        order_no=_text(told, "out_order_no"),
        request_no=_text(told, "out_request_no"),
        auth_no=_text(told, "auth_no"),
        operation_id=_text(told, "operation_id"),
        status=_status(OPERATION_STATUSES, told.get("status")),
        amount=_amount(told.get("amount")),
        mode=_mode(told),
        payer=word(told.get("payer_user_id")),
        frozen_at=instant(told.get("gmt_trans")),
        merchant_id=receiver,
        rest=_amount(told.get("rest_amount")),
    )


def _released(told: Mapping[str, Any]) -> ReleaseFact:
    return ReleaseFact(
        order_no=word(told.get("out_order_no")),
        request_no=_text(told, "out_request_no"),
        auth_no=_text(told, "auth_no"),
        operation_id=_text(told, "operation_id"),
        status=_status(OPERATION_STATUSES, told.get("status")),
        amount=_amount(told.get("amount")),
        released_at=instant(told.get("gmt_trans")),
    )


def _text(told: Mapping[str, Any], field: str, longest: int = 64) -> str:
    """A field that must be there: without it the message says nothing."""
    if not told.get(field):
        raise ProviderUnavailable(f"{field} is missing")
    return word(told[field], longest)


def _status(table: Mapping[str, Status], named: object) -> Status:
    """A word that the table does not know says nothing, so ProviderUnavailable."""
    if str(named) not in table:
        raise ProviderUnavailable(f"status {str(named)[:30]!r}")
    return table[str(named)]


def _minutes_left(expires_at: datetime, at: datetime) -> int:
    """Whole minutes, at least one and at most the 15 days that Alipay allows."""
    return min(max(1, (expires_at - at) // timedelta(minutes=1)), 15 * 24 * 60)


def _mode(told: Mapping[str, Any]) -> Mode:
    return "CREDIT" if told.get("pre_auth_type") == "CREDIT_AUTH" else "FUND"


def _page(answer: Mapping[str, Any]) -> str:
    """`code_value` opens the cashier when it is an address; `code_url` shows it as a code to scan."""
    for field in ("code_value", "code_url"):
        url = str(answer.get(field, ""))
        if url.startswith(("https://", "http://")):
            return url
    raise ProviderUnavailable("no page to send the customer to")
