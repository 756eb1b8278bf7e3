"""Telling people: a line in the app, and an SMS. Never twice for a step (UNIQUE on channel and step)."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core import states
from core.fields import Sealed
from core.services import events, outbox
from notices.models import Message
from notices.rules import conduct
from notices.services import rendering
from notices.services.reader import Reader

Channel = Message.Channel
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
        rows = [_row(each, Channel.IN_APP, at, None) for each in shown]
        rows += [_row(each, Channel.SMS, at, phone) for each, phone in zip(reached, _phones(reached, at), strict=True)]
        born = _born(rows, at)
        _show(born[Channel.IN_APP], at)
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
    "user_id": "bigint", "channel": "text", "seal_row": "uuid", "phone": "text", "template": "text", "params": "jsonb",
    "language": "text", "link": "text", "step": "text", "urgent": "boolean", "not_before": "timestamptz",
}  # fmt: skip
_INSERT = f"""
    INSERT INTO notices_message ({", ".join(_COLUMNS)}, state, provider_number, created_at)
    SELECT new.*, 'QUEUED', '', %s FROM unnest({", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())}) AS new
    ON CONFLICT (channel, step) DO NOTHING RETURNING id, channel, not_before
"""  # noqa: S608 - our own constants


def _row(told: Telling, channel: str, at: datetime, phone: str | None) -> tuple[Any, ...]:
    """In the order of _COLUMNS."""
    seal_row, is_sms = uuid.uuid4(), channel == Channel.SMS
    due = conduct.earliest(at, urgent=told.urgent, reminder=is_reminder(told.template)) if is_sms else at
    return (
        told.user.pk, channel, str(seal_row), _PHONE.seal(phone, seal_row) if phone else None, told.template,
        json.dumps(dict(told.params)), told.user.language, told.link, told.step, is_sms and told.urgent, due,
    )  # fmt: skip


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


def _show(rows: Sequence[tuple[int, datetime]], at: datetime) -> None:
    """A line in the app is there at once."""
    states.take_all(Message, [pk for pk, _due in rows], Message.State.QUEUED, Message.State.SENT, sent_at=at)


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
