"""The evidence chain of one agreement: h_n = SHA256(h_{n-1} ‖ canonical JSON of event n), h_0 = 32 zero bytes.

Whoever holds the last hash can prove every event before it; one changed, dropped, added or moved event shows
(integrations.md §3, capabilities.md E4). Pure: what is stored where is the service's business.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import canonical

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One event as canonical JSON text and the chain's hex hash after it."""

    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first link (counted from 0) whose hash does not follow from the links before it."""

    index: int
    expected: str
    found: str


def append(previous: str, event: Mapping[str, object]) -> Link:
    """The link that follows hash `previous` (GENESIS for the first).

    ValueError when `previous` is no SHA-256 in hex, or the event has no canonical spelling (floats, naive instants).
    """
    body = canonical.encode(event).decode("utf-8")
    return Link(body, _next(previous, body))


def verify(links: Sequence[Link], start: str = GENESIS) -> Break | None:
    """None when every hash follows; else the first break. A chain cut short at the end is found by its last hash only:
    keep `links[-1].hash` elsewhere too (in the signed evidence report)."""
    previous = start
    for index, link in enumerate(links):
        expected = _next(previous, link.body)
        if expected != link.hash:
            return Break(index, expected, link.hash)
        previous = link.hash
    return None


def _next(previous: str, body: str) -> str:
    raw = bytes.fromhex(previous)
    if len(raw) != hashlib.sha256().digest_size:
        raise ValueError("a chain hash has 64 hex digits")
    return hashlib.sha256(raw + body.encode("utf-8")).hexdigest()
