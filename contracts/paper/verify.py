"""Is this paper genuine? What the service, the evidence report and the public page ask; works offline.

Stricter than a PDF reader, which accepts appended bytes and any certificate of a trusted root. Genuine means:
the customer's certifying signature, the lessor's, and a document timestamp, in that order and nothing else (on a title
paper the lessor's and the timestamp); every one
intact and trusted at the time that its timestamp proves; each certificate made by us, for this part and for exactly the
bytes that it signed on; the timestamp covers the entire file; no byte between that the signatures leave free.
The stored sha256 of an agreement is checked by whoever holds it, besides.
"""

import hashlib
import io
import re
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from asn1crypto import cms, core
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import CRLValidationError, OCSPValidationError, PathError, ValidationError

from contracts.paper.pki import CUSTOMER, DOCUMENT_OID, LESSOR, ROLE_OID, SKEW, Roots, marked
from contracts.rules.limits import LARGEST_FILE

if TYPE_CHECKING:
    from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus

LARGEST_CONTENT = 64 * 1024 * 1024  # all streams inflated; our agreements stay below 4 MB
MOST_SIGNATURES = 3

# What pyHanko and asn1crypto are known to raise on hostile bytes (found by fuzzing); anything else is our mistake.
_UNREADABLE = (
    PdfError, SigningError, SignatureValidationError, PathError, ValidationError, CRLValidationError,
    OCSPValidationError, UnsupportedAlgorithm, InvalidSignature, ValueError, TypeError, LookupError, AttributeError,
    AssertionError, NotImplementedError, RecursionError, ArithmeticError, struct.error, zlib.error,
)  # fmt: skip


# What may follow a signature: the lessor's one after the customer's, only validation material and timestamps after his.
_ALLOWED_AFTER = {
    CUSTOMER: (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING),
    LESSOR: (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES),
}


class Reason(StrEnum):
    """Why a file is not genuine; GENUINE when it is. Doors put it into words."""

    GENUINE = "GENUINE"
    NOT_A_PDF = "NOT_A_PDF"
    TOO_LARGE = "TOO_LARGE"
    UNREADABLE = "UNREADABLE"
    UNSIGNED = "UNSIGNED"
    INCOMPLETE = "INCOMPLETE"  # signed by the customer only, so far
    NOT_OURS = "NOT_OURS"  # other signatures than the agreement's two and the timestamp, or by others
    CHANGED = "CHANGED"  # bytes under a signature were changed
    APPENDED = "APPENDED"  # something was added after the signatures
    UNTRUSTED = "UNTRUSTED"  # a certificate is not from the trusted root, revoked, or was not valid at the time


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature. `at` is the instant that its timestamp proves (None when nothing trusted proves one)."""

    signer: str
    role: str
    at: datetime | None
    valid: bool
    intact: bool
    trusted: bool
    coverage: str
    modification: str


@dataclass(frozen=True, slots=True)
class Report:
    signatures: tuple[SignatureReport, ...]
    genuine: bool
    reason: Reason
    sha256: str

    @property
    def sealed_at(self) -> datetime | None:
        """When the closing timestamp was given, for a genuine paper."""
        return self.signatures[-1].at if self.genuine else None


def examine(pdf: bytes, roots: Roots, at: datetime) -> Report:
    """What `pdf` is, judged at `at`, when the closing timestamp's authority must be trusted. Never raises."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    refused = _refuse_unread(pdf)
    if refused is not None:
        return Report((), False, refused, sha256)
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        found = reader.embedded_signatures
        if not 1 <= len(found) <= MOST_SIGNATURES:
            return Report((), False, Reason.NOT_OURS if found else Reason.UNSIGNED, sha256)
        seals, reason = _Examination(pdf, found, roots, at).run()
    except _UNREADABLE:
        return Report((), False, Reason.UNREADABLE, sha256)
    return Report(seals, reason is Reason.GENUINE, reason, sha256)


def _refuse_unread(pdf: bytes) -> Reason | None:
    if len(pdf) > LARGEST_FILE:
        return Reason.TOO_LARGE
    if not pdf.startswith(b"%PDF-"):
        return Reason.NOT_A_PDF
    if _inflated_beyond(pdf, LARGEST_CONTENT):
        return Reason.TOO_LARGE
    return None


