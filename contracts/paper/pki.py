"""Our own signing authority: the root, a fresh key for every customer's signature, the platform's kept key.

A customer's key is made for the digest of one document, lives in memory for that one signature and is never stored;
its certificate (two days) names the digest, so that the signature cannot be moved to other paper (Electronic Signature
Law art. 13: exclusive, under sole control, later changes detectable). Kept keys come from `core.keys`: CA_KEY, CA_CERT,
PLATFORM_KEY. This authority is not a licensed one; the agreement says so, and production may use a licensed provider.
Every certificate and revocation list is dated by the instant passed in. EC P-256 with SHA-256 throughout.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import keys

CA_KEY = "contracts-ca.key"
CA_CERT = "contracts-ca.crt"
PLATFORM_KEY = "contracts-platform.key"

ROOT_FROM = datetime(2020, 1, 1, tzinfo=UTC)  # fixed, so that any business day can be run again
ROOT_UNTIL = datetime(2060, 1, 1, tzinfo=UTC)
SIGNING_LIFE = timedelta(days=2)
CRL_LIFE = timedelta(days=7)
SKEW = timedelta(minutes=10)  # how far the time-stamping authority's clock may lie behind ours

# Under the UUID arc 2.25: SHA-256 of the one document for which a certificate was issued, and the signer's part in it.
DOCUMENT_OID = x509.ObjectIdentifier("2.25.250837471162059917364829401733860516811")
ROLE_OID = x509.ObjectIdentifier("2.25.250837471162059917364829401733860516812")
CUSTOMER = "customer"
LESSOR = "lessor"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign, its certificate, its issuer's and the revocation list of its day (DER). Never kept."""

    name: str
    role: str
    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    issuer: bytes
    crl: bytes

    def __repr__(self) -> str:
        return f"<Signer {self.role}>"


@dataclass(frozen=True, slots=True)
class Roots:
    """Whom we trust, in DER. Two lists, because the root of a time-stamping authority must not certify signers."""

    signing: tuple[bytes, ...]
    timestamps: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """The root: its key and certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def root(self) -> bytes:
        """The root certificate in DER: what verifiers trust."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def __repr__(self) -> str:
        return "<Authority>"


def authority() -> Authority:
    """The kept root, made on first use where MAKE_KEYS allows; ImproperlyConfigured in production without key files."""
    key = _load(keys.ensure(CA_KEY, _new_key))
    pem = keys.ensure(CA_CERT, lambda: _root(key).public_bytes(serialization.Encoding.PEM))
    return Authority(key, x509.load_pem_x509_certificate(pem))


def new_authority() -> Authority:
    """A root of its own that is kept nowhere (tests, ceremonies)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(key, _root(key))


def for_customer(ca: Authority, name: str, document: bytes, at: datetime, revoked: Iterable[int] = ()) -> Signer:
    """A key that exists for this one signature on this one document; certificate valid two days from `at`.

    `name` is the verified name, `document` the PDF's bytes as they were confirmed by the one-time code.
    """
    return _signer(ca, ec.generate_private_key(ec.SECP256R1()), name, CUSTOMER, document, at, revoked)


def for_lessor(ca: Authority, name: str, document: bytes, at: datetime, revoked: Iterable[int] = ()) -> Signer:
    """The platform's kept key, certified for two days to sign this document in the name of the lessor."""
    return _signer(ca, platform_key(), name, LESSOR, document, at, revoked)


def platform_key() -> ec.EllipticCurvePrivateKey:
    """The platform's kept key, made on first use where MAKE_KEYS allows."""
    return _load(keys.ensure(PLATFORM_KEY, _new_key))


def crl(ca: Authority, at: datetime, revoked: Iterable[int] = ()) -> bytes:
    """The list of revoked serial numbers in DER, valid around `at`."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(_second(at - SKEW))
        .next_update(_second(at + CRL_LIFE))
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
    )
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_second(at - SKEW))
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def marked(certificate: bytes, oid: x509.ObjectIdentifier) -> bytes:
    """What our own extension `oid` says in a certificate (DER); empty when it is not there."""
    try:
        extension = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return b""
    return extension.value[2:] if isinstance(extension, x509.UnrecognizedExtension) else b""


def _signer(
    ca: Authority,
    key: ec.EllipticCurvePrivateKey,
    name: str,
    role: str,
    document: bytes,
    at: datetime,
    revoked: Iterable[int],
) -> Signer:
    if at.tzinfo is None:
        raise ValueError("an instant carries its zone")
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name, role))
        .issuer_name(ca.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_second(at - SKEW))
        .not_valid_after(_second(at + SIGNING_LIFE))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_documents=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .add_extension(x509.UnrecognizedExtension(DOCUMENT_OID, _octets(hashlib.sha256(document).digest())), False)
        .add_extension(x509.UnrecognizedExtension(ROLE_OID, _octets(role.encode())), False)
    )
    certificate = builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return Signer(name, role, key, certificate, ca.root, crl(ca, at, revoked))


def _root(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Xinzu"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Xinzu contract signing root {_fingerprint(key)}"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ROOT_FROM)
        .not_valid_after(ROOT_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_documents=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _subject(name: str, role: str) -> x509.Name:
    unit = "Customer, one document" if role == CUSTOMER else "Lessor, signed by the platform"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),  # X.520 ends a common name there
        ]
    )


def _usage(*, signs_documents: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_cert_sign=not signs_documents,
        crl_sign=not signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _octets(value: bytes) -> bytes:
    """`value` (shorter than 128 bytes) as a DER octet string."""
    return bytes((0x04, len(value))) + value


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _fingerprint(key: ec.EllipticCurvePrivateKey) -> str:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a contract key is an EC key")
    return key
