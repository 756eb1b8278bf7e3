"""The in-app messages as a list."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
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
    return [
        Letter(row.pk, rendering.body(row), row.created_at, row.read_at is None, bool(row.link))
        for row in inbox.of(user)[:MOST]
    ]
