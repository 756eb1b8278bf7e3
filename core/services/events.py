"""The append-only record of what happened."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

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


def record_all(
    kind: str, subjects: Sequence[models.Model], facts: Sequence[dict[str, Any]], *, at: datetime, actor: str = PLATFORM
) -> None:
    """`record` for many subjects, each with its facts, in one statement."""
    if not subjects:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_event (kind, subject_type, subject_id, source, target, actor, at, facts)"
            " SELECT %s, kind, id, '', '', %s, %s, facts FROM unnest(%s::text[], %s::bigint[], %s::jsonb[])"
            " AS new (kind, id, facts)",
            [
                kind,
                actor,
                at,
                [subject._meta.label_lower for subject in subjects],
                [subject.pk for subject in subjects],
                [json.dumps(each) for each in facts],
            ],
        )


def of(subject: models.Model) -> "models.QuerySet[Event]":
    """The history of one row, oldest first."""
    return Event.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).order_by("id")
