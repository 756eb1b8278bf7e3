"""Work that commits with the change asking for it, and is done at least once, its effect once (house.md)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from core import faults
from core.models import Consumed, OutboxMessage

MOST_ATTEMPTS = 12
LOST_AFTER = timedelta(minutes=2)
Send = Callable[[str, int, dict[str, Any]], None]


def put(topic: str, **payload: Any) -> OutboxMessage:
    """Ask for work inside the caller's transaction. The payload is ids and dates, never a personal fact."""
    assert transaction.get_connection().in_atomic_block, "an outbox row commits with the change that asks for it"
    return OutboxMessage.objects.create(topic=topic, payload=payload)


def put_later(topic: str, at: datetime, **payload: Any) -> OutboxMessage:
    """As `put`, for what can do nothing yet: the sweeper offers it LOST_AFTER after `at`, as if it had been lost."""
    assert transaction.get_connection().in_atomic_block, "an outbox row commits with the change that asks for it"
    return OutboxMessage.objects.create(topic=topic, payload=payload, published_at=at, attempts=1)


def put_all(topic: str, payloads: Sequence[Mapping[str, Any]]) -> None:
    """`put` for many, in one statement."""
    assert transaction.get_connection().in_atomic_block, "an outbox row commits with the change that asks for it"
    if payloads:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_outboxmessage (topic, payload, attempts, error)"
                " SELECT %s, payload, 0, '' FROM unnest(%s::jsonb[]) AS new (payload)",
                [topic, [json.dumps(payload) for payload in payloads]],
            )


def publish(send: Send, routes: Mapping[str, str], at: datetime, most: int = 100) -> int:
    """Hand waiting messages to the broker by `send(task, message id, payload)`; how many went.

    A crash between send and mark sends twice: consumers are idempotent. Two relays never take the same rows. A topic
    without a route (old code beside new) stops nobody: it counts as a failed attempt.
    """
    with transaction.atomic():
        waiting = OutboxMessage.objects.filter(published_at=None, dead_at=None).order_by("id")
        batch = list(waiting.select_for_update(skip_locked=True)[:most])
        for message in batch:
            if message.topic in routes:
                send(routes[message.topic], message.pk, message.payload)
            else:
                OutboxMessage.objects.filter(pk=message.pk).update(error="no route for this topic")
        if batch:
            faults.point("outbox.sent")
        OutboxMessage.objects.filter(pk__in=[m.pk for m in batch]).update(published_at=at, attempts=F("attempts") + 1)
    return len(batch)


def sweep(at: datetime) -> int:
    """Set messages whose work never finished to be published again, ever more slowly; how many were lost."""
    lost = 0
    for message in OutboxMessage.objects.filter(published_at__lt=at - LOST_AFTER, done_at=None, dead_at=None).order_by(
        "id"
    )[:500]:
        if message.attempts >= MOST_ATTEMPTS:
            OutboxMessage.objects.filter(pk=message.pk, done_at=None).update(dead_at=at)
        elif message.published_at and message.published_at < at - LOST_AFTER * 2 ** min(message.attempts - 1, 8):
            lost += OutboxMessage.objects.filter(pk=message.pk, done_at=None).update(published_at=None)
    return lost


def consume(message_id: int, consumer: str, effect: Callable[[], None], *, at: datetime, own_commits: bool) -> bool:
    """Run `effect` for a message unless this consumer already did; whether it ran.

    Without `own_commits` the effect and the mark commit together. With it (effects that call a provider between
    two commits) the effect is idempotent by its intent's state and the mark follows.
    """
    if own_commits:
        if Consumed.objects.filter(message_id=message_id, consumer=consumer).exists():
            return False
        effect()
        faults.point("message.worked")
        with transaction.atomic():
            _mark(message_id, consumer, at)
        return True
    with transaction.atomic():
        if not _mark(message_id, consumer, at):
            return False
        effect()
        faults.point("message.worked")
    return True


def note_failure(message_id: int, error: BaseException) -> None:
    """Keep what went wrong beside the message; the sweeper will offer it again."""
    OutboxMessage.objects.filter(pk=message_id).update(error=f"{type(error).__name__}: {error}"[:500])


def _mark(message_id: int, consumer: str, at: datetime) -> bool:
    """Whether it was not there before; waits for another worker that is at it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_consumed (message_id, consumer) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [message_id, consumer],
        )
        new = cursor.rowcount == 1
    if not new:
        return False
    OutboxMessage.objects.filter(pk=message_id, done_at=None).update(done_at=at, error="")
    return True
