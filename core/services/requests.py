"""Requests that may arrive twice: a double click, a retry (house.md, Idempotency)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import faults
from core.errors import DomainError
from core.models import IdempotencyKey


class RequestKeyReused(DomainError):
    code = "request_key_reused"
    message = _("This request key was already used for something else. Please reload the page.")


def once(actor: str, route: str, key: str, body: dict[str, Any], act: Callable[[], Any]) -> Any:
    """`act()`'s answer (JSON), or the stored one when (actor, route, key) was answered before.

    RequestKeyReused when the body differs. A second request in flight waits for the first: the unique row is
    inserted in the transaction of the act. When `act` raises, nothing is kept and the key may be used again.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    with transaction.atomic():
        row, new = IdempotencyKey.objects.get_or_create(
            actor=actor, route=route, key=key, defaults={"body_hash": digest}
        )
        if row.body_hash != digest:
            raise RequestKeyReused
        if new:
            row.answer = act()
            row.save(update_fields=["answer"])
            faults.point("request.acted")
    if new:
        faults.point("request.committed")
    return row.answer
