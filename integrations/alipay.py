"""The Alipay open gateway: RSA2 signatures, replies verified on their raw text, notices verified on their form.

Shared by the payments and the credit adapter. Field names: integrations.md §4. Instants on this wire are
`YYYY-MM-DD HH:MM:SS` in Beijing time, amounts are yuan with two places.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from core import clock, money
from core.calendar import SHANGHAI
from integrations import http, keypairs
from integrations.errors import BadSignature, CallRefused, ProviderRefused, ProviderUnavailable

FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
OK = "10000"
UNKNOWN_CODES = frozenset({"20000", "10003"})  # "service unavailable", "waiting for the user": ask again
CALL_CODES = frozenset({"20001", "40001", "40002", "40003", "40006"})  # token, parameters, signature, permission
WORD = re.compile(r"[!-~]*")  # numbers, ids and codes on this wire
PAYABLE_YEARS = range(2000, 2100)  # an instant beyond them is a mistake, and some overflow once moved to UTC
UNKNOWN_SUB_CODES = frozenset({"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "isp.unknown-error", "aop.unknown-error"})


@dataclass(frozen=True, slots=True)
class Gateway:
    """One app at the gateway. `private_key` and `alipay_key` are names of key files (core.keys)."""

    url: str
    app_id: str
    private_key: str
    alipay_key: str
    whom: str = "alipay"

    def page(self, method: str, content: Mapping[str, Any], **common: str) -> str:
        """The signed address to send the customer's browser to."""
        return f"{self.url}?{urlencode(self.signed(method, content, at=clock.now(), **common))}"

    def call(self, method: str, content: Mapping[str, Any], *, again: bool, **common: str) -> dict[str, Any]:
        """The verified answer. `again` only for calls that carry a request number or change nothing.

        Raises ProviderRefused for a business failure, CallRefused for a call that was not accepted, ProviderUnavailable
        when nothing is known (a transport error, 5xx, code 20000, an answer that does not verify).
        """
        body = urlencode(self.signed(method, content, at=clock.now(), **common)).encode()
        reply = http.post(f"{self.url}?charset=utf-8", again=again, content=body, headers=FORM, whom=self.whom)
        return self._verified(method, reply.text)

    def signed(self, method: str, content: Mapping[str, Any], at: datetime, **common: str) -> dict[str, str]:
        parameters = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": to_wire(at),
            "version": "1.0",
            **({"biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":"))} if content else {}),
            **common,
        }
        key = keypairs.merchant_key(self.private_key)
        signature = key.sign(signing_text(parameters).encode(), padding.PKCS1v15(), hashes.SHA256())
        return {**parameters, "sign": base64.b64encode(signature).decode()}

    def notice(self, body: bytes) -> dict[str, str]:
        """The parameters of a notice whose signature holds and that is meant for this app; else BadSignature."""
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        except ValueError as error:
            raise BadSignature("not a form") from error
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            raise BadSignature("a parameter is given twice")
        signature, sign_type = parameters.pop("sign", ""), parameters.pop("sign_type", "")
        if sign_type != "RSA2":
            raise BadSignature(f"sign_type {sign_type}")
        self._verify(signing_text(parameters), signature)
        if parameters.get("app_id") != self.app_id:
            raise BadSignature("meant for another app")
        return parameters

    def _verified(self, method: str, text: str) -> dict[str, Any]:
        raw = members(text)
        key = method.replace(".", "_") + "_response"
        content = raw.get(key) or raw.get("error_response") or ""
        answer = json.loads(content) if content else {}
        code = f"{answer.get('code', '')} {answer.get('sub_code', '')}".strip()
        try:
            self._verify(content, json.loads(raw.get("sign", '""')))
        except BadSignature as error:
            raise BadSignature(f"{method}: {error.detail} ({code})") from error
        if key not in raw or answer.get("code", OK) != OK:
            _refuse(answer)
        return dict(answer)

    def _verify(self, text: str, signature: str) -> None:
        try:
            keypairs.provider_key(self.alipay_key).verify(
                base64.b64decode(signature, validate=True), text.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except (InvalidSignature, ValueError) as error:
            raise BadSignature("the signature does not hold") from error


def _refuse(answer: Mapping[str, Any]) -> None:
    code, sub_code = str(answer.get("code")), str(answer.get("sub_code", ""))
    if code in UNKNOWN_CODES or sub_code in UNKNOWN_SUB_CODES:
        raise ProviderUnavailable(f"{code} {sub_code}")
    kind = CallRefused if code in CALL_CODES else ProviderRefused
    raise kind(sub_code or code, str(answer.get("sub_msg") or answer.get("msg", "")))


def signing_text(parameters: Mapping[str, str]) -> str:
    """`k=v` sorted and joined by &, unencoded, empty values and `sign` left out."""
    return "&".join(f"{key}={value}" for key, value in sorted(parameters.items()) if value != "" and key != "sign")


def members(text: str) -> dict[str, str]:
    """The members of a JSON object as raw text, since a reply is signed over the exact characters that were sent.

    Found by the decoder itself, not by counting braces, which breaks on braces in strings. BadSignature for anything
    that is not one object with distinct names.
    """
    decoder, found = json.JSONDecoder(), {}
    try:
        json.loads(text)  # well-formed as a whole, so below only positions are at stake
        at = text.index("{") + 1
        while (at := _past(text, at, " \t\r\n,")) < len(text) and text[at] != "}":
            name, at = decoder.raw_decode(text, at)
            start = _past(text, at, " \t\r\n:")
            _value, at = decoder.raw_decode(text, start)
            if name in found:
                raise BadSignature(f"{name} is given twice")
            found[name] = text[start:at]
    except (ValueError, TypeError) as error:
        raise BadSignature("not a JSON object") from error
    return found


def _past(text: str, at: int, blanks: str) -> int:
    while at < len(text) and text[at] in blanks:
        at += 1
    return at


def to_wire(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def instant(text: str | None) -> datetime | None:
    """A wire instant as UTC; None for none. ProviderUnavailable for what is no instant."""
    if not text:
        return None
    try:
        told = datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise ProviderUnavailable(f"not an instant: {text[:30]!r}") from error
    if told.year not in PAYABLE_YEARS:
        raise ProviderUnavailable(f"not an instant of ours: {text[:30]!r}")
    return told.astimezone(UTC)


def word(text: object, longest: int = 64) -> str:
    """A number, an id or a code of theirs; "" for none. ProviderUnavailable for what no such field can hold."""
    told = "" if text is None else str(text)
    if len(told) > longest or not WORD.fullmatch(told):
        raise ProviderUnavailable(f"not a word of the wire: {told[:30]!r}")
    return told


def amount(text: object) -> Decimal | None:
    """A wire amount in yuan; None for none. ProviderUnavailable for what is no amount."""
    if text is None or text == "":
        return None
    try:
        return money.exact(Decimal(str(text)))
    except (ValueError, ArithmeticError) as error:
        raise ProviderUnavailable(f"not an amount: {str(text)[:30]!r}") from error
