"""The life of an agreement: drafted, presented, willed, signed by both, kept. Slow work runs outside transactions.

Printing and signing bring heavy libraries: they are imported by the functions that need them, so that a web process
starts without them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer, Merchant
from contracts.models import Agreement, Document, EvidenceEvent
from contracts.rules import addenda, evidence
from contracts.rules import terms as rules
from contracts.services import documents
from core import keys
from core.errors import DomainError
from core.services.events import PLATFORM
from integrations import registry

if TYPE_CHECKING:
    from contracts.paper import pki, summary, verify


class NotAllConfirmed(DomainError):
    code = "not_all_confirmed"
    message = _("Please confirm every key term first; %(count)s are left.")


class AgreementNotReady(DomainError):
    code = "agreement_not_ready"
    message = _("The agreement is still being prepared. Please wait a moment.")


class NotGenuine(DomainError):
    code = "not_genuine"
    message = _("The signatures that were just made do not verify (%(reason)s). Nothing was kept.")


Paper = rules.AgreementTerms | addenda.RenewalTerms | addenda.ExtensionTerms | addenda.TitleTerms | addenda.NoticeTerms
ALONE = (Agreement.Kind.TITLE, Agreement.Kind.NOTICE)  # the lessor signs them, and nobody is asked
_KINDS: dict[type[Any], str] = {
    addenda.RenewalTerms: Agreement.Kind.RENEWAL,
    addenda.ExtensionTerms: Agreement.Kind.EXTENSION,
    addenda.TitleTerms: Agreement.Kind.TITLE,
    addenda.NoticeTerms: Agreement.Kind.NOTICE,
}
_TERMS: dict[str, type[Any]] = {kind: terms for terms, kind in _KINDS.items()}


def draft(terms: Paper, customer: Customer, merchant: Merchant, at: datetime) -> Agreement:
    """Fix the terms of a paper, inside the transaction of the act that it is about."""
    agreement = Agreement.objects.create(
        number=terms.number,
        kind=_KINDS.get(type(terms), Agreement.Kind.LEASE),
        customer=customer,
        merchant=merchant,
        language=terms.languages[-1],
        terms=terms.to_json(),
        terms_sha256=terms.sha256(),
        drafted_at=at,
    )
    note(agreement, "drafted", {"terms_sha256": agreement.terms_sha256}, at)
    return agreement


def present(agreement_id: int, at: datetime) -> bool:
    """Render the PDF and show it to the customer; False when that was done before or is no longer wanted."""
    agreement = Agreement.objects.get(pk=agreement_id)
    if agreement.state != Agreement.State.DRAFTED:
        return False
    from contracts.paper import render

    pdf = render.agreement(_stated(agreement, "rendering", at))
    sha256 = documents.store(pdf)
    with transaction.atomic():
        agreement = _lock(agreement_id)
        if agreement.state != Agreement.State.DRAFTED:
            return False
        _keep(agreement, Document.Kind.UNSIGNED, sha256, len(pdf), at)
        (agreement.present_alone if agreement.kind in ALONE else agreement.present)(at)
        agreement.save()
        note(agreement, "presented", {"document_sha256": sha256}, at)
    return True


def terms_of(agreement: Agreement, actor: str, purpose: str, at: datetime) -> rules.AgreementTerms:
    """The frozen terms; unsealing them is logged."""
    return rules.AgreementTerms.from_json(agreement.terms.open(by=actor, purpose=purpose, at=at))


def renewal_of(agreement: Agreement, actor: str, purpose: str, at: datetime) -> addenda.RenewalTerms:
    """The frozen terms of a renewal; unsealing them is logged."""
    return addenda.RenewalTerms.from_json(agreement.terms.open(by=actor, purpose=purpose, at=at))


@dataclass(frozen=True, slots=True)
class Reading:
    """An agreement to read: its key terms in plain words, and its whole text as the PDF prints it.

    `is_translation`: this language is not in the paper, so what is signed is the Chinese text.
    """

    key_terms: "tuple[summary.KeyTerm, ...]"
    html: str
    language: str
    is_translation: bool


def reading(agreement: Agreement, language: str, actor: str, at: datetime) -> Reading:
    """Key terms and text in the reader's language, from the very source of the PDF."""
    from contracts.paper import render, summary

    terms, spoken = terms_of(agreement, actor, "reading", at), _spoken(language)
    text = render.edition(terms, spoken)
    return Reading(summary.key_terms(terms, spoken), text, spoken, spoken not in terms.languages)


