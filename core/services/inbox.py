"""Providers' notices: stored once under (provider, notice id), acted on after."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from core.models import InboxNotice
from core.services import outbox


def store(
    provider: str, notice_id: str, body: bytes, headers: Mapping[str, str], *, topic: str, at: datetime
) -> InboxNotice | None:
    """Keep a verified notice, with the headers of its signature, and ask for its work; None when it was here before."""
    with transaction.atomic():
        own = _claim(provider, notice_id, body, headers, at)
        if own is None:
            return None
        outbox.put(topic, notice_id=own)
    return InboxNotice(pk=own, provider=provider, notice_id=notice_id, body=body, headers=dict(headers), received_at=at)


def _claim(provider: str, notice_id: str, body: bytes, headers: Mapping[str, str], at: datetime) -> int | None:
    """The id of the new row; None when there is one. Waits for a delivery that is stored at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_inboxnotice (provider, notice_id, body, headers, received_at, outcome)"
            " VALUES (%s, %s, %s, %s, %s, '') ON CONFLICT (provider, notice_id) DO NOTHING RETURNING id",
            [provider, notice_id, body, json.dumps(dict(headers)), at],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def close(notice: InboxNotice, outcome: str, at: datetime) -> None:
    notice.applied_at, notice.outcome = at, outcome[:200]
    notice.save(update_fields=["applied_at", "outcome"])


def headers_of(meta: Mapping[str, str]) -> dict[str, str]:
    """HTTP headers of a WSGI environment, lower case."""
    return {key[5:].replace("_", "-").lower(): value for key, value in meta.items() if key.startswith("HTTP_")}
