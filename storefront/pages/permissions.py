"""What a customer agreed to, and how to take it back."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, Customer

Text = str | Promise

MEANINGS: dict[str, tuple[Text, Text]] = {
    "identity": (
        _("Comparing name, ID number and phone with the registers"),
        _("Once you take it back, nothing is asked again. What was found stays as long as the law on rentals demands."),
    ),
    "email": (
        _("Messages by e-mail"),
        _("Once you take it back, your address is deleted and nothing is mailed. Phone and app stay as they are."),
    ),
    "credit:zhima": (
        _("Reading your Zhima score"),
        _("Once you take it back, no new score is read. A decision already made stays valid to its end."),
    ),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One consent that stands."""

    purpose: str
    title: Text
    text: Text
    given_at: datetime
    version: str


def standing(customer: Customer) -> list[Permission]:
    rows = Consent.objects.filter(customer=customer, withdrawn_at=None).order_by("given_at")
    return [_shown(row) for row in rows]


def _shown(row: Consent) -> Permission:
    title, text = MEANINGS.get(row.purpose, (row.purpose, ""))
    return Permission(row.purpose, title, text, row.given_at, row.version)
