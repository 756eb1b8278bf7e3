"""Short messages. Sending is not idempotent anywhere: whoever calls `send` twice has sent two messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from integrations.checked import Checked


@dataclass(frozen=True, slots=True)
class SmsAccepted:
    """The provider took the message; that it arrived is another matter."""

    provider_id: str


class SmsProvider(Checked, Protocol):
    def send(self, phone: str, template: str, params: Mapping[str, str], out_id: str) -> SmsAccepted:
        """Send approved `template` to a mainland or E.164 number.

        Raises ProviderRefused (not sent), ProviderUnavailable (may have been sent: do not send again unasked).
        """
        ...
