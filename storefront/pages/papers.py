"""The agreement's pages: the text to read, the points to confirm, the paper and its evidence."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from contracts.models import Agreement, Document
from contracts.paper.summary import KeyTerm
from contracts.services import agreements
from contracts.services.agreements import Reading
from orders import words
from orders.models import Order, State


@dataclass(frozen=True, slots=True)
class ShownAgreement:
    """What `storefront/agreement.html` prints."""

    order: Order
    agreement: Agreement
    text: Reading
    pdf_href: str
    document_sha256: str
    evidence: list[words.Link]
    may_sign: bool
    is_signing: bool
    is_signed: bool


@dataclass(frozen=True, slots=True)
class ShownSigning:
    """What `storefront/sign.html` prints."""

    order: Order
    key_terms: tuple[KeyTerm, ...]
    phone: str


def shown(order: Order, agreement: Agreement, language: str, at: datetime) -> ShownAgreement:
    paper = document(agreement)
    signed = agreement.state == Agreement.State.SIGNED
    return ShownAgreement(
        order=order,
        agreement=agreement,
        text=agreements.reading(agreement, language, f"customer:{order.customer_id}", at),
        pdf_href=reverse("storefront:agreement_pdf", args=[order.number]) if paper else "",
        document_sha256=paper.sha256 if paper else "",
        evidence=words.evidence(agreement) if signed else [],
        may_sign=may_sign(order, agreement),
        is_signing=agreement.state == Agreement.State.SIGNING,
        is_signed=signed,
    )


def signing(order: Order, agreement: Agreement, language: str, at: datetime) -> ShownSigning:
    phone = order.customer.user.phone
    terms = agreements.key_terms(agreement, language, f"customer:{order.customer_id}", at)
    return ShownSigning(order, terms, phone.masked if phone else "")


def may_sign(order: Order, agreement: Agreement) -> bool:
    return bool(agreement.state == Agreement.State.READY and order.state == State.APPROVED)


def document(agreement: Agreement) -> Document | None:
    """The signed paper when there is one, else the one to be signed, else none yet."""
    return agreements.signed(agreement) or agreement.documents.filter(kind=Document.Kind.UNSIGNED).first()
