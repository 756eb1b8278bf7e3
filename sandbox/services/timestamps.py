"""The time-stamping authority (RFC 3161)."""

from datetime import UTC, datetime

from asn1crypto import keys as asn1_keys
from asn1crypto import pem, tsp, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.timestamps import DummyTimeStamper

from sandbox import keys


def answer(query: bytes, at: datetime) -> bytes:
    """The DER TimeStampResp to a DER TimeStampReq, stamped with `at`. ValueError for what is no request."""
    request = tsp.TimeStampReq.load(query, strict=True)
    _ = request["message_imprint"]["hashed_message"].native  # parse lazily read parts now: nonsense fails here
    stamper = DummyTimeStamper(_certificate(), _key(), fixed_dt=at.astimezone(UTC).replace(microsecond=0))
    return bytes(stamper.request_tsa_response(request).dump())


def _certificate() -> x509.Certificate:
    _type, _headers, der = pem.unarmor(keys.tsa_certificate())
    return x509.Certificate.load(der)


def _key() -> asn1_keys.PrivateKeyInfo:
    der = keys.tsa().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asn1_keys.PrivateKeyInfo.load(der)
