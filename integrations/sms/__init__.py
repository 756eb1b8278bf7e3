"""Short messages. Sending is not idempotent anywhere: whoever calls `send` twice has sent two messages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from core.calendar import SHANGHAI
from integrations.checked import Checked
from integrations.errors import BadSignature


@dataclass(frozen=True, slots=True)
class SmsAccepted:
    """The provider took the message; that it arrived is another matter."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """What became of a message. `out_id` is ours, "" where the provider does not say it; `reason` is its own word."""

    provider_id: str
    out_id: str
    phone: str
    arrived: bool
    reason: str
    at: datetime


class SmsProvider(Checked, Protocol):
    def send(self, phone: str, template: str, params: Mapping[str, str], out_id: str) -> SmsAccepted:
        """Send approved `template` to a mainland or E.164 number; `params` in the order of its places.

        Raises ProviderRefused (not sent), ProviderUnavailable (may have been sent: do not send again unasked).
        """
        ...

    def parse_receipts(self, body: bytes) -> list[SmsReceipt]:
        """The receipts of one call. They carry no signature at either vendor; BadSignature for what is none."""
        ...

    def acknowledgement(self) -> bytes:
        """What the provider wants to read so that it does not tell again."""
        ...


def rows_of(body: bytes) -> list[dict[str, Any]]:
    """A JSON array of objects. BadSignature for anything else: nothing can be read out of it."""
    try:
        rows = json.loads(body)
    except ValueError as error:
        raise BadSignature("not JSON") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadSignature("not an array of receipts")
    return rows


def beijing(text: object) -> datetime:
    """2026-03-02 10:10:00 there, as an instant. BadSignature."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError as error:
        raise BadSignature("no time of a receipt") from error
