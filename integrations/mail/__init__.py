"""Mails to people. Sending is no more idempotent than that of text messages: a second call is a second mail."""

from dataclasses import dataclass
from typing import Protocol

from integrations.checked import Checked


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text; `out_id` is ours and becomes part of its Message-ID."""

    to: str
    subject: str
    text: str
    out_id: str


@dataclass(frozen=True, slots=True)
class MailAccepted:
    """The server took it; that it arrived is another matter."""

    provider_id: str


class MailProvider(Checked, Protocol):
    def send(self, mail: Mail) -> MailAccepted:
        """TurnedAway (not taken now, later perhaps), ProviderRefused (not sent), ProviderUnavailable (may have been
        sent: do not send again unasked)."""
        ...
