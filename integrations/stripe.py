"""Stripe's API: form-encoded calls with a secret key, JSON answers, signed webhooks.

Answers bear no signature: TLS alone vouches for them. Writes carry our request number as Idempotency-Key, which Stripe
forgets after a day: an adapter looks before it repeats an older one. Amounts on this wire are the currency's smallest
unit, instants are Unix seconds. Facts: integrations.md §4, and the shapes of stripe-python 16.1.0.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from integrations import http, keypairs
from integrations.errors import BadSignature, CallRefused, ProviderRefused, ProviderUnavailable

CALLED: Final = "stripe"
VERSION: Final = "2026-10-28.endive"  # of the API, which answers each caller in the shapes of the version he names
SIGNATURE_HEADER: Final = "stripe-signature"
FRESH_FOR: Final = timedelta(minutes=5)
TRY_AGAIN: Final = frozenset({409, 429})  # the key is in use, a lock was not got, too many calls
OURS: Final = frozenset({401, 403})  # our key or its permissions
LIVE: Final = ("sk_live_", "rk_live_")
PAGE: Final = 100
PAGES_MAX: Final = 20
PAYABLE_YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Api:
    """`api_key` and `webhook_secret` are names of key files."""

    url: str
    api_key: str
    webhook_secret: str

    @property
    def is_live(self) -> bool:
        """Whether real money moves; objects say of themselves whether it does (`livemode`)."""
        return keypairs.shared_secret(self.api_key).startswith(LIVE)

    def get(self, path: str, **asked: Any) -> dict[str, Any]:
        return self._call("GET", f"{path}?{urlencode(list(_flat(asked)))}", b"", {})

    def rows(self, path: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page by page. ProviderUnavailable when it does not come to an end."""
        for _ in range(PAGES_MAX):
            page = self.get(path, limit=PAGE, **asked)
            rows = page.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ProviderUnavailable("not a list")
            yield from rows
            if not page.get("has_more") or not rows:
                return
            asked["starting_after"] = str(rows[-1].get("id", ""))
        raise ProviderUnavailable("a list without an end")

    def post(self, path: str, content: Mapping[str, Any], number: str) -> dict[str, Any]:
        """One write under `number`, the same content for the same number."""
        headers = {"idempotency-key": number, "content-type": "application/x-www-form-urlencoded"}
        return self._call("POST", path, urlencode(list(_flat(content))).encode(), headers)

    def opened(self, body: bytes, headers: Mapping[str, str], at: datetime) -> dict[str, Any]:
        """A webhook's event. BadSignature when anything about it is not right."""
        told = {name.lower(): value for name, value in headers.items()}
        parts = [part.partition("=")[::2] for part in told.get(SIGNATURE_HEADER, "").split(",")]
        stamps = [value for name, value in parts if name == "t"]
        if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or len(stamps[0]) > 12:
            raise BadSignature("no instant")
        if abs(at.timestamp() - int(stamps[0])) > FRESH_FOR.seconds:
            raise BadSignature("not fresh")
        secret = keypairs.shared_secret(self.webhook_secret).encode()
        wanted = hmac.new(secret, f"{stamps[0]}.".encode() + body, hashlib.sha256).hexdigest().encode()
        # several while the secret is being changed, one for each
        if not any(hmac.compare_digest(wanted, value.encode()) for name, value in parts if name == "v1"):
            raise BadSignature("signature")
        try:
            event = json.loads(body)
        except ValueError as error:
            raise BadSignature("not JSON") from error
        if not isinstance(event, dict) or event.get("object") != "event":
            raise BadSignature("not an event")
        return event

    def _call(self, method: str, path: str, content: bytes, more: Mapping[str, str]) -> dict[str, Any]:
        """ProviderRefused for an answer that says no, CallRefused for a call that was not accepted; ProviderUnavailable
        when nothing is known.
        """
        key = keypairs.shared_secret(self.api_key)
        headers = {"authorization": f"Bearer {key}", "stripe-version": VERSION, **more}
        reply = http.request(
            method, f"{self.url}{path}", again=True, content=content, headers=lambda: headers, whom=CALLED
        )
        told = http.json_object(reply)
        if reply.status_code >= 400:
            _refuse(reply.status_code, told.get("error"))
        return told


def _refuse(status: int, error: object) -> None:
    told = error if isinstance(error, dict) else {}
    code = str(told.get("code") or told.get("type") or status)[:60]
    if status in TRY_AGAIN:
        raise ProviderUnavailable(code)
    raise (CallRefused if status in OURS else ProviderRefused)(code, str(told.get("message", ""))[:200])


def _flat(content: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """`{"a": {"b": 1}, "c": ["x"]}` as a[b]=1 and c[0]=x, which is how forms nest here."""
    for name, value in content.items():
        key = f"{within}[{name}]" if within else name
        if isinstance(value, Mapping):
            yield from _flat(value, key)
        elif isinstance(value, list):
            yield from _flat({str(place): each for place, each in enumerate(value)}, key)
        else:
            yield key, str(value)


def instant(value: object) -> datetime | None:
    """Unix seconds in UTC; None for nothing. Nonsense says nothing, so ProviderUnavailable."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**40:
        raise ProviderUnavailable(f"instant {str(value)[:30]!r}")
    read = datetime.fromtimestamp(value, UTC)
    if read.year not in PAYABLE_YEARS:
        raise ProviderUnavailable(f"instant {str(value)[:30]!r}")
    return read
