"""Requests that may arrive twice: a double click, a retry (house.md, Idempotency)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core import faults
from core.errors import DomainError
from core.models import IdempotencyKey


class RequestKeyReused(DomainError):
    code = "request_key_reused"
    message = _("This request key was already used for something else. Please reload the page.")


class RequestInFlight(DomainError):
    code = "request_in_flight"
    message = _("A request with this key is being answered. Please ask again in a moment.")


def once(
    actor: str,
    route: str,
    key: str,
    body: dict[str, Any],
    act: Callable[[], Any],
    *,
    known: Any = None,
    waits: bool = True,
) -> Any:
    """`act()`'s answer (JSON), or the stored one when (actor, route, key) was answered before.

    RequestKeyReused when the body differs. A second request in flight waits for the first: the unique row is
    inserted in the transaction of the act. When `act` raises, nothing is kept and the key may be used again.
    `known`: the answer, where it is known before the act; the row is then written once. Who does not wait is told
    RequestInFlight instead.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    with transaction.atomic():
        if not waits:
            _require_alone(f"{actor} {route} {key}")
        own = _claim(actor, route, key, digest, known)
        if own is None:
            return _stored(actor, route, key, digest)
        answer = act()
        if known is None:
            IdempotencyKey.objects.filter(pk=own).update(answer=answer)
        faults.point("request.acted")
    faults.point("request.committed")
    return answer


def _require_alone(name: str) -> None:
    """A lock on the name until the transaction ends. It only answers sooner: the unique row is what keeps it once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise RequestInFlight


def _claim(actor: str, route: str, key: str, digest: str, known: Any) -> int | None:
    """The id of the new row; None when there is one. Waits for a request in flight, until it commits or fails."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (actor, route, key, body_hash, answer) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (actor, route, key) DO NOTHING RETURNING id",
            [actor, route, key, digest, None if known is None else json.dumps(known)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _stored(actor: str, route: str, key: str, digest: str) -> Any:
    row = IdempotencyKey.objects.get(actor=actor, route=route, key=key)
    if row.body_hash != digest:
        raise RequestKeyReused
    return row.answer