def renewal_reading(agreement: Agreement, language: str, actor: str, at: datetime) -> Reading:
    """As `reading`, of a renewal."""
    from contracts.paper import addenda as printed
    from contracts.paper import render

    terms, spoken = renewal_of(agreement, actor, "reading", at), _spoken(language)
    text = render.edition(terms, spoken)
    return Reading(printed.key_terms(terms, spoken), text, spoken, spoken not in terms.languages)


def extension_reading(agreement: Agreement, language: str, actor: str, at: datetime) -> Reading:
    """As `reading`, of an extension plan's addendum."""
    from contracts.paper import addenda as printed
    from contracts.paper import render

    text = agreement.terms.open(by=actor, purpose="reading", at=at)
    terms, spoken = addenda.ExtensionTerms.from_json(text), _spoken(language)
    html = render.edition(terms, spoken)
    return Reading(printed.plan_terms(terms, spoken), html, spoken, spoken not in terms.languages)


def key_terms(agreement: Agreement, language: str, actor: str, at: datetime) -> "tuple[summary.KeyTerm, ...]":
    """What must be confirmed, in plain words, as the first page of the PDF says it."""
    from contracts.paper import summary

    return summary.key_terms(terms_of(agreement, actor, "reading", at), _spoken(language))


def _spoken(language: str) -> str:
    return rules.CHINESE if language.startswith("zh") else rules.ENGLISH


def code_purpose(agreement: Agreement) -> str:
    """The purpose of a signing code: this document's hash, so that the code signs nothing else."""
    return f"sign:{unsigned(agreement).sha256}"


def unsigned(agreement: Agreement) -> Document:
    """The PDF to be signed. AgreementNotReady while it is rendered."""
    found = agreement.documents.filter(kind=Document.Kind.UNSIGNED).first()
    if found is None:
        raise AgreementNotReady
    return found


def signed(agreement: Agreement) -> Document | None:
    return agreement.documents.filter(kind=Document.Kind.SIGNED).first()


def require_confirmed(agreement: Agreement, confirmed: Collection[str], at: datetime) -> list[str]:
    """The key terms of this agreement, all of which were ticked, and nothing else that a form may have sent.

    NotAllConfirmed when one is left.
    """
    terms = terms_of(agreement, PLATFORM, "checking confirmations", at)
    left = rules.unconfirmed(terms, confirmed)
    if left:
        raise NotAllConfirmed(count=len(left))
    return [code.value for code in rules.confirmations(terms)]


def intend(agreement_id: int, confirmed: Collection[str], facts: Mapping[str, str], at: datetime) -> None:
    """Record the customer's will: what he confirmed and that his code for this document was right."""
    agreement = _lock(agreement_id)
    if not can_proceed(agreement.intend):
        raise AgreementNotReady
    agreement.intend(at)
    agreement.save()
    document = unsigned(agreement)
    note(agreement, "confirmed", {"terms": sorted(confirmed), "document_sha256": document.sha256}, at)
    note(agreement, "code_entered", {"document_sha256": document.sha256, **facts}, at)


