"""The time-stamping authority (RFC 3161)."""

from datetime import UTC, datetime

from asn1crypto import cms, core, pem, tsp, x509
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pyhanko.sign.general import as_signing_certificate, simple_cms_attribute
from pyhanko.sign.timestamps import DummyTimeStamper

from sandbox import keys


def answer(query: bytes, at: datetime) -> bytes:
    """The DER TimeStampResp to a DER TimeStampReq, stamped with `at`. ValueError for what is no request."""
    request = tsp.TimeStampReq.load(query, strict=True)
    _ = request["message_imprint"]["hashed_message"].native  # parse lazily read parts now: nonsense fails here
    stamper = _Stamper(_certificate(), asn1_keys.PrivateKeyInfo(), fixed_dt=at.astimezone(UTC).replace(microsecond=0))
    return bytes(stamper.request_tsa_response(request).dump())


def _certificate() -> x509.Certificate:
    _type, _headers, der = pem.unarmor(keys.tsa_certificate())
    return x509.Certificate.load(der)


class _Stamper(DummyTimeStamper):
    """pyHanko's, with a key that was read once: it reads and proves its own anew for each token, most of the answer."""

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, cms.CMSAttributes]:
        algorithm = getattr(hashes, md_algorithm.upper())()
        digest = hashes.Hash(algorithm)
        digest.update(tst_info_data)
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                simple_cms_attribute("signing_certificate", as_signing_certificate(self.tsa_cert)),
                simple_cms_attribute("message_digest", digest.finalize()),
            ]
        )
        signed = keys.tsa().sign(attributes.dump(), PKCS1v15(), algorithm)
        return signed, attributes
