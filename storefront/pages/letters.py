"""The in-app messages as a list."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from accounts.models import User
from notices.models import Message
from notices.services import inbox, rendering

MOST = 50


@dataclass(frozen=True, slots=True)
class Letter:
    id: int
    text: str
    at: datetime
    is_unread: bool
    leads_on: bool


def latest(user: User) -> list[Letter]:
    """The newest fifty."""
    return [_letter(row) for row in inbox.of(user)[:MOST]]


def _letter(row: Message) -> Letter:
    """On the page it speaks the language that is read now; what was sent by SMS stays as it was."""
    row.language = get_language() or row.language
    return Letter(row.pk, rendering.body(row), row.created_at, row.read_at is None, bool(row.link))
