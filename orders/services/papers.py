"""Reading a signed agreement as a file; who read it is recorded, for it names a person and a home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from contracts.models import Agreement
from contracts.services import agreements, documents
from core.errors import DomainError
from core.services import events


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
