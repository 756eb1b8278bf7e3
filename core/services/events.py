"""The append-only record of what happened."""

from datetime import datetime
from typing import Any

from django.db import models

from core.models import Event

PLATFORM = "platform"


def record(
    kind: str,
    subject: models.Model,
    *,
    at: datetime,
    actor: str = PLATFORM,
    source: str = "",
    target: str = "",
    facts: dict[str, Any] | None = None,
) -> Event:
    """Append one event; call it inside the transaction of the change that it records."""
    return Event.objects.create(
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        source=source,
        target=target,
        actor=actor,
        at=at,
        facts=facts or {},
    )


def of(subject: models.Model) -> "models.QuerySet[Event]":
    """The history of one row, oldest first."""
    return Event.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).order_by("id")
