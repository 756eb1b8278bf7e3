"""Parcels: a carrier's scans are told by a push, and may be asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.checked import Checked


class Condition(StrEnum):
    """What became of a parcel, as far as the carrier knows."""

    COLLECTED = "COLLECTED"
    TRANSIT = "TRANSIT"
    DELIVERING = "DELIVERING"
    DELIVERED = "DELIVERED"
    PROBLEM = "PROBLEM"
    TURNED_BACK = "TURNED_BACK"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class Scan:
    """One event of a parcel in the carrier's own words."""

    at: datetime
    text: str
    place: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Tracking:
    """All that is known of a parcel; scans oldest first, none for a number that the carrier does not know yet."""

    carrier: str
    waybill: str
    condition: Condition | None
    scans: tuple[Scan, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """A verified push; `notice_id` is the same for the same words."""

    notice_id: str
    tracking: Tracking


class LogisticsProvider(Checked, Protocol):
    def subscribe(self, carrier: str, waybill: str, phone: str) -> None:
        """Ask to be told. Idempotent: a second subscription is no error. ProviderUnavailable, ProviderRefused."""
        ...

    def query(self, carrier: str, waybill: str, phone: str) -> Tracking:
        """What is known now. ProviderUnavailable, ProviderRefused."""
        ...

    def parse_push(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Push:
        """BadSignature for anything that is not the provider's own word."""
        ...

    def acknowledgement(self) -> bytes:
        """What the provider wants to read so that it does not push again."""
        ...
