"""Pictures of a damage claim: drawn anew, sealed under the customer's key, opened for a named reader."""

import hashlib
import hmac
from datetime import datetime

from django.db import transaction

from accounts.services import keys
from core import images, vault
from core.services import events
from orders.models import ClaimLine, ClaimPhoto, DamageClaim


def keep(claim: DamageClaim, line: ClaimLine | None, raw: bytes, actor: str, at: datetime) -> ClaimPhoto:
    """Only our own drawing of it is kept. What `images.drawn_anew` refuses. Inside the claim's transaction."""
    content = images.drawn_anew(raw).content
    row = ClaimPhoto(claim=claim, line=line, given_by=actor, given_at=at)
    row.sha256 = hashlib.sha256(content).hexdigest()
    row.sealed = vault.close(keys.of(claim.order.customer, at), content, _place(row))
    row.save()
    return row


def content(photo_id: int, actor: str, at: datetime) -> bytes:
    """The JPEG; the reading is an event. FilesForgotten, FileDamaged."""
    with transaction.atomic():
        row = ClaimPhoto.objects.select_related("claim__order__customer").get(pk=photo_id)
        key = keys.of(row.claim.order.customer, at, actor=actor)
        events.record("claim_photo_read", row, at=at, actor=actor)
    opened = vault.open_(key, bytes(row.sealed), _place(row))
    if not hmac.compare_digest(hashlib.sha256(opened).hexdigest(), row.sha256):
        raise vault.FileDamaged
    return opened


def _place(row: ClaimPhoto) -> str:
    return f"orders.claimphoto:{row.file_row}"
