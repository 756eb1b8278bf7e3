"""The key of one person's private files; made with the first file, destroyed when the person is forgotten."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, PersonKey
from core import vault
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM

PURPOSE = "private file"


class FilesForgotten(DomainError):
    code = "files_forgotten"
    message = _("The files of this person were destroyed for good.")


def of(customer: Customer, at: datetime, *, actor: str = PLATFORM) -> str:
    """The key for `core.vault`; FilesForgotten once it is destroyed. Call it inside a transaction: opening is logged.

    Two first files at once: the unique row lets one key stand.
    """
    row, _new = PersonKey.objects.get_or_create(customer=customer, defaults={"key": vault.new_key(), "made_at": at})
    row = PersonKey.objects.get(pk=row.pk)
    if row.key is None:
        raise FilesForgotten
    plain: str = row.key.open(by=actor, purpose=PURPOSE, at=at)
    return plain


def destroy(customer: Customer, actor: str, at: datetime) -> bool:
    """Every file of the person is unreadable from now on; False when there was no key. Cannot be undone."""
    with transaction.atomic():
        row = PersonKey.objects.select_for_update().filter(customer=customer, destroyed_at=None).first()
        if row is None:
            return False
        row.key, row.destroyed_at = None, at
        row.save(update_fields=["key", "destroyed_at"])
        events.record("files_forgotten", customer, at=at, actor=actor)
    return True