def _inflated_beyond(pdf: bytes, limit: int) -> bool:
    """Whether the streams of the file inflate to more than `limit`: a bomb is refused before it is read."""
    total = 0
    for start in re.finditer(rb"stream\r?\n", pdf):
        inflater = zlib.decompressobj()
        try:
            total += len(inflater.decompress(pdf[start.end() : start.end() + LARGEST_FILE], limit - total + 1))
        except zlib.error:
            continue
        if total > limit:
            return True
    return False


class _Examination:
    """The signatures of one file, last first: the closing timestamp proves when the ones before it existed."""

    def __init__(self, pdf: bytes, found: list[EmbeddedPdfSignature], roots: Roots, at: datetime) -> None:
        self.pdf = pdf
        self.found = found
        self.roots = roots
        self.at = at

    def run(self) -> tuple[tuple[SignatureReport, ...], Reason]:
        kinds = [str(signature.sig_object_type) for signature in self.found]
        reports: list[SignatureReport] = []
        proven = self.at
        for signature, kind in zip(reversed(self.found), reversed(kinds), strict=True):
            report = self._timestamp(signature) if kind == "/DocTimeStamp" else self._signature(signature, proven)
            if kind == "/DocTimeStamp" and report.at is not None:
                proven = report.at
            reports.insert(0, report)
        return tuple(reports), self._reason(kinds, reports)

    def _reason(self, kinds: list[str], reports: list[SignatureReport]) -> Reason:
        if any(not report.intact for report in reports) or not all(map(self._is_tight, self.found)):
            return Reason.CHANGED
        if reports[-1].coverage != SignatureCoverageLevel.ENTIRE_FILE.name:
            return Reason.APPENDED
        if not _is_ours(kinds, [report.role for report in reports]):
            return Reason.NOT_OURS
        if not all(report.trusted for report in reports):
            return Reason.UNTRUSTED
        if not all(report.valid for report in reports):
            return Reason.CHANGED
        return Reason.GENUINE if kinds[-1] == "/DocTimeStamp" else Reason.INCOMPLETE

    def _signature(self, embedded: EmbeddedPdfSignature, proven: datetime) -> SignatureReport:
        stamped = _claimed_time(embedded)
        status: PdfSignatureStatus = validate_pdf_signature(
            embedded,
            self._context(self.roots.signing, stamped or proven, revocation="require", embedded=embedded),
            self._context(self.roots.timestamps, proven),
        )
        stamp = status.timestamp_validity
        timely = bool(stamp is not None and stamp.valid and stamp.trusted and stamped is not None)
        certificate = embedded.signer_cert.dump()
        role = marked(certificate, ROLE_OID).decode("ascii", "replace")
        allowed = status.modification_level in _ALLOWED_AFTER.get(role, ())
        return SignatureReport(
            signer=embedded.signer_cert.subject.native.get("common_name", ""),
            role=role,
            at=stamped if timely else None,
            valid=status.bottom_line and timely and allowed and self._is_bound(embedded, certificate),
            intact=status.intact and status.valid,
            trusted=status.trusted and timely,
            coverage=_name(status.coverage),
            modification=_name(status.modification_level),
        )

    def _timestamp(self, embedded: EmbeddedPdfSignature) -> SignatureReport:
        status: DocumentTimestampStatus = validate_pdf_timestamp(
            embedded, self._context(self.roots.timestamps, self.at)
        )
        plain = _is_plain(embedded, status, self.roots.timestamps)
        return SignatureReport(
            signer=embedded.signer_cert.subject.native.get("common_name", ""),
            role="timestamp",
            at=status.timestamp if status.trusted and status.valid else None,
            valid=status.valid and status.trusted and status.intact and plain,
            intact=status.intact and status.valid and plain,
            trusted=status.trusted,
            coverage=_name(status.coverage),
            modification=_name(status.modification_level),
        )

    def _context(
        self,
        trusted: tuple[bytes, ...],
        moment: datetime,
        revocation: str = "soft-fail",
        embedded: EmbeddedPdfSignature | None = None,
    ) -> ValidationContext:
        roots = [asn1_x509.Certificate.load(der) for der in trusted]
        crls = _revocation_lists(embedded) if embedded is not None else []
        return ValidationContext(
            trust_roots=roots,
            crls=crls,
            moment=moment,
            allow_fetching=False,
            revocation_mode=revocation,
            time_tolerance=SKEW,
        )

    def _is_bound(self, embedded: EmbeddedPdfSignature, certificate: bytes) -> bool:
        """Whether the certificate was made for the very bytes that lay before this signature's revision."""
        revision = embedded.signed_revision
        if revision < 1:
            return False
        start = embedded.reader.xrefs.get_startxref_for_revision(revision - 1)
        end = self.pdf.index(b"%%EOF", start) + len(b"%%EOF")
        named = marked(certificate, DOCUMENT_OID)
        line_ends = (b"", b"\n", b"\r\n", b"\r")
        cuts = {end + len(mark) for mark in line_ends if self.pdf[end : end + len(mark)] == mark}
        return any(hashlib.sha256(self.pdf[:cut]).digest() == named for cut in cuts)

    def _is_tight(self, embedded: EmbeddedPdfSignature) -> bool:
        """No free room inside a signature: the hole in its byte range is its own upper-case hex and zeros, no more."""
        first, length, second, rest = (int(number) for number in embedded.byte_range)
        hole = self.pdf[first + length : second]
        token = embedded.pkcs7_content
        size = _der_size(token)
        spelled = b"<" + token[:size].hex().upper().encode() + b"0" * (2 * (len(token) - size)) + b">"
        return first == 0 and hole == spelled and second + rest <= len(self.pdf)


