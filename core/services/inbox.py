"""Providers' notices: stored once under (provider, notice id), acted on after."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from core.models import InboxNotice
from core.services import outbox


def store(
    provider: str, notice_id: str, body: bytes, headers: Mapping[str, str], *, topic: str, at: datetime
) -> InboxNotice | None:
    """Keep a verified notice, with the headers of its signature, and ask for its work; None when it was here before."""
    with transaction.atomic():
        notice, new = InboxNotice.objects.get_or_create(
            provider=provider, notice_id=notice_id, defaults={"body": body, "headers": dict(headers), "received_at": at}
        )
        if not new:
            return None
        outbox.put(topic, notice_id=notice.pk)
    return notice


def close(notice: InboxNotice, outcome: str, at: datetime) -> None:
    notice.applied_at, notice.outcome = at, outcome[:200]
    notice.save(update_fields=["applied_at", "outcome"])


def headers_of(meta: Mapping[str, str]) -> dict[str, str]:
    """HTTP headers of a WSGI environment, lower case."""
    return {key[5:].replace("_", "-").lower(): value for key, value in meta.items() if key.startswith("HTTP_")}
