"""WeChat Pay API v3: signed calls, replies and notices verified on their raw bytes, resources decrypted.

The text of a signature is its parts, each ended by a newline: METHOD, path with query, instant, nonce, body for calls;
instant, nonce, body for replies and notices. Facts: integrations.md §4. Amounts on this wire are whole fen.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import clock
from integrations import http, keypairs
from integrations.errors import BadSignature, CallRefused, ProviderRefused, ProviderUnavailable

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
SIGNATURE_HEADERS: Final = frozenset(f"wechatpay-{part}" for part in ("timestamp", "nonce", "serial", "signature"))
CALLED: Final = "wechat"
FRESH_FOR: Final = timedelta(minutes=5)
UNKNOWN_CODES: Final = frozenset({"SYSTEM_ERROR", "SYSTEMERROR", "RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED"})
CALL_CODES: Final = frozenset({"SIGN_ERROR", "NO_AUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS"})
UNSIGNED: Final = frozenset({401})  # a caller whose signature is wrong gets no signature back


@dataclass(frozen=True, slots=True)
class Api:
    """One merchant. Keys are names of key files; `platform_keys` by serial, two while WeChat changes its key."""

    url: str
    merchant: str
    serial: str
    private_key: str
    platform_keys: Mapping[str, str]
    v3_key: str

    def get(self, path: str) -> dict[str, Any]:
        return self._call("GET", path, b"", again=True)

    def post(self, path: str, content: Mapping[str, Any], *, again: bool = True) -> dict[str, Any]:
        """`again` only for calls that carry a number of ours, which all of this API's writes do."""
        return self._call("POST", path, json.dumps(content, ensure_ascii=False).encode(), again=again)

    def download(self, url: str, *, most: int) -> bytes:
        """A file that the API told the address of, beneath our own; the call is signed, the bytes are not."""
        if not url.startswith(f"{self.url}/"):
            raise ProviderUnavailable("a file at another host than the configured one")
        signed = self._headers("GET", url.removeprefix(self.url), b"")
        return http.download(url, under=self.url, most=most, headers=signed, whom=CALLED)

    def sign(self, text: str) -> str:
        key = keypairs.merchant_key(self.private_key)
        return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()

    def opened(self, body: bytes, headers: Mapping[str, str], at: datetime) -> dict[str, Any]:
        """The envelope of a notice with its `resource` decrypted. BadSignature when anything about it is not right."""
        self._verify(body, headers, at)
        try:
            envelope = json.loads(body)
            sealed = envelope["resource"]
            if sealed["algorithm"] != "AEAD_AES_256_GCM":
                raise BadSignature("algorithm")
            key = AESGCM(keypairs.shared_secret(self.v3_key).encode())
            associated = sealed.get("associated_data", "").encode()
            plain = key.decrypt(sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), associated)
            return {**envelope, "resource": json.loads(plain)}
        except (ValueError, KeyError, TypeError, AttributeError, InvalidTag) as error:
            raise BadSignature(f"a notice that does not open: {type(error).__name__}") from error

    def _call(self, method: str, path: str, content: bytes, *, again: bool) -> dict[str, Any]:
        """ProviderRefused for an answer that says no, CallRefused for a call that was not accepted; ProviderUnavailable
        when nothing is known.
        """
        reply = http.request(
            method,
            f"{self.url}{path}",
            again=again,
            content=content,
            headers=lambda: self._headers(method, path, content),
            whom=CALLED,
        )
        if reply.status_code not in UNSIGNED:
            self._verify(reply.content, reply.headers, clock.now())
        if reply.status_code == 204:
            return {}
        told = http.json_object(reply)
        if reply.status_code >= 400:
            code = str(told.get("code", reply.status_code))
            if code in UNKNOWN_CODES or reply.status_code == 429:
                raise ProviderUnavailable(code)
            refused = CallRefused if reply.status_code in UNSIGNED or code in CALL_CODES else ProviderRefused
            raise refused(code, str(told.get("message", ""))[:200])
        return told

    def _headers(self, method: str, path: str, content: bytes) -> dict[str, str]:
        nonce, instant = secrets.token_hex(16), str(int(clock.now().timestamp()))
        base = urlsplit(self.url).path
        text = f"{method}\n{base}{path}\n{instant}\n{nonce}\n{content.decode()}\n"
        parts = {
            "mchid": self.merchant,
            "nonce_str": nonce,
            "signature": self.sign(text),
            "timestamp": instant,
            "serial_no": self.serial,
        }
        return {
            "authorization": f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items()),
            "accept": "application/json",
            "content-type": "application/json",
            "wechatpay-serial": next(iter(self.platform_keys)),
        }

    def _verify(self, body: bytes, headers: Mapping[str, str], at: datetime) -> None:
        told = {name.lower(): value for name, value in headers.items()}
        signature, serial = told.get("wechatpay-signature", ""), told.get("wechatpay-serial", "")
        instant, nonce = told.get("wechatpay-timestamp", ""), told.get("wechatpay-nonce", "")
        if serial not in self.platform_keys:
            raise BadSignature(f"serial {serial[:40]!r}")
        if not instant.isascii() or not instant.isdigit() or abs(at.timestamp() - int(instant)) > FRESH_FOR.seconds:
            raise BadSignature("not fresh")
        text = f"{instant}\n{nonce}\n".encode() + body + b"\n"
        try:
            key = keypairs.provider_key(self.platform_keys[serial])
            key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error) as error:
            raise BadSignature("signature") from error


def instant(value: object) -> datetime | None:
    """RFC 3339 as on this wire, in UTC; None for nothing. Nonsense says nothing, so ProviderUnavailable."""
    if not value:
        return None
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ProviderUnavailable(f"instant {str(value)[:40]!r}") from error
    if read.tzinfo is None or not 2000 <= read.year < 2100:
        raise ProviderUnavailable(f"instant {str(value)[:40]!r}")
    return read.astimezone(UTC)
