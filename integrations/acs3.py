"""Alibaba Cloud's ACS3-HMAC-SHA256 request signature, RPC style: https://help.aliyun.com/document_detail/315526.html"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from core import clock
from integrations import http, keypairs
from integrations.errors import ProviderRefused

ALGORITHM = "ACS3-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Acs3:
    """One product of Alibaba Cloud behind one endpoint."""

    endpoint: str
    access_key_id: str
    secret_file: str
    version: str
    whom: str

    def call(self, action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The reply as JSON. Never tried twice: none of these actions carries a request number.

        Raises ProviderRefused for an answer 4xx, ProviderUnavailable when nothing is known.
        Parameters travel in the form body, not in the address: they name people.
        """
        body = query(parameters).encode()
        headers = self.signed_headers(action, body, at=clock.now(), nonce=secrets.token_hex(16))
        reply = http.post(self.endpoint, again=False, content=body, headers=headers, whom=self.whom)
        answer = http.json_object(reply)
        if reply.status_code >= 400:
            raise ProviderRefused(str(answer.get("Code", reply.status_code)), str(answer.get("Message", "")))
        return answer

    def signed_headers(self, action: str, body: bytes, at: datetime, nonce: str) -> dict[str, str]:
        url = httpx.URL(self.endpoint)
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "host": url.netloc.decode(),
            "x-acs-action": action,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": nonce,
            "x-acs-version": self.version,
        }
        secret = keypairs.shared_secret(self.secret_file)
        return {**headers, "authorization": authorization("POST", url.path, "", headers, self.access_key_id, secret)}


def authorization(
    method: str, path: str, canonical_query: str, headers: Mapping[str, str], key_id: str, secret: str
) -> str:
    """The Authorization header over `headers` (lower-case names, all of them signed; x-acs-content-sha256 present)."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    canonical = "\n".join([method, path or "/", canonical_query, lines, signed, headers["x-acs-content-sha256"]])
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"


def query(parameters: Mapping[str, str]) -> str:
    """Sorted, percent-encoded as RFC 3986 has it (a space is %20, a tilde stays)."""
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in sorted(parameters.items()))
