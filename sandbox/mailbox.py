"""A mail backend (settings.MAIL_BACKEND) that puts every mail into a box of the sandbox, as a mail server would."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core import clock
from sandbox.models import FaultOrder
from sandbox.post import Mail
from sandbox.services import faults

Kind = FaultOrder.Kind
NOBODY = "nobody@"  # no house knows this box


class EmailBackend(BaseEmailBackend):
    def open(self) -> bool:
        fault = faults.take("mail")
        if fault and fault.kind == Kind.DOWN:
            raise SMTPServerDisconnected
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for letter in email_messages:
            for to in letter.recipients():
                _take(to, letter.message().as_bytes())
        return len(email_messages)


def _take(to: str, raw: bytes) -> None:
    """Read out of the very bytes that would travel."""
    if to.startswith(NOBODY):
        raise SMTPRecipientsRefused({to: (550, b"5.1.1 mailbox unknown")})
    fault = faults.take("mail")
    if fault and fault.kind == Kind.DOWN:
        raise SMTPServerDisconnected
    if fault and fault.kind == Kind.DELAY:
        raise SMTPRecipientsRefused({to: (451, b"4.7.1 greylisted, please try again later")})
    letter = message_from_bytes(raw, policy=policy.default)
    body = letter.get_body(("plain",))
    Mail.objects.create(
        to=to, sender=str(letter["From"])[:254], subject=str(letter["Subject"])[:300],
        text=body.get_content() if body else "", message_id=str(letter["Message-ID"])[:200], sent_at=clock.now(),
    )  # fmt: skip
    if fault and fault.kind == Kind.LOSE_REPLY:
        raise SMTPServerDisconnected
