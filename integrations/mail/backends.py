"""Mails by one of Django's own mail backends: SMTP in production, the sandbox's boxes in the demo."""

from dataclasses import dataclass
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.core.mail import EmailMessage, get_connection

from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.mail import Mail, MailAccepted


@dataclass(frozen=True, slots=True)
class DjangoMail:
    """`backend` by dotted path; SMTP reads the host and the password from Django's EMAIL_ settings."""

    backend: str
    sender: str

    def send(self, mail: Mail) -> MailAccepted:
        house = parseaddr(self.sender)[1].rpartition("@")[2]
        number = f"<{mail.out_id}@{house}>"
        headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"}  # holiday robots do not answer it
        letter = EmailMessage(mail.subject, mail.text, self.sender, [mail.to], headers=headers)
        try:
            get_connection(self.backend).send_messages([letter])
        except SMTPRecipientsRefused as error:
            raise _refused(*next(iter(error.recipients.values()), (550, b""))) from error
        except (SMTPSenderRefused, SMTPDataError) as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (SMTPException, OSError) as error:
            raise ProviderUnavailable(type(error).__name__) from error
        return MailAccepted(provider_id=number)


def _refused(code: int, said: bytes | str) -> ProviderRefused:
    return ProviderRefused(str(code), said.decode(errors="replace") if isinstance(said, bytes) else said)
