"""Two PAdES signatures on one agreement: the customer's first, the lessor's as an increment, a document timestamp last.

Which certification lets all three hold, and nothing else: both signature fields are placed together with the first
signature. The customer *certifies* with FILL_FORMS, the strictest level under which a second person may still sign
(NO_CHANGES would void the customer's signature by the lessor's). The lessor's field is locked with NO_CHANGES
(a DocMDP value in its lock, PDF 2.0), so that after the second signature only validation material and timestamps may
follow. `verify.examine` asks for exactly this shape, on top of what a reader checks.

The customer's signature is B-LT with its own timestamp, the lessor's adds the B-LTA document timestamp (with B-LT alone
nothing would prove when the last revision existed). The time-stamping authority is passed in: a pyHanko `TimeStamper`.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.utils.translation import gettext_lazy as _
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator, GlyphAccumulatorFactory
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSigningSession,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from contracts.paper import fonts
from contracts.paper.pki import CUSTOMER, DOCUMENT_OID, LESSOR, SKEW, Roots, Signer, marked
from core.calendar import SHANGHAI
from core.errors import DomainError

CUSTOMER_FIELD = "Customer"
LESSOR_FIELD = "Lessor"
TIMESTAMP_FIELD = "Sealed"
# Certificates and revocation list lie in the signature's own revision, so that nothing follows the last timestamp.
_VALIDATION_MATERIAL = DSSContentSettings(
    include_vri=False,
    placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE,
    next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
)
_FLUSH_LEFT = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MIN,
    y_align=AxisAlignment.ALIGN_MID,
    margins=Margins(0, 0, 0, 0),
    inner_content_scaling=InnerScaling.SHRINK_TO_FIT,
)
RESERVED = 24576  # bytes kept for one signature with its timestamp token; pyHanko says when it is too little


class Unsignable(DomainError):
    code = "document_unsignable"
    message = _("The document cannot be signed: %(reason)s.")


class TimestampUnavailable(DomainError):
    code = "timestamp_unavailable"
    message = _("The time-stamping authority did not answer. Nothing was signed; try again.")


def sign_as_customer(
    pdf: bytes, signer: Signer, number: str, at: datetime, timestamper: TimeStamper, roots: Roots
) -> bytes:
    """`pdf` (unsigned) with both signature fields and the customer's certifying signature.

    `at` is the signing time that the stamp shows (in +08:00); Unsignable when the PDF is damaged or already signed, or
    the signer's certificate was made for another document; TimestampUnavailable when no token came. Pure: same input
    file, new bytes; the input is a prefix of the output.
    """
    if signer.role != CUSTOMER:
        raise ValueError("the customer signs first, with a customer's key")
    _require_made_for(pdf, signer)
    writer = _open(pdf)
    _require_unsigned(writer)
    for spec in (_field(CUSTOMER_FIELD, 0), _field(LESSOR_FIELD, 1, locked=True)):
        fields.append_signature_field(writer, spec)
    meta = _metadata(CUSTOMER_FIELD, signer, at, roots, certify=True)
    return _sign(writer, meta, signer, number, at, timestamper)


def sign_as_lessor(
    pdf: bytes, signer: Signer, number: str, at: datetime, timestamper: TimeStamper, roots: Roots
) -> bytes:
    """`pdf` (signed by the customer) with the lessor's signature, its validation material and the closing timestamp.

    Errors as `sign_as_customer`; Unsignable when the customer has not signed or the lessor already has.
    """
    if signer.role != LESSOR:
        raise ValueError("the lessor signs second, with the platform's key")
    _require_made_for(pdf, signer)
    writer = _open(pdf)
    _require_customer_only(writer)
    meta = _metadata(LESSOR_FIELD, signer, at, roots, certify=False)
    return _sign(writer, meta, signer, number, at, timestamper)


def sign_alone(pdf: bytes, signer: Signer, number: str, at: datetime, timestamper: TimeStamper, roots: Roots) -> bytes:
    """`pdf` (unsigned) of a paper that only the lessor signs, with his signature and the closing timestamp.

    Errors as `sign_as_customer`.
    """
    if signer.role != LESSOR:
        raise ValueError("the lessor signs alone, with the platform's key")
    _require_made_for(pdf, signer)
    writer = _open(pdf)
    _require_unsigned(writer)
    fields.append_signature_field(writer, _field(LESSOR_FIELD, 1, locked=True))
    meta = _metadata(LESSOR_FIELD, signer, at, roots, certify=False)
    return _sign(writer, meta, signer, number, at, timestamper)


class RelayedTimeStamper(TimeStamper):
    """RFC 3161 over a transport of the caller's: `post` sends the DER request and returns the DER answer.

    So that the one place that makes HTTP clients makes this one too; whatever `post` raises passes through.
    """

    def __init__(self, post: Callable[[bytes], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._post = post

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answer = self._post(req.dump())
        try:
            return tsp.TimeStampResp.load(answer, strict=True)
        except ValueError as error:
            raise TimestampUnavailable from error


def _require_made_for(pdf: bytes, signer: Signer) -> None:
    if marked(signer.certificate, DOCUMENT_OID) != hashlib.sha256(pdf).digest():
        raise Unsignable(reason="the certificate was made for another document")
    serial = x509.load_der_x509_certificate(signer.certificate).serial_number
    if x509.load_der_x509_crl(signer.crl).get_revoked_certificate_by_serial_number(serial) is not None:
        raise Unsignable(reason="the certificate is revoked")


def _open(pdf: bytes) -> IncrementalPdfFileWriter:
    try:
        return IncrementalPdfFileWriter(BytesIO(pdf))
    except (PdfError, ValueError) as error:
        raise Unsignable(reason="damaged") from error


def _require_unsigned(writer: IncrementalPdfFileWriter) -> None:
    if any(True for _field in fields.enumerate_sig_fields(writer.prev)):
        raise Unsignable(reason="it carries signatures already")


def _require_customer_only(writer: IncrementalPdfFileWriter) -> None:
    filled = [signature.field_name for signature in writer.prev.embedded_signatures]
    if filled != [CUSTOMER_FIELD]:
        raise Unsignable(reason="the lessor signs after the customer, once")


def _field(name: str, place: int, *, locked: bool = False) -> fields.SigFieldSpec:
    """The visible field on the last page, over the place drawn there (agreement.css, .place; 1 mm = 72/25.4 pt)."""
    left = (20 + 90 * place) * 72 / 25.4
    top, bottom = (297 - 22 - 62 - 9) * 72 / 25.4, (297 - 22 - 62 - 42) * 72 / 25.4
    box = tuple(int(edge) for edge in (left, bottom, left + 80 * 72 / 25.4, top))
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL) if locked else None
    return fields.SigFieldSpec(
        name,
        on_page=-1,
        box=(box[0], box[1], box[2], box[3]),
        field_mdp_spec=lock,
        doc_mdp_update_value=fields.MDPPerm.NO_CHANGES if locked else None,
    )


def _metadata(field: str, signer: Signer, at: datetime, roots: Roots, *, certify: bool) -> signers.PdfSignatureMetadata:
    return signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        name=signer.name,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS if certify else fields.MDPPerm.NO_CHANGES,
        embed_validation_info=True,
        use_pades_lta=not certify,
        timestamp_field_name=None if certify else TIMESTAMP_FIELD,
        validation_context=_context(signer, at, roots),
        signer_key_usage={"non_repudiation"},
        dss_settings=_VALIDATION_MATERIAL,
    )


def _context(signer: Signer, at: datetime, roots: Roots) -> ValidationContext:
    trusted = [asn1_x509.Certificate.load(der) for der in (signer.issuer, *roots.timestamps)]
    return ValidationContext(
        trust_roots=trusted,
        crls=[asn1_crl.CertificateList.load(signer.crl)],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=at,
        time_tolerance=SKEW,
    )


def _sign(
    writer: IncrementalPdfFileWriter,
    meta: signers.PdfSignatureMetadata,
    signer: Signer,
    number: str,
    at: datetime,
    timestamper: TimeStamper,
) -> bytes:
    machine = _DatedSigner(meta, _cms_signer(signer), timestamper=timestamper, stamp_style=_stamp(signer, number, at))
    machine.at = at
    try:
        signed = machine.sign_pdf(writer, existing_fields_only=True, bytes_reserved=RESERVED)
    except TimestampRequestError as error:
        raise TimestampUnavailable from error
    except SigningError as error:
        raise Unsignable(reason=str(error)) from error
    result: bytes = signed.getvalue()
    return result


class _DatedSigner(signers.PdfSigner):
    """pyHanko's signer with the time given, where it would read the machine's clock."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at.astimezone(SHANGHAI)
        return session


