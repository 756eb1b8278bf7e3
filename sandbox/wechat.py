"""WeChat Pay's side of API v3, written apart from the platform's client: one cannot hide the other's mistakes."""

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.http import HttpRequest

from core.calendar import SHANGHAI
from sandbox import conf, keys, rsa2

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PARTS = re.compile(r'(\w+)="([^"]*)"')
FRESH_S = 300


class Refused(Exception):
    """An answer that says no: HTTP status, code and the words for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def check(request: HttpRequest, key: RSAPublicKey | None, at: datetime) -> None:
    """The caller is the merchant; Refused(401) otherwise."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    told = dict(PARTS.findall(rest))
    mine = (told.get("mchid"), told.get("serial_no")) == (conf.wechat_merchant_id(), conf.wechat_serial())
    stamp = told.get("timestamp", "")
    if scheme != SCHEME or not mine or key is None or not re.fullmatch(r"\d{1,12}", stamp, re.ASCII):
        raise Refused(401, "SIGN_ERROR", "签名错误")
    lines = [request.method or "", request.get_full_path(), stamp, told.get("nonce_str", ""), request.body.decode()]
    fresh = abs(at.timestamp() - int(stamp)) <= FRESH_S
    if not fresh or not rsa2.holds("".join(f"{line}\n" for line in lines), told.get("signature", ""), key):
        raise Refused(401, "SIGN_ERROR", "签名错误")


def signed(body: bytes, key: RSAPrivateKey, at: datetime) -> dict[str, str]:
    """The headers of a reply or a notice."""
    stamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": conf.wechat_platform_id(),
        "Wechatpay-Signature": rsa2.sign(f"{stamp}\n{nonce}\n{body.decode()}\n", key),
        "Wechatpay-Signature-Type": SCHEME,
    }


def envelope(notice_id: str, event: str, told: Mapping[str, Any], at: datetime) -> bytes:
    """A notice: its resource is sealed with the key agreed in the console."""
    nonce, associated = secrets.token_hex(6), event.split(".", maxsplit=1)[0].lower()
    plain = json.dumps(told, ensure_ascii=False).encode()
    sealed = AESGCM(keys.wechat_v3_key()).encrypt(nonce.encode(), plain, associated.encode())
    content = {
        "id": notice_id,
        "create_time": text(at),
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": event,
        "resource": {
            "original_type": associated,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(sealed).decode(),
            "associated_data": associated,
            "nonce": nonce,
        },
    }
    return json.dumps(content, ensure_ascii=False).encode()


def text(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
