"""Two signatures and a closing timestamp that hold; any change, addition or forgery that shows."""

import random
import shutil
import subprocess
import zlib
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import pem, tsp
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pytest_django import Settings

from contracts.paper import pki, sign, verify
from contracts.paper.verify import Reason
from contracts.rules.limits import LARGEST_FILE
from sandbox import keys as sandbox_keys
from sandbox.services import timestamps
from tests import papers


def reason(pdf: bytes) -> Reason:
    return verify.examine(pdf, papers.roots(), papers.YEARS_LATER).reason


def test_a_signed_agreement_is_genuine_years_later() -> None:
    report = verify.examine(papers.signed(), papers.roots(), papers.YEARS_LATER)
    assert report.genuine
    assert [s.signer for s in report.signatures[:2]] == [papers.LESSEE, papers.LESSOR]
    assert [s.at for s in report.signatures] == [papers.SIGNED_AT, papers.COUNTERSIGNED_AT, papers.COUNTERSIGNED_AT]
    assert [s.modification for s in report.signatures] == ["FORM_FILLING", "LTA_UPDATES", "NONE"]
    assert report.signatures[-1].coverage == "ENTIRE_FILE"
    assert all(s.valid and s.intact and s.trusted for s in report.signatures)
    assert report.sealed_at == papers.COUNTERSIGNED_AT


def test_every_version_is_a_prefix_of_the_next() -> None:
    assert papers.half_signed().startswith(papers.unsigned())
    assert papers.signed().startswith(papers.half_signed())


def test_one_signature_is_not_yet_an_agreement() -> None:
    report = verify.examine(papers.half_signed(), papers.roots(), papers.YEARS_LATER)
    assert (report.genuine, report.reason) == (False, Reason.INCOMPLETE)
    assert report.signatures[0].valid
    assert reason(papers.unsigned()) is Reason.UNSIGNED


def test_a_flipped_bit_is_found_wherever_it_is() -> None:
    paper, dice = papers.signed(), random.Random(20261122)
    places = [dice.randrange(len(paper)) for _ in range(24)]
    places += [dice.randrange(len(paper) - 12_000, len(paper)) for _ in range(12)]
    for place in places:
        changed = bytearray(paper)
        changed[place] ^= 1 << dice.randrange(8)
        assert not verify.examine(bytes(changed), papers.roots(), papers.YEARS_LATER).genuine, place


def test_the_head_of_the_closing_token_is_not_free_either() -> None:
    # the algorithm list and version of a CMS token are covered by no signature: only our own check sees them
    paper, dice = papers.signed(), random.Random(7)
    start = paper.rindex(b"/Contents <") + len(b"/Contents <")
    for place in range(start + 30, start + 92):
        changed = bytearray(paper)
        changed[place] = dice.choice([c for c in b"0123456789ABCDEF" if c != paper[place]])
        assert not verify.examine(bytes(changed), papers.roots(), papers.YEARS_LATER).genuine, place - start


@pytest.mark.parametrize("tail", [b"\n", b" ", b"\x00", b"%%EOF", b"% note", b"\n1 0 obj<<>>endobj"])
def test_appended_bytes_are_found(tail: bytes) -> None:
    assert reason(papers.signed() + tail) in {Reason.APPENDED, Reason.UNREADABLE}


def test_an_addition_after_the_end_is_found() -> None:
    writer = IncrementalPdfFileWriter(BytesIO(papers.signed()))
    writer.root["/Lang"] = writer.root.get("/Title", writer.root["/Type"])
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert not verify.examine(out.getvalue(), papers.roots(), papers.YEARS_LATER).genuine


def test_a_paper_signed_under_another_root_is_not_trusted() -> None:
    other = pki.new_authority()
    forged = papers.lessor_signed(papers.customer_signed(papers.unsigned(), ca=other), ca=other)
    assert reason(forged) is Reason.UNTRUSTED


def test_a_timestamp_authority_cannot_vouch_for_signers() -> None:
    other = pki.new_authority()
    forged = papers.lessor_signed(papers.customer_signed(papers.unsigned(), ca=other), ca=other)
    lenient = pki.Roots(papers.roots().signing, (*papers.roots().timestamps, other.root))
    assert not verify.examine(forged, lenient, papers.YEARS_LATER).genuine


def test_a_certificate_made_for_another_document_does_not_count() -> None:
    pdf = papers.unsigned()
    stray = pki.for_customer(papers.authority(), papers.LESSEE, pdf + b"other", papers.SIGNED_AT)
    with pytest.raises(sign.Unsignable):
        sign.sign_as_customer(
            pdf, stray, papers.NUMBER, papers.SIGNED_AT, papers.timestamper(papers.SIGNED_AT), papers.roots()
        )


