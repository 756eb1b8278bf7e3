"""Signed papers for tests, made once: an authority of their own, a time-stamping authority with given instants."""

from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from contracts.paper import pki, render, sign
from tests import agreements

SIGNED_AT = datetime(2026, 11, 22, 13, 4, 33, tzinfo=UTC)
COUNTERSIGNED_AT = SIGNED_AT + timedelta(minutes=1)
YEARS_LATER = SIGNED_AT + timedelta(days=900)
NUMBER = "XZ-20261122-0417"
LESSEE, LESSOR = "林知夏", "杭州拾光数码科技有限公司"


@cache
def authority() -> pki.Authority:
    return pki.new_authority()


@cache
def roots() -> pki.Roots:
    return pki.Roots((authority().root,), (_tsa()[1],))


def timestamper(at: datetime) -> DummyTimeStamper:
    key, der = _tsa()
    raw = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return DummyTimeStamper(asn1_x509.Certificate.load(der), asn1_keys.PrivateKeyInfo.load(raw), fixed_dt=at)


@cache
def unsigned() -> bytes:
    return render.agreement(agreements.terms(languages=("zh",)))


def customer_signed(pdf: bytes, *, name: str = LESSEE, ca: pki.Authority | None = None) -> bytes:
    signer = pki.for_customer(ca or authority(), name, pdf, SIGNED_AT)
    trusted = pki.Roots((signer.issuer,), roots().timestamps)
    return sign.sign_as_customer(pdf, signer, NUMBER, SIGNED_AT, timestamper(SIGNED_AT), trusted)


def lessor_signed(pdf: bytes, *, ca: pki.Authority | None = None) -> bytes:
    signer = pki.for_lessor(ca or authority(), LESSOR, pdf, COUNTERSIGNED_AT)
    trusted = pki.Roots((signer.issuer,), roots().timestamps)
    return sign.sign_as_lessor(pdf, signer, NUMBER, COUNTERSIGNED_AT, timestamper(COUNTERSIGNED_AT), trusted)


@cache
def half_signed() -> bytes:
    return customer_signed(unsigned())


@cache
def signed() -> bytes:
    return lessor_signed(half_signed())


@cache
def _tsa() -> tuple[rsa.RSAPrivateKey, bytes]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time-stamping authority")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 1, 1, tzinfo=UTC))
        .add_extension(usage, critical=True)
    )
    return key, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
