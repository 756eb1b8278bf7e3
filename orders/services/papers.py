"""Reading and checking a signed agreement; who read it is recorded, for it names a person and a home."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contracts.models import Agreement
from contracts.services import agreements, documents
from core.errors import DomainError
from core.models import Event
from core.services import events
from orders.models import Order

CHECKED = "agreement_checked"


class NotSignedYet(DomainError):
    code = "not_signed_yet"
    message = _("This agreement is not signed yet.")


def signed(agreement: Agreement, actor: str, at: datetime) -> bytes:
    """The very bytes that both signed. NotSignedYet, DocumentDamaged."""
    document = agreements.signed(agreement)
    if document is None:
        raise NotSignedYet
    content = documents.read(document)
    events.record("agreement_read", agreement, at=at, actor=actor, facts={"sha256": document.sha256})
    return content


def following(order: Order) -> "QuerySet[Agreement]":
    """The signed papers that follow the order's agreement, without what they state."""
    of_order = Q(ending__order=order) | Q(extension__order=order)
    return Agreement.objects.filter(of_order, state=Agreement.State.SIGNED).defer("terms").order_by("pk")


def check(agreement: Agreement, actor: str, at: datetime) -> bool:
    """Whether the kept file is still what both signed and its evidence is whole; the answer is recorded.

    NotSignedYet, DocumentDamaged.
    """
    document = agreements.signed(agreement)
    if document is None:
        raise NotSignedYet
    is_genuine = agreements.examine(documents.read(document), at).genuine
    is_genuine = is_genuine and agreements.broken_evidence(agreement) is None
    events.record(CHECKED, agreement, at=at, actor=actor, facts={"genuine": is_genuine, "sha256": document.sha256})
    return is_genuine


def last_checks(of: Collection[Agreement]) -> dict[int, Event]:
    """The newest answer for each agreement that was ever checked."""
    rows = Event.objects.filter(
        kind=CHECKED, subject_type=Agreement._meta.label_lower, subject_id__in=[row.pk for row in of]
    )
    return {row.subject_id: row for row in rows.order_by("id")}