def _is_ours(kinds: list[str], roles: list[str]) -> bool:
    """The shapes of our papers: by both, by the customer so far, by the lessor alone (a title paper, ADR 23)."""
    shape = ["/Sig", "/Sig", "/DocTimeStamp"]
    if roles[:1] == [LESSOR]:
        return kinds == shape[1:]
    return kinds in (shape[:1], shape) and roles[:2] == [CUSTOMER, LESSOR][: len(roles)]


def _is_plain(embedded: EmbeddedPdfSignature, status: "DocumentTimestampStatus", trusted: tuple[bytes, ...]) -> bool:
    """Whether the closing token holds nothing that its own signature leaves free: nothing later covers this one.

    Strict DER, no unsigned attributes, the path's certificates only, bare algorithm names, the signer's exact name.
    """
    signed, signer = embedded.signed_data, embedded.signer_info
    token = embedded.pkcs7_content[: _der_size(embedded.pkcs7_content)]
    path = {certificate.dump() for certificate in status.validation_path or ()} | set(trusted)
    algorithms = (*signed["digest_algorithms"], signer["digest_algorithm"], signer["signature_algorithm"])
    return (
        cms.ContentInfo.load(token, strict=True).dump(force=True) == token
        and signed["version"].native == "v3"
        and not signer["unsigned_attrs"]
        and not signed["crls"]
        and len(signed["digest_algorithms"]) == 1
        and {choice.chosen.dump() for choice in signed["certificates"]} <= path
        and all(map(_is_bare, algorithms))
        and algorithms[0]["algorithm"].dotted == signer["digest_algorithm"]["algorithm"].dotted
        and _names_exactly(signer, embedded.signer_cert)
    )


def _names_exactly(signer: cms.SignerInfo, certificate: asn1_x509.Certificate) -> bool:
    """Whether the version and the issuer's name are spelled as they must be (a reader compares names loosely)."""
    if signer["sid"].name != "issuer_and_serial_number":
        return bool(signer["version"].native == "v3")
    spelled = signer["sid"].chosen["issuer"].dump() == certificate.issuer.dump()
    return bool(signer["version"].native == "v1") and spelled


def _is_bare(algorithm: core.Sequence) -> bool:
    """An algorithm by its name alone, or with parameters that the check of the signature itself reads (PSS)."""
    return algorithm["parameters"].dump() in (b"", b"\x05\x00") or algorithm["algorithm"].native == "rsassa_pss"


def _claimed_time(embedded: EmbeddedPdfSignature) -> datetime | None:
    token = next(extract_tst_data_iter(embedded.signer_info, signed=False), None)
    if token is None:
        return None
    stamped: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return stamped


def _revocation_lists(embedded: EmbeddedPdfSignature) -> list[asn1_crl.CertificateList]:
    store = DocumentSecurityStore.read_dss(embedded.reader)
    return [asn1_crl.CertificateList.load(reference.get_object().data) for reference in store.crls]


def _der_size(token: bytes) -> int:
    """The bytes that the outermost DER value takes, without the padding after it."""
    length = token[1]
    if length < 0x80:
        return 2 + length
    octets = length & 0x7F
    return 2 + octets + int.from_bytes(token[2 : 2 + octets], "big")


def _name(level: SignatureCoverageLevel | ModificationLevel | None) -> str:
    return level.name if level is not None else "UNKNOWN"
