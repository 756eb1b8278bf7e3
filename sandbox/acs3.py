"""Aliyun's side of ACS3-HMAC-SHA256: takes an Authorization header apart and computes what it should have been."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, quote

MUST_BE_SIGNED = {
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
}
FRESH_FOR = timedelta(minutes=15)
_HEADER = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")


class Mismatch(Exception):
    """With the code and the words that Aliyun would use."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def verify(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    key_id: str,
    secret: str,
    at: datetime,
) -> None:
    """Raises Mismatch unless the request was signed with `secret`, over its own body, within the last 15 minutes."""
    found = _HEADER.fullmatch(headers.get("authorization", ""))
    if not found:
        raise Mismatch("MissingAuthorization", "The Authorization header is missing or malformed.")
    given_id, names, signature = found[1], found[2].split(";"), found[3]
    if given_id != key_id:
        raise Mismatch("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    if not set(names) >= MUST_BE_SIGNED or any(name not in headers for name in names):
        raise Mismatch("IncompleteSignature", "A header that must be signed is not.")
    if headers["x-acs-content-sha256"] != sha256(body).hexdigest():
        raise Mismatch("SignatureDoesNotMatch", "The body is not the one that was signed.")
    wanted = _signature(method, path, query, headers, names, secret)
    if not hmac.compare_digest(wanted, signature):
        raise Mismatch("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
    if abs(at - _date(headers["x-acs-date"])) > FRESH_FOR:
        raise Mismatch("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def _signature(method: str, path: str, query: str, headers: Mapping[str, str], names: list[str], secret: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical_query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs)
    canonical = method + "\n" + path + "\n" + canonical_query + "\n"
    for name in sorted(names):
        canonical += name + ":" + headers[name].strip() + "\n"
    canonical += "\n" + ";".join(names) + "\n" + headers["x-acs-content-sha256"]
    text = "ACS3-HMAC-SHA256\n" + sha256(canonical.encode()).hexdigest()
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def _date(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Mismatch(
            "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
        ) from error
