"""Tencent Cloud's TC3-HMAC-SHA256 request signature: https://cloud.tencent.com/document/api/382/52072"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from core import clock
from integrations import http, keypairs
from integrations.errors import ProviderRefused, ProviderUnavailable

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Tc3:
    """One product of Tencent Cloud behind one endpoint; `service` is its name in the signature, e.g. sms."""

    endpoint: str
    secret_id: str
    secret_file: str
    service: str
    version: str
    region: str
    whom: str

    def call(self, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in the reply's Response. Never tried twice: none of these actions carries a request number.

        ProviderRefused for an Error in it, ProviderUnavailable when nothing is known, an InternalError included.
        """
        body = json.dumps(dict(parameters), ensure_ascii=False).encode()
        headers = self.signed_headers(action, body, at=clock.now())
        reply = http.post(self.endpoint, again=False, content=body, headers=headers, whom=self.whom)
        answer = http.json_object(reply).get("Response")
        if not isinstance(answer, dict):
            raise ProviderUnavailable("no Response")
        error = answer.get("Error")
        if isinstance(error, dict):
            code = str(error.get("Code", ""))
            if code.startswith("InternalError"):
                raise ProviderUnavailable(code)
            raise ProviderRefused(code, str(error.get("Message", "")))
        return answer

    def signed_headers(self, action: str, body: bytes, at: datetime) -> dict[str, str]:
        host = httpx.URL(self.endpoint).netloc.decode()
        secret = keypairs.shared_secret(self.secret_file)
        return {
            "content-type": CONTENT_TYPE,
            "host": host,
            "x-tc-action": action,
            "x-tc-version": self.version,
            "x-tc-region": self.region,
            "x-tc-timestamp": str(int(at.timestamp())),
            "authorization": authorization(self.service, host, body, at, self.secret_id, secret),
        }


def authorization(service: str, host: str, body: bytes, at: datetime, secret_id: str, secret: str) -> str:
    """The Authorization header of a POST to /; content type and host are signed."""
    seconds, day = str(int(at.timestamp())), f"{at.astimezone(UTC):%Y-%m-%d}"
    headers, signed = f"content-type:{CONTENT_TYPE}\nhost:{host}\n", "content-type;host"
    canonical = "\n".join(["POST", "/", "", headers, signed, hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{service}/tc3_request"
    to_sign = "\n".join([ALGORITHM, seconds, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
