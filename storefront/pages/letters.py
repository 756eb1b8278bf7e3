"""The in-app messages, day by day."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils.translation import get_language

from accounts.models import User
from core import calendar
from notices.models import Message
from notices.services import inbox, rendering

MOST = 50
ICONS = {"bill": "paper", "order": "box", "lease": "box", "late": "paper", "agreement": "document", "credit": "shield",
         "identity": "person"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    id: int
    text: str
    at: datetime
    time: str
    icon: str
    is_unread: bool
    leads_on: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one business day, newest first."""

    on: date
    letters: list[Letter]


def latest(user: User) -> list[Day]:
    """The newest fifty."""
    rows = list(inbox.of(user)[:MOST])
    for row in rows:  # on the page it speaks the language that is read now; what was sent by SMS stays as it was
        row.language = get_language() or row.language
    letters = [_letter(row, text) for row, text in zip(rows, rendering.bodies(rows), strict=True)]
    days = groupby(letters, key=lambda letter: calendar.business_date(letter.at))
    return [Day(on, list(found)) for on, found in days]


def _letter(row: Message, text: str) -> Letter:
    icon = ICONS.get(row.template.partition("_")[0], "bell")
    time = f"{row.created_at.astimezone(calendar.SHANGHAI):%H:%M}"
    return Letter(row.pk, text, row.created_at, time, icon, row.read_at is None, bool(row.link))
