"""The agreement's page: key terms in plain words, the paper, how it stands."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from contracts.models import Agreement, Document
from contracts.paper.summary import KeyTerm
from contracts.services import agreements
from orders.models import Order, State


@dataclass(frozen=True, slots=True)
class ShownAgreement:
    """What `storefront/agreement.html` prints."""

    order: Order
    agreement: Agreement
    key_terms: tuple[KeyTerm, ...]
    pdf_href: str
    phone: str
    document_sha256: str
    may_sign: bool
    is_signing: bool
    is_signed: bool


def shown(order: Order, agreement: Agreement, language: str, at: datetime) -> ShownAgreement:
    paper = document(agreement)
    phone = order.customer.user.phone
    return ShownAgreement(
        order=order,
        agreement=agreement,
        key_terms=agreements.key_terms(agreement, language, f"customer:{order.customer_id}", at),
        pdf_href=reverse("storefront:agreement_pdf", args=[order.number]) if paper else "",
        phone=phone.masked if phone else "",
        document_sha256=paper.sha256 if paper else "",
        may_sign=agreement.state == Agreement.State.READY and order.state == State.APPROVED,
        is_signing=agreement.state == Agreement.State.SIGNING,
        is_signed=agreement.state == Agreement.State.SIGNED,
    )


def document(agreement: Agreement) -> Document | None:
    """The signed paper when there is one, else the one to be signed, else none yet."""
    return agreements.signed(agreement) or agreement.documents.filter(kind=Document.Kind.UNSIGNED).first()
