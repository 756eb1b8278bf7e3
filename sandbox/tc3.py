"""Tencent's side of TC3-HMAC-SHA256: takes an Authorization header apart and computes what it should have been."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

FRESH_FOR = timedelta(minutes=5)
_HEADER = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/,]+)/(?P<day>\d{4}-\d{2}-\d{2})/(?P<service>\w+)/tc3_request, ?"
    r"SignedHeaders=(?P<names>[\w;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class Mismatch(Exception):
    """With the code and the words that Tencent would use."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def verify(headers: Mapping[str, str], body: bytes, *, service: str, secret_id: str, secret: str, at: datetime) -> None:
    """Raises Mismatch unless the POST was signed with `secret`, over its own body, within the last five minutes."""
    found = _HEADER.fullmatch(headers.get("authorization", ""))
    if not found or found["service"] != service:
        raise Mismatch("AuthFailure.InvalidAuthorization", "The authorization in the request header is invalid.")
    if found["id"] != secret_id:
        raise Mismatch("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    names, stamp = found["names"].split(";"), headers.get("x-tc-timestamp", "")
    if not {"content-type", "host"} <= set(names) or any(name not in headers for name in names):
        raise Mismatch("AuthFailure.InvalidAuthorization", "A header that must be signed is not.")
    then = datetime.fromtimestamp(int(stamp), UTC) if re.fullmatch(r"\d{1,11}", stamp, re.ASCII) else None
    if then is None or abs(at - then) > FRESH_FOR:
        raise Mismatch("AuthFailure.SignatureExpire", "Your signature is expired.")
    if found["day"] != then.date().isoformat():
        raise Mismatch("AuthFailure.SignatureFailure", "The credential date is not the day of the time stamp.")
    canonical = "POST\n/\n\n"  # as at the real host, whatever the address here
    for name in sorted(names):
        canonical += name + ":" + headers[name].strip() + "\n"
    canonical += "\n" + found["names"] + "\n" + sha256(body).hexdigest()
    text = f"TC3-HMAC-SHA256\n{stamp}\n{found['day']}/{service}/tc3_request\n{sha256(canonical.encode()).hexdigest()}"
    day_key = hmac.new(b"TC3" + secret.encode(), found["day"].encode(), "sha256").digest()
    service_key = hmac.new(day_key, service.encode(), "sha256").digest()
    wanted = hmac.new(hmac.new(service_key, b"tc3_request", "sha256").digest(), text.encode(), "sha256").hexdigest()
    if not hmac.compare_digest(wanted, found["signature"]):
        raise Mismatch("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