def make_signatures(agreement_id: int, at: datetime) -> bytes | None:
    """The PAdES signatures on the presented PDF, both or the lessor's; None when none is wanted. Stores nothing."""
    from contracts.paper import pki, sign, verify

    agreement = Agreement.objects.select_related("merchant").get(pk=agreement_id)
    if agreement.state != Agreement.State.SIGNING:
        return None
    pdf = documents.read(unsigned(agreement))
    authority, roots = pki.authority(), trusted()
    stamper = sign.RelayedTimeStamper(registry.timestamps().ask)
    second = sign.sign_alone
    if agreement.kind not in ALONE:
        lessee = _stated(agreement, "signing", at).lessee
        customer = pki.for_customer(authority, lessee.name, pdf, at)
        pdf = sign.sign_as_customer(pdf, customer, agreement.number, at, stamper, roots)
        second = sign.sign_as_lessor
    lessor = pki.for_lessor(authority, agreement.merchant.name, pdf, at)
    pdf = second(pdf, lessor, agreement.number, at, stamper, roots)
    report = verify.examine(pdf, roots, at)
    if not report.genuine:
        raise NotGenuine(reason=report.reason)  # better no agreement than one that nobody could verify
    return pdf


def seal(agreement_id: int, pdf: bytes, at: datetime) -> Agreement:
    """Keep the signed PDF for ever; inside the transaction that steps the order."""
    agreement = _lock(agreement_id)
    sha256 = documents.store(pdf)
    _keep(agreement, Document.Kind.SIGNED, sha256, len(pdf), at)
    agreement.sign(at)
    agreement.save()
    note(agreement, "signed", {"document_sha256": sha256}, at)
    return agreement


def is_willed(agreement_id: int) -> bool:
    """The customer's will is recorded; both signatures follow or are there."""
    willed = (Agreement.State.SIGNING, Agreement.State.SIGNED)
    return Agreement.objects.filter(pk=agreement_id, state__in=willed).exists()


def is_signed(agreement_id: int) -> bool:
    return Agreement.objects.filter(pk=agreement_id, state=Agreement.State.SIGNED).exists()


def void(agreement_id: int) -> None:
    """The order ended before both had signed; a signed agreement stays what it is."""
    agreement = _lock(agreement_id)
    if can_proceed(agreement.void):
        agreement.void()
        agreement.save()


def examine(pdf: bytes, at: datetime) -> "verify.Report":
    """Whether a PDF is a genuine agreement of ours; never raises on a hostile file."""
    from contracts.paper import verify

    return verify.examine(pdf, trusted(), at)


def note(agreement: Agreement, kind: str, facts: Mapping[str, Any], at: datetime) -> EvidenceEvent:
    """Append a link to the evidence chain; the agreement's row is locked or just made by the caller."""
    last = agreement.evidence.order_by("-sequence").first()
    sequence = last.sequence + 1 if last else 1
    body = {"agreement": agreement.number, "at": at, "facts": dict(facts), "kind": kind, "sequence": sequence}
    link = evidence.append(last.hash if last else evidence.GENESIS, body)
    return EvidenceEvent.objects.create(
        agreement=agreement, sequence=sequence, kind=kind, facts=dict(facts), body=link.body, at=at, hash=link.hash
    )


def broken_evidence(agreement: Agreement) -> evidence.Break | None:
    """The first link that does not follow; None for a whole chain."""
    return evidence.verify([evidence.Link(event.body, event.hash) for event in agreement.evidence.all()])


def trusted() -> "pki.Roots":
    """Whom we trust: our own root for signers, the time-stamping authority's for timestamps."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificate

    from contracts.paper import pki

    stamps = load_pem_x509_certificate(keys.read(settings.TSA_ROOT))
    return pki.Roots(signing=(pki.authority().root,), timestamps=(stamps.public_bytes(Encoding.DER),))


def _stated(agreement: Agreement, purpose: str, at: datetime) -> Paper:
    """What a paper of any kind states."""
    text = agreement.terms.open(by=PLATFORM, purpose=purpose, at=at)
    stated: Paper = _TERMS.get(agreement.kind, rules.AgreementTerms).from_json(text)
    return stated


def _lock(agreement_id: int) -> Agreement:
    return Agreement.objects.select_for_update().get(pk=agreement_id)


def _keep(agreement: Agreement, kind: str, sha256: str, size: int, at: datetime) -> None:
    Document.objects.create(agreement=agreement, kind=kind, sha256=sha256, size=size, made_at=at)
