"""Mails by one of Django's own mail backends: SMTP in production, the sandbox's boxes in the demo."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any, ClassVar

from django.core.mail import EmailMessage, get_connection

from integrations import patience, tally
from integrations.errors import ProviderRefused, ProviderUnavailable, TurnedAway
from integrations.mail import Mail, MailAccepted
from integrations.tally import Outcome

_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


@dataclass(frozen=True, slots=True)
class DjangoMail:
    """`backend` by dotted path; SMTP reads the host and the password from Django's EMAIL_ settings."""

    called: ClassVar[str] = "mail"
    backend: str
    sender: str
    address: str

    def check(self) -> None:
        """As far as being let in, and out again."""
        with_server = self._connection()
        self._counted(with_server.open)
        with_server.close()

    def send(self, mail: Mail) -> MailAccepted:
        house = parseaddr(self.sender)[1].rpartition("@")[2]
        number = f"<{mail.out_id}@{house}>"
        headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"}  # holiday robots do not answer it
        letter = EmailMessage(mail.subject, mail.text, self.sender, [mail.to], headers=headers)
        self._counted(lambda: self._connection().send_messages([letter]))
        return MailAccepted(provider_id=number)

    def _connection(self) -> Any:
        limit = patience.limit()
        options: dict[str, Any] = {} if limit is None else {"timeout": limit}
        return get_connection(self.backend, **options)

    def _counted(self, call: Callable[[], object]) -> None:
        """One attempt; an answer that is a no is a refusal."""
        with tally.counted(self.called) as ended:
            try:
                call()
                ended(Outcome.ANSWERED)
            except SMTPRecipientsRefused as error:
                ended(Outcome.REFUSED)
                raise _refused(*next(iter(error.recipients.values()), (550, b""))) from error
            except SMTPResponseException as error:
                if not _is_answer(error):
                    raise ProviderUnavailable(type(error).__name__) from error
                ended(Outcome.REFUSED)
                raise _refused(error.smtp_code, error.smtp_error) from error
            except (SMTPException, OSError) as error:
                raise ProviderUnavailable(type(error).__name__) from error


def _is_answer(error: SMTPResponseException) -> bool:
    """Whether it is a no to the mail, or a server's word at the door that it takes none for now ("421 too busy")."""
    if isinstance(error, (SMTPSenderRefused, SMTPDataError, SMTPAuthenticationError)):
        return True
    return isinstance(error, SMTPConnectError) and _is_for_now(error.smtp_code)


def _is_for_now(code: int) -> bool:
    """4xx: the server took nothing and says that a later try may do (RFC 5321, 4.2.1)."""
    return 400 <= code < 500


def _refused(code: int, said: bytes | str) -> ProviderRefused:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    kind = TurnedAway if _is_for_now(code) else ProviderRefused
    return kind(str(code), _ADDRESS.sub("…", text))  # servers repeat whom they refuse