def _cms_signer(signer: Signer) -> signers.SimpleSigner:
    der = signer.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    issuers = SimpleCertificateStore()
    issuers.register(asn1_x509.Certificate.load(signer.issuer))
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(signer.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(der),
        cert_registry=issuers,
    )


class _FontOf(GlyphAccumulatorFactory):
    """The font of one text; pyHanko's own factory leaves the file open and chooses from all of its glyphs."""

    def __init__(self, text: str) -> None:
        super().__init__(str(fonts.for_stamp(text)))
        self.text = text

    def create_font_engine(self, writer: BasePdfFileWriter, obj_stream: Any = None) -> GlyphAccumulator:
        content = BytesIO(fonts.with_only(self.text, Path(self.font_file)))
        return GlyphAccumulator(writer, content, font_size=self.font_size, obj_stream=obj_stream)


def _stamp(signer: Signer, number: str, at: datetime) -> TextStampStyle:
    name = signer.name if len(signer.name) <= 20 else f"{signer.name[:19]}…"
    when = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} +08:00"
    text = f"{name}\n电子签名 {when}\n合同 {number}"
    return TextStampStyle(
        border_width=0,
        background=None,
        stamp_text=text.replace("%", "%%"),
        text_box_style=TextBoxStyle(
            font=_FontOf(text),
            font_size=10,
            leading=16,
            box_layout_rule=_FLUSH_LEFT,
        ),
        inner_content_layout=_FLUSH_LEFT,
    )
