"""A customer's e-mail address: it stands once a code that went to it came back (ADR 0032), and goes when he says so."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, OneTimeCode, User
from accounts.rules import emails
from accounts.services import codes, consents
from core import seals
from core.errors import DomainError
from core.services import events
from notices.services import messages

CODE = CONSENT = "email"
CONSENT_VERSION = "2026-11"
MOST_AN_HOUR = 5  # codes of one person, to whatever addresses: nobody floods strangers by way of us


class EmailTaken(DomainError):
    code = "email_taken"
    message = _("This address belongs to another account.")


def request_code(user: User, address: str, at: datetime) -> UUID:
    """Send a code to the address; its ticket is for the browser that asked. What `codes.request_by_mail` refuses.

    Locks the user.
    """
    purpose = f"{CODE}:{user.pk}"
    sent = OneTimeCode.objects.filter(purpose=purpose, sent_at__gt=at - timedelta(hours=1), sent_at__lte=at)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # requests of one person wait for each other
        if sent.count() >= MOST_AN_HOUR:
            raise codes.TooManyCodes
        return codes.request_by_mail(address, purpose, language=user.language, at=at, user=user).ticket


def prove(customer: Customer, address: str, code: str, ticket: UUID, at: datetime) -> None:
    """The code came back: the address stands, in place of a former one, and with it the consent to write there.

    What `codes.check_by_mail` refuses; EmailTaken. Locks the user.
    """
    codes.check_by_mail(address, f"{CODE}:{customer.user_id}", code, at, ticket=ticket)
    proved = emails.normalise(address)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=customer.user_id)
        others = User.objects.filter(email_index=seals.blind_index("email", proved)).exclude(pk=user.pk)
        if others.exists():
            raise EmailTaken
        user.email = proved
        user.save(update_fields=["email", "email_index"])
        messages.call_off_mails(user, at)
        _tell(user, at)
        consents.give(customer, CONSENT, CONSENT_VERSION, at)
        events.record("email_proved", customer, at=at, actor=f"customer:{customer.pk}")


def _tell(user: User, at: datetime) -> None:
    """One can come in by this address now: whoever has the phone hears of it, should somebody else have set it."""
    step = f"email_proved:{user.pk}:{at.isoformat()}"
    messages.inform(user, "email_proved", {"address": user.email.masked}, step=step, at=at, link="/my/email/")


def remove(customer: Customer, at: datetime) -> bool:
    """Address and consent are gone, and what waits to be mailed with them; False when none stood. Locks the user."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=customer.user_id)
        stood = user.email is not None
        user.email = None
        user.save(update_fields=["email", "email_index"])
        messages.call_off_mails(user, at)
        consents.withdraw(customer, CONSENT, at)
        if stood:
            events.record("email_removed", customer, at=at, actor=f"customer:{customer.pk}")
    return stood
