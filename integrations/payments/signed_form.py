"""Gateways that sign forms (integrations.md §4): one base for the many that differ in their words only.

A call is a form and its answer one flat JSON object; `sign` covers the other parameters as `k=v`, sorted, joined by &,
empty values left out. MD5: the secret is appended as `&key=`, the digest in hex. RSA: SHA-256 with PKCS#1 v1.5, base64.
Notices are forms signed in the same way. Amounts are yuan with two places, instants Beijing time.

A gateway is a subclass with its own words:

    class Somepay(SignedForm):
        NAMES = {"number": "merOrderId", "amount": "txnAmt"}
        STATES = {"00": Status.SUCCEEDED, "05": Status.OPEN, "99": Status.CLOSED}
        ANSWER = b"OK"

and a line in settings.PROVIDERS. It is one of us only once tests/integrations/test_payments_contract.py passes on it.

Each has a file format of its own for a day: a subclass that reads one is a StatementProvider and says so in
`capabilities`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from integrations import http, keypairs
from integrations.alipay import amount, instant, signing_text, to_wire, word
from integrations.errors import BadSignature, CallRefused, ProviderRefused, ProviderUnavailable
from integrations.payments import (
    NOBODYS,
    Notice,
    PayIntent,
    PaymentFact,
    Redirect,
    RefundFact,
    RefundStatus,
    Status,
)
from integrations.payments.notices import understood

Known = TypeVar("Known")
FORM: Final = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}


@dataclass(frozen=True, slots=True)
class SignedForm:
    """`page` is where the browser is sent, `api` what the calls' PATHS are beneath; with MD5 `secret` names a key file,
    with RSA `private_key` and `provider_key` do."""

    called: ClassVar[str] = "form"
    capabilities: ClassVar[frozenset[str]] = frozenset({"page", "wap", "refund"})
    signature_headers: ClassVar[frozenset[str]] = frozenset()
    NAMES: ClassVar[Mapping[str, str]] = {}  # ours → theirs, where they differ
    PATHS: ClassVar[Mapping[str, str]] = {name: name for name in ("query", "close", "refund", "refund_query")}
    STATES: ClassVar[Mapping[str, Status]] = {
        "WAITING": Status.OPEN,
        "PAID": Status.SUCCEEDED,
        "CLOSED": Status.CLOSED,
    }
    REFUND_STATES: ClassVar[Mapping[str, RefundStatus]] = {
        "PENDING": RefundStatus.PENDING,
        "DONE": RefundStatus.SUCCEEDED,
        "FAILED": RefundStatus.FAILED,
    }
    OK: ClassVar[str] = "OK"
    NOT_THERE: ClassVar[frozenset[str]] = frozenset({"NOT_FOUND"})
    UNKNOWN: ClassVar[frozenset[str]] = frozenset({"BUSY"})
    CALL: ClassVar[frozenset[str]] = frozenset({"BAD_SIGN", "BAD_MERCHANT"})
    ANSWER: ClassVar[bytes] = b"success"

    page: str
    api: str
    merchant: str
    notify_url: str
    sign_type: str = "MD5"
    secret: str = ""
    private_key: str = ""
    provider_key: str = ""

    @property
    def merchant_id(self) -> str:
        return self.merchant

    @property
    def address(self) -> str:
        return self.api

    def check(self) -> None:
        self.query(NOBODYS)

    def pay(self, intent: PayIntent) -> Redirect:
        asked = {
            "number": intent.request_no,
            "amount": str(intent.amount),
            "subject": intent.subject,
            "expires_at": to_wire(intent.expires_at),
            "notify_url": self.notify_url,
            "return_url": intent.return_url,
            "device": "pc" if intent.device == "desktop" else "mobile",
        }
        return Redirect(f"{self.page}?{urlencode(self._signed(asked))}")

    def query(self, request_no: str) -> PaymentFact:
        told = self._asked("query", {"number": request_no})
        if told is None:
            return PaymentFact(request_no, "", Status.NOT_FOUND, None, "CNY", "", None, self.merchant)
        return self._payment(told)

    def close(self, request_no: str) -> PaymentFact:
        try:
            self._asked("close", {"number": request_no})
        except CallRefused:
            raise
        except ProviderRefused:
            fact = self.query(request_no)  # paid or closed: what stands is the answer
            if fact.status is Status.OPEN:
                raise
            return fact
        return self.query(request_no)

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact:
        asked = {"number": request_no, "refund": refund_no, "amount": str(amount), "reason": reason}
        told = self._asked("refund", asked)
        if told is None:
            raise ProviderUnavailable("the payment is not there")
        return self._refund(told)

    def query_refund(self, request_no: str, refund_no: str) -> RefundFact:
        told = self._asked("refund_query", {"number": request_no, "refund": refund_no})
        if told is None:
            return RefundFact(request_no, refund_no, RefundStatus.NOT_FOUND, None, None)
        return self._refund(told)

    def parse_notice(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        told = self._ours(self._opened(body))
        try:
            notice_id = word(told.get("notice"), 128)
        except ProviderUnavailable as error:
            raise BadSignature("notice") from error
        if not notice_id:
            raise BadSignature("notice")
        return understood(notice_id, lambda: self._read(notice_id, told))

    def acknowledgement(self) -> bytes:
        return self.ANSWER

    # readings

    def _read(self, notice_id: str, told: Mapping[str, str]) -> Notice:
        if told.get("refund"):
            return Notice(notice_id, "refund", self._refund(told))
        return Notice(notice_id, "payment", self._payment(told))

    def _payment(self, told: Mapping[str, Any]) -> PaymentFact:
        status, receiver = _known(self.STATES, told.get("state")), told.get("merchant")
        return PaymentFact(
            request_no=_needed(told, "number"),
            trade_no=_needed(told, "trade") if status is Status.SUCCEEDED else word(told.get("trade")),
            status=status,
            amount=amount(told.get("amount")),
            currency=word(told.get("currency")) or "CNY",
            payer=word(told.get("payer")),
            paid_at=instant(told.get("paid_at")),
            merchant_id=word(receiver),
        )

    def _refund(self, told: Mapping[str, Any]) -> RefundFact:
        return RefundFact(
            _needed(told, "number"),
            _needed(told, "refund"),
            _known(self.REFUND_STATES, told.get("state")),
            amount(told.get("amount")),
            instant(told.get("refunded_at")),
        )

    # the wire

    def _asked(self, what: str, content: Mapping[str, str]) -> dict[str, Any] | None:
        """The verified answer in our words; None: nothing is there under this number. All calls are idempotent."""
        body = urlencode(self._signed(content)).encode()
        reply = http.post(f"{self.api}/{self.PATHS[what]}", again=True, content=body, headers=FORM, whom=self.called)
        told = {name: str(value) for name, value in http.json_object(reply).items() if value is not None}
        self._verify(told)
        answer = self._ours(told)
        code = answer.get("code", "")
        if code in self.UNKNOWN:
            raise ProviderUnavailable(code)
        if code in self.NOT_THERE:
            return None
        if code != self.OK:
            raise (CallRefused if code in self.CALL else ProviderRefused)(code, answer.get("message", "")[:200])
        return answer

    def _opened(self, body: bytes) -> dict[str, str]:
        """The parameters of a notice whose signature holds and that is meant for this merchant; else BadSignature."""
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        except ValueError as error:
            raise BadSignature("not a form") from error
        told = dict(pairs)
        if len(told) != len(pairs):
            raise BadSignature("a parameter is given twice")
        self._verify(told)
        if self._ours(told).get("merchant") != self.merchant:
            raise BadSignature("meant for another merchant")
        return told

    def _signed(self, content: Mapping[str, str]) -> dict[str, str]:
        theirs = {self.NAMES.get(name, name): value for name, value in content.items()}
        told = {**theirs, self.NAMES.get("merchant", "merchant"): self.merchant, "sign_type": self.sign_type}
        return {**told, "sign": self._signature(_text(told))}

    def _signature(self, text: str) -> str:
        if self.sign_type == "MD5":
            return _digest(text, keypairs.shared_secret(self.secret))
        key = keypairs.merchant_key(self.private_key)
        return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()

    def _verify(self, told: Mapping[str, str]) -> None:
        """By our own setting: what the message says of how it was signed must be that, and decides nothing."""
        if told.get("sign_type", self.sign_type) != self.sign_type:
            raise BadSignature("sign_type")
        sign, text = str(told.get("sign", "")), _text(told)
        if self.sign_type == "MD5":
            expected = _digest(text, keypairs.shared_secret(self.secret))
            if not hmac.compare_digest(expected.encode(), sign.lower().encode()):
                raise BadSignature("the signature does not hold")
            return
        try:
            keypairs.provider_key(self.provider_key).verify(
                base64.b64decode(sign, validate=True), text.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except (InvalidSignature, ValueError) as error:
            raise BadSignature("the signature does not hold") from error

    def _ours(self, told: Mapping[str, str]) -> dict[str, str]:
        """In our words; a name of ours that they use for something else is left out."""
        ours = {theirs: name for name, theirs in self.NAMES.items()}
        return {ours.get(name, name): value for name, value in told.items() if name in ours or name not in self.NAMES}


def _text(told: Mapping[str, str]) -> str:
    return signing_text({name: value for name, value in told.items() if name != "sign_type"})


def _digest(text: str, secret: str) -> str:
    return hashlib.md5(f"{text}&key={secret}".encode(), usedforsecurity=False).hexdigest()


def _needed(told: Mapping[str, Any], name: str) -> str:
    """Without it the message says nothing."""
    if not told.get(name):
        raise ProviderUnavailable(f"{name} is missing")
    return word(told[name])


def _known(table: Mapping[str, Known], named: object) -> Known:
    if str(named) not in table:
        raise ProviderUnavailable(f"state {str(named)[:30]!r}")
    return table[str(named)]
