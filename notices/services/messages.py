"""Telling people: a line in the app, and an SMS. Never twice for a step (UNIQUE on channel and step)."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core.fields import Sealed
from core.services import events, outbox
from notices.models import Message
from notices.rules import conduct
from notices.services import rendering
from notices.services.reader import Reader

Channel, State = Message.Channel, Message.State
CODE = "code"
REMINDERS = "bill_"  # templates about a bill wait for the reminders' hour
_PHONE: Any = Message._meta.get_field("phone")


@dataclass(frozen=True, slots=True)
class Telling:
    """One occasion of one person. `params` are texts: amounts "309.00", days as ISO dates. `step` names the occasion,
    e.g. "bill:7:T-3". `sms`: to the phone as well, at night not before the morning unless it is `urgent`."""

    user: Reader
    template: str
    params: Mapping[str, str]
    step: str
    link: str = ""
    sms: bool = True
    urgent: bool = False


def inform(
    user: Reader,
    template: str,
    params: Mapping[str, str],
    *,
    step: str,
    at: datetime,
    link: str = "",
    sms: bool = True,
    urgent: bool = False,
) -> list[str]:
    """Tell one person, as `inform_all`."""
    return inform_all([Telling(user, template, params, step, link, sms, urgent)], at)


def inform_all(told: Sequence[Telling], at: datetime) -> list[str]:
    """Put each into its person's inbox and on the way to the phone; the channels on which it is new, [] when all was
    told before. Five statements, however many. Call it in the transaction of what it tells about.
    """
    for template in {each.template for each in told}:
        rendering.check(template)
    known = set(Message.objects.filter(step__in=[each.step for each in told]).values_list("channel", "step"))
    shown = [each for each in told if (Channel.IN_APP, each.step) not in known]
    reached = [each for each in told if each.sms and each.user.phone and (Channel.SMS, each.step) not in known]
    if not shown and not reached:
        return []
    with transaction.atomic():
        rows = [_shown(each, at) for each in shown]
        rows += [_sms(each, at, phone) for each, phone in zip(reached, _phones(reached, at), strict=True)]
        born = _born(rows, at)
        outbox.put_all("message.queued", [{"message_id": pk} for pk, due in born[Channel.SMS] if due <= at])
    return [channel for channel, new in born.items() for _ in new]


def code(
    phone: str, secret: str, *, purpose: str, language: str, step: str, at: datetime, user: Reader | None = None
) -> Message | None:
    """Send a one-time code: asked for this minute, so at any hour. The code is sealed and forgotten once sent."""
    kind = purpose.partition(":")[0]
    with transaction.atomic():
        row = _make(
            user,
            Channel.SMS,
            CODE,
            {"purpose": kind},
            step=step,
            at=at,
            not_before=at,
            urgent=True,
            phone=phone,
            secret=secret,
            language=language,
        )
        if row is not None:
            _queue(row, at)
    return row


def is_reminder(template: str) -> bool:
    return template.startswith(REMINDERS)


_COLUMNS = {
    "user_id": "bigint", "channel": "text", "template": "text", "params": "jsonb", "language": "text", "link": "text",
    "step": "text", "seal_row": "uuid", "phone": "text", "urgent": "boolean", "not_before": "timestamptz",
    "state": "text", "sent_at": "timestamptz",
}  # fmt: skip
_READ = ["coalesce(seal_row, gen_random_uuid())" if name == "seal_row" else name for name in _COLUMNS]
_INSERT = f"""
    INSERT INTO notices_message ({", ".join(_COLUMNS)}, provider_number, reason, created_at)
    SELECT {", ".join(_READ)}, '', '', %s
    FROM unnest({", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())}) AS new ({", ".join(_COLUMNS)})
    ON CONFLICT (channel, step) DO NOTHING RETURNING id, channel, not_before
"""  # noqa: S608 - our own constants


def _shown(told: Telling, at: datetime) -> tuple[Any, ...]:
    """A line in the app, there at once; in the order of _COLUMNS."""
    return *_head(told, Channel.IN_APP), None, None, False, at, State.SENT, at


def _sms(told: Telling, at: datetime, phone: str) -> tuple[Any, ...]:
    """In the order of _COLUMNS."""
    seal_row = uuid.uuid4()
    due = conduct.earliest(at, urgent=told.urgent, reminder=is_reminder(told.template))
    return *_head(told, Channel.SMS), str(seal_row), _PHONE.seal(phone, seal_row), told.urgent, due, State.QUEUED, None


def _head(told: Telling, channel: str) -> tuple[Any, ...]:
    params = json.dumps(dict(told.params))
    return told.user.pk, channel, told.template, params, told.user.language, told.link, told.step


def _phones(told: Sequence[Telling], at: datetime) -> list[str]:
    cells = [each.user.phone for each in told if each.user.phone]  # all have one
    return Sealed.open_all(cells, [f"SMS {each.template}" for each in told], by=events.PLATFORM, at=at)


def _born(rows: Sequence[tuple[Any, ...]], at: datetime) -> dict[str, list[tuple[int, datetime]]]:
    """By channel, the new rows: id, and when it may go."""
    born: dict[str, list[tuple[int, datetime]]] = {Channel.IN_APP: [], Channel.SMS: []}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, *map(list, zip(*rows, strict=True))])
        for pk, channel, due in cursor.fetchall():
            born[channel].append((pk, due))
    return born


def _make(
    user: Reader | None, channel: str, template: str, params: dict[str, str], *, step: str, at: datetime, **fields: Any
) -> Message | None:
    """The new row, or None when this step was told on this channel before. `fields` are Message's others."""
    fields.setdefault("language", user.language if user else "zh-hans")
    row, new = Message.objects.get_or_create(
        channel=channel,
        step=step,
        defaults={
            "user_id": user.pk if user else None,
            "template": template,
            "params": params,
            "created_at": at,
            **fields,
        },
    )
    return row if new else None


def _queue(row: Message, at: datetime) -> None:
    """Ask for the sending; what waits for the morning is found by `sending.send_due`."""
    if row.not_before <= at:
        outbox.put("message.queued", message_id=row.pk)
