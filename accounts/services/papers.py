"""Pictures of papers that a review asked for (A6): drawn anew, sealed under the person's key, opened for a purpose."""

import hashlib
import hmac
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer, Document
from accounts.services import keys
from accounts.services.contacts import GroundsNeeded
from core import images, vault
from core.errors import DomainError
from core.services import events

MOST_OF_A_KIND = 4
State, Kind = Document.State, Document.Kind
STANDING = (State.GIVEN, State.ACCEPTED)


class TooManyDocuments(DomainError):
    code = "too_many_documents"
    message = _("There are already %(count)s pictures of this paper. Please take one back first.")


class DocumentClosed(DomainError):
    code = "document_closed"
    message = _("This picture is no longer under review.")


class DocumentGone(DomainError):
    code = "document_gone"
    message = _("This picture was deleted, as promised, when its time was over.")


def add(customer: Customer, order_number: str, kind: str, raw: bytes, at: datetime) -> Document:
    """Keep a picture. What `images.drawn_anew` refuses; TooManyDocuments. Only our own drawing of it is kept."""
    image = images.drawn_anew(raw)
    row = Document(customer=customer, order_number=order_number, kind=Kind(kind), given_at=at)
    row.sha256 = hashlib.sha256(image.content).hexdigest()
    row.width, row.height, row.size = image.width, image.height, len(image.content)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        if of_order(order_number).filter(kind=kind, state__in=STANDING).count() >= MOST_OF_A_KIND:
            raise TooManyDocuments(count=MOST_OF_A_KIND)
        row.sealed = vault.close(keys.of(customer, at), image.content, _place(row))
        row.save()
        events.record("transition", row, at=at, actor=f"customer:{customer.pk}", target=row.state)
    return row


def of_order(order_number: str) -> "QuerySet[Document]":
    """Oldest first, without the files themselves."""
    return Document.objects.defer("sealed").filter(order_number=order_number).order_by("id")


def content(document_id: int, actor: str, purpose: str, at: datetime) -> bytes:
    """The JPEG, for a named reader and purpose; the reading is an event. DocumentGone, FilesForgotten, FileDamaged."""
    with transaction.atomic():
        row = Document.objects.select_related("customer").get(pk=document_id)
        if row.sealed is None:
            raise DocumentGone
        key = keys.of(row.customer, at, actor=actor)
        events.record("document_read", row, at=at, actor=actor, facts={"purpose": purpose})
    opened = vault.open_(key, bytes(row.sealed), _place(row))
    if not hmac.compare_digest(hashlib.sha256(opened).hexdigest(), row.sha256):
        raise vault.FileDamaged
    return opened


def take_back(document_id: int, actor: str, at: datetime) -> Document:
    """The customer removes his picture before it was looked at; its bytes go at once. DocumentClosed."""
    with transaction.atomic():
        row = _lock(document_id)
        _step(row, "lapse", actor, at)
        erase(row, at)
    return row


def review(document_id: int, verdict: str, grounds: str, actor: str, at: datetime) -> Document:
    """`verdict`: accept, refuse or ask_again; the last two with grounds (GroundsNeeded). DocumentClosed."""
    if verdict != "accept" and not grounds.strip():
        raise GroundsNeeded
    with transaction.atomic():
        row = _lock(document_id)
        _step(row, verdict, actor, at, grounds.strip(), at)
    return row


def lapse(order_number: str, at: datetime) -> None:
    """The papers of this order are no longer needed."""
    for row in (
        Document.objects.select_for_update().defer("sealed").filter(order_number=order_number, state=State.GIVEN)
    ):
        _step(row, "lapse", events.PLATFORM, at)


def erase(row: Document, at: datetime) -> None:
    """The bytes of a locked row are gone; that there was a picture, its hash and its verdict stay."""
    row.sealed, row.erased_at, row.keep_until = None, at, row.keep_until or at
    row.save(update_fields=["sealed", "erased_at", "keep_until"])
    events.record("erased", row, at=at)


def _step(row: Document, verb: str, actor: str, at: datetime, *values: object) -> None:
    if not can_proceed(getattr(row, verb)):
        raise DocumentClosed
    source = row.state
    getattr(row, verb)(*values)
    row.save(update_fields=["state", "reviewed_at", "grounds"])
    events.record("transition", row, at=at, actor=actor, source=source, target=row.state, facts={"step": verb})


def _lock(document_id: int) -> Document:
    return Document.objects.select_for_update().get(pk=document_id)


def _place(row: Document) -> str:
    return f"accounts.document:{row.file_row}"