def test_a_revoked_certificate_cannot_sign() -> None:
    pdf, at = papers.unsigned(), papers.SIGNED_AT
    with pytest.raises(sign.Unsignable, match="revoked"):
        sign.sign_as_customer(pdf, _revoked(pdf), papers.NUMBER, at, papers.timestamper(at), papers.roots())


def test_a_revoked_certificate_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf, at = papers.unsigned(), papers.SIGNED_AT
    monkeypatch.setattr(sign, "_require_made_for", lambda pdf, signer: None)
    paper = sign.sign_as_customer(pdf, _revoked(pdf), papers.NUMBER, at, papers.timestamper(at), papers.roots())
    assert reason(paper) is Reason.UNTRUSTED


def test_a_signature_with_a_certificate_for_another_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf, at = papers.unsigned(), papers.SIGNED_AT
    monkeypatch.setattr(sign, "_require_made_for", lambda pdf, signer: None)
    stray = pki.for_customer(papers.authority(), papers.LESSEE, pdf + b"other", at)
    paper = sign.sign_as_customer(pdf, stray, papers.NUMBER, at, papers.timestamper(at), papers.roots())
    assert not verify.examine(paper, papers.roots(), papers.YEARS_LATER).signatures[0].valid


def _revoked(pdf: bytes) -> pki.Signer:
    signer = pki.for_customer(papers.authority(), papers.LESSEE, pdf, papers.SIGNED_AT)
    serial = x509.load_der_x509_certificate(signer.certificate).serial_number
    return replace(signer, crl=pki.crl(papers.authority(), papers.SIGNED_AT, [serial]))


def test_a_timestamp_after_the_certificate_ended_is_refused() -> None:
    pdf, at = papers.unsigned(), papers.SIGNED_AT
    signer = pki.for_customer(papers.authority(), papers.LESSEE, pdf, at)
    late = papers.timestamper(at + timedelta(days=5))
    paper = sign.sign_as_customer(pdf, signer, papers.NUMBER, at, late, papers.roots())
    assert reason(paper) is Reason.UNTRUSTED


def test_the_order_of_signing_is_kept() -> None:
    with pytest.raises(sign.Unsignable):
        papers.customer_signed(papers.half_signed())
    with pytest.raises(sign.Unsignable):
        papers.lessor_signed(papers.unsigned())
    with pytest.raises(sign.Unsignable):
        papers.lessor_signed(papers.signed())


def test_a_silent_time_stamping_authority_signs_nothing() -> None:
    relay = sign.RelayedTimeStamper(lambda request: b"no token")
    signer = pki.for_customer(papers.authority(), papers.LESSEE, papers.unsigned(), papers.SIGNED_AT)
    with pytest.raises(sign.TimestampUnavailable):
        sign.sign_as_customer(papers.unsigned(), signer, papers.NUMBER, papers.SIGNED_AT, relay, papers.roots())


def test_the_relay_speaks_rfc_3161() -> None:
    authority = papers.timestamper(papers.SIGNED_AT)
    relay = sign.RelayedTimeStamper(
        lambda request: authority.request_tsa_response(tsp.TimeStampReq.load(request)).dump()
    )
    signer = pki.for_customer(papers.authority(), papers.LESSEE, papers.unsigned(), papers.SIGNED_AT)
    paper = sign.sign_as_customer(papers.unsigned(), signer, papers.NUMBER, papers.SIGNED_AT, relay, papers.roots())
    assert reason(paper) is Reason.INCOMPLETE


def test_an_outage_of_the_relay_passes_through_as_it_is() -> None:
    def unreachable(request: bytes) -> bytes:
        raise ConnectionRefusedError

    pdf = papers.unsigned()
    signer = pki.for_customer(papers.authority(), papers.LESSEE, pdf, papers.SIGNED_AT)
    relay = sign.RelayedTimeStamper(unreachable)
    with pytest.raises(ConnectionRefusedError):
        sign.sign_as_customer(pdf, signer, papers.NUMBER, papers.SIGNED_AT, relay, papers.roots())


