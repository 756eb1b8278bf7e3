"""How long what a review asked for is kept: no longer than it serves. A job erases what is due (accounts/jobs.py)."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Contact, Document
from accounts.services import papers
from core import running
from core.services import events

CONTACTS_KEPT = timedelta(0)  # deleted after the review: the next day-end takes them
DOCUMENTS_KEPT = timedelta(days=30)  # as long as a customer may ask why


def end_review(order_number: str, kinds: set[str], at: datetime) -> None:
    """A demand ended: contacts of these kinds, and papers with "DOCUMENTS", are kept their time from now.

    The guarantor who was accepted vouches on: his time begins when the order closes.
    """
    contacts = Contact.objects.filter(order_number=order_number, kind__in=kinds, keep_until=None)
    contacts.exclude(kind=Contact.Kind.GUARANTOR, state=Contact.State.APPROVED).update(keep_until=at + CONTACTS_KEPT)
    if "DOCUMENTS" in kinds:
        Document.objects.filter(order_number=order_number, keep_until=None).update(keep_until=at + DOCUMENTS_KEPT)


def end_order(order_number: str, at: datetime) -> None:
    """The order is closed: everything that was given for it is kept its time from now."""
    end_review(order_number, {*Contact.Kind.values, "DOCUMENTS"}, at)
    Contact.objects.filter(order_number=order_number, keep_until=None).update(keep_until=at + CONTACTS_KEPT)


def vouching() -> list[str]:
    """The numbers of orders for which somebody's name and phone are kept without an end: guarantors of leases."""
    rows = Contact.objects.filter(keep_until=None, state=Contact.State.APPROVED)
    return list(rows.values_list("order_number", flat=True).distinct())


def erase_due(at: datetime) -> int:
    """Erase what was kept long enough; how many. Safe to repeat, each row in its own transaction."""
    contacts = Contact.objects.filter(keep_until__lte=at, erased_at=None).order_by("keep_until", "id")
    documents = Document.objects.filter(keep_until__lte=at, erased_at=None).order_by("keep_until", "id")
    due_contacts, due_documents = (list(rows.values_list("pk", flat=True)) for rows in (contacts, documents))
    for pk in due_contacts:
        with running.apart(Contact, pk), transaction.atomic():
            _erase_contact(Contact.objects.select_for_update().get(pk=pk), at)
    for pk in due_documents:
        with running.apart(Document, pk), transaction.atomic():
            row = Document.objects.select_for_update().defer("sealed").get(pk=pk)
            if row.erased_at is None:
                papers.erase(row, at)
    return len(due_contacts) + len(due_documents)


def _erase_contact(row: Contact, at: datetime) -> None:
    if row.erased_at is None:
        row.name, row.phone, row.erased_at = None, None, at
        row.save(update_fields=["name", "phone", "erased_at"])
        events.record("erased", row, at=at)
