"""Stripe's side of its API, written apart from the platform's client: keys, forms that nest, errors, signed events."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from sandbox import conf, keys

PART = re.compile(r"\[([^\[\]]*)\]")


class Refused(Exception):
    """An answer that says no: HTTP status, the kind of error, its code and the words for people."""

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.kind, self.code, self.message = status, kind, code, message

    def content(self) -> dict[str, Any]:
        code = {"code": self.code} if self.code else {}
        return {"error": {"type": self.kind, **code, "message": self.message}}


def invalid(code: str, message: str) -> Refused:
    return Refused(400, "invalid_request_error", code, message)


def missing(what: str) -> Refused:
    return Refused(404, "invalid_request_error", "resource_missing", f"No such {what}")


def check(request: HttpRequest) -> None:
    """The caller has the merchant's secret key."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not hmac.compare_digest(key.encode(), keys.stripe_key().encode()):
        raise Refused(401, "invalid_request_error", "", "Invalid API Key provided")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1&c[0]=x` as {"a": {"b": "1"}, "c": {"0": "x"}}; `c[]` counts by itself."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head, _, tail = name.partition("[")
        path = [head, *PART.findall(f"[{tail}")] if tail else [head]
        within = found
        for part in path[:-1]:
            within = within.setdefault(part, {})
            if not isinstance(within, dict):
                raise invalid("parameter_invalid", name)
        within[path[-1] or str(len(within))] = value
    return found


def digest(request: HttpRequest) -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()


def event(notice_id: str, kind: str, told: Mapping[str, Any], at: datetime) -> bytes:
    content = {
        "id": notice_id,
        "object": "event",
        "api_version": conf.stripe_version(),
        "created": int(at.timestamp()),
        "data": {"object": told},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def signature(body: bytes, at: datetime, *, forged: bool = False) -> dict[str, str]:
    """The header of an event."""
    stamp, secret = str(int(at.timestamp())), "whsec_nobodys" if forged else keys.stripe_webhook_secret()
    text = b".".join([stamp.encode(), body])
    made = hmac.digest(secret.encode(), text, "sha256").hex()
    return {"Stripe-Signature": f"t={stamp},v1={made},v0={made[::-1]}"}