def test_the_sandbox_time_stamping_authority_serves_our_papers() -> None:
    _type, _headers, root = pem.unarmor(sandbox_keys.tsa_certificate())
    roots = pki.Roots(papers.roots().signing, (root,))
    relay = sign.RelayedTimeStamper(lambda request: timestamps.answer(request, papers.SIGNED_AT))
    signer = pki.for_customer(papers.authority(), papers.LESSEE, papers.unsigned(), papers.SIGNED_AT)
    paper = sign.sign_as_customer(papers.unsigned(), signer, papers.NUMBER, papers.SIGNED_AT, relay, roots)
    lessor = pki.for_lessor(papers.authority(), papers.LESSOR, paper, papers.SIGNED_AT)
    paper = sign.sign_as_lessor(paper, lessor, papers.NUMBER, papers.SIGNED_AT, relay, roots)
    assert verify.examine(paper, roots, papers.YEARS_LATER).genuine


HOSTILE = [
    b"",
    b"%PDF-",
    b"not a pdf",
    b"%PDF-1.7\n" + bytes(range(256)) * 40,
    b"%PDF-1.4\n" + b"[" * 100_000,
    b"%PDF-1.4\ntrailer<</Root " + b"<<" * 20_000 + b"startxref\n9\n%%EOF",
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
    b"%PDF-1.4\nxref\n0 9999999999\ntrailer<</Size 1/Prev 0>>\nstartxref\n9\n%%EOF",
]


@pytest.mark.parametrize("pdf", HOSTILE)
def test_a_hostile_file_gets_a_report(pdf: bytes) -> None:
    report = verify.examine(pdf, papers.roots(), papers.YEARS_LATER)
    assert not report.genuine
    assert report.signatures == ()


def test_damaged_papers_get_a_report() -> None:
    dice = random.Random(3)
    for _round in range(60):
        paper = bytearray(papers.signed())
        for _hit in range(dice.choice([1, 5, 40])):
            paper[dice.randrange(len(paper))] = dice.randrange(256)
        cut = dice.choice([len(paper), dice.randrange(len(paper))])
        assert not verify.examine(bytes(paper[:cut]), papers.roots(), papers.YEARS_LATER).genuine


def test_a_file_too_large_and_a_bomb_are_refused_unread() -> None:
    bomb = zlib.compress(bytes(verify.LARGEST_CONTENT + 1), 9)
    assert reason(b"%PDF-1.7\n" + bytes(LARGEST_FILE)) is Reason.TOO_LARGE
    assert reason(b"%PDF-1.7\n1 0 obj<</Filter/FlateDecode>>stream\n" + bomb + b"endstream") is Reason.TOO_LARGE


def test_the_kept_keys_are_made_once_and_the_customers_never_kept(tmp_path: Path, settings: Settings) -> None:
    settings.KEY_DIR, settings.MAKE_KEYS = tmp_path, True
    ca = pki.authority()
    pki.for_lessor(ca, papers.LESSOR, b"paper", papers.SIGNED_AT)
    pki.for_customer(ca, papers.LESSEE, b"paper", papers.SIGNED_AT)
    assert pki.authority().root == ca.root
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([pki.CA_KEY, pki.CA_CERT, pki.PLATFORM_KEY])


def test_a_certificate_lives_two_days_from_the_given_instant() -> None:
    signer = pki.for_customer(papers.authority(), papers.LESSEE, b"paper", papers.SIGNED_AT)
    certificate = x509.load_der_x509_certificate(signer.certificate)
    assert certificate.not_valid_after_utc == papers.SIGNED_AT + timedelta(days=2)
    assert certificate.not_valid_before_utc == papers.SIGNED_AT - pki.SKEW
    assert papers.LESSEE not in repr(signer)


@pytest.mark.skipif(
    not shutil.which("pdfsig") or not shutil.which("certutil"), reason="no poppler-utils, libnss3-tools"
)
def test_poppler_trusts_both_signatures_and_sees_a_changed_byte(tmp_path: Path) -> None:
    store = f"sql:{tmp_path}"
    root = x509.load_der_x509_certificate(papers.authority().root)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True)
    subprocess.run(
        ["certutil", "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", str(tmp_path / "root.pem")],
        check=True,
    )
    said = _pdfsig(store, tmp_path, papers.signed())
    assert said.count("Signature is Valid") == 2
    assert said.count("Certificate is Trusted") == 2
    assert "Total document signed" in said
    changed = papers.signed().replace(b"/Producer", b"/Produced", 1)
    assert "Digest Mismatch" in _pdfsig(store, tmp_path, changed)


def _pdfsig(store: str, folder: Path, pdf: bytes) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    ran = subprocess.run(
        ["pdfsig", "-nssdir", store, str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    return ran.stdout
