"""Telling people: a line in the app, an SMS, a mail. Never twice for a step (UNIQUE on channel and step)."""

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
FAR = (Channel.SMS, Channel.EMAIL)  # what leaves the house, through `sending` alone
# what asks for money or warns of what comes without it: from ten o'clock (domain.md §9), and not even shown after a
# death (§5)
ASKING = (
    "bill_", "day_rent_", "default_", "demand_letter", "demand_again", "termination_planned", "extension_",
    "arrears_", "lease_ends", "lease_unpaid", "renewal_overdue",
)  # fmt: skip
# what happened and costs something, or will: from ten o'clock too, and shown after a death
WARNING = (
    "autopay_ended", "damage_", "deposit_deduction_", "device_found", "device_given_up", "dispute_lost",
    "lease_terminated", "loss_reported", "order_written_off", "return_charged", "swap_received", "termination_notice",
    "termination_off",
)  # fmt: skip
_PHONE: Any = Message._meta.get_field("phone")
_EMAIL: Any = Message._meta.get_field("email")


@dataclass(frozen=True, slots=True)
class Telling:
    """One occasion of one person. `params` are texts: amounts "309.00", days as ISO dates. `step` names the occasion,
    e.g. "bill:7:T-3". `sms`: to the phone as well, at night not before the morning unless it is `urgent`; `mail`: to a
    proved address as well, by default whatever goes to the phone."""

    user: Reader
    template: str
    params: Mapping[str, str]
    step: str
    link: str = ""
    sms: bool = True
    urgent: bool = False
    mail: bool | None = None


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
    """Put each into its person's inbox and on the way to phone and mailbox; the channels on which it is new, [] when
    all was told before. Five statements, however many. Call it in the transaction of what it tells about.
    """
    for template in {each.template for each in told}:
        rendering.check(template)
    known = set(Message.objects.filter(step__in=[each.step for each in told]).values_list("channel", "step"))
    shown = [each for each in told if (Channel.IN_APP, each.step) not in known and not _is_spared(each)]
    sent = [way for each in told for way in _ways(each) if (way.channel, each.step) not in known]
    if not shown and not sent:
        return []
    with transaction.atomic():
        rows = [_shown(each, at) for each in shown]
        rows += [_sent(way, at, to) for way, to in zip(sent, _opened(sent, at), strict=True)]
        born = _born(rows, at)
        due_now = [{"message_id": pk} for channel in FAR for pk, due in born[channel] if due <= at]
        outbox.put_all("message.queued", due_now)
    return [channel for channel, new in born.items() for _ in new]


def code(
    to: str,
    secret: str,
    *,
    purpose: str,
    language: str,
    step: str,
    at: datetime,
    user: Reader | None = None,
    channel: str = Channel.SMS,
) -> Message | None:
    """Send a one-time code: asked for this minute, so at any hour. The code is sealed and forgotten once sent."""
    kind = purpose.partition(":")[0]
    with transaction.atomic():
        row = _make(
            user,
            channel,
            CODE,
            {"purpose": kind},
            step=step,
            at=at,
            not_before=at,
            urgent=True,
            secret=secret,
            language=language,
            **{"email" if channel == Channel.EMAIL else "phone": to},
        )
        if row is not None:
            _queue(row, at)
    return row


def call_off_mails(user: Reader, at: datetime) -> int:
    """What waits to go to an address that no longer stands does not go; how many."""
    return call_off(user, [Channel.EMAIL], at)


def call_off(user: Reader, channels: Sequence[str], at: datetime) -> int:
    """What waits to go to this person by these channels does not go; how many. Codes do."""
    rows = Message.objects.select_for_update().filter(user=user.pk, channel__in=channels, state=State.QUEUED)
    waiting = list(rows.exclude(template=CODE).order_by("pk"))
    for row in waiting:
        row.call_off(at)
        row.save(update_fields=["state", "outcome_at"])
    return len(waiting)


def is_reminder(template: str) -> bool:
    """Whether it waits for the reminders' hour: every message that asks for money or warns."""
    return template.startswith((*ASKING, *WARNING))


_COLUMNS = {
    "user_id": "bigint", "channel": "text", "template": "text", "params": "jsonb", "language": "text", "link": "text",
    "step": "text", "seal_row": "uuid", "phone": "text", "email": "text", "urgent": "boolean",
    "not_before": "timestamptz", "state": "text", "sent_at": "timestamptz",
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
    return *_head(told, Channel.IN_APP), None, None, None, False, at, State.SENT, at


@dataclass(frozen=True, slots=True)
class _Way:
    """A telling on its way out of the house, to a phone or an address."""

    told: Telling
    channel: str
    cell: Sealed


def _is_spared(told: Telling) -> bool:
    """Nobody asks a family for money, nor whom it is no longer about."""
    return told.user.in_peace_since is not None and told.template.startswith(ASKING)


def _ways(told: Telling) -> list[_Way]:
    """None after a death or a loss of capacity: the number may be somebody else's tomorrow."""
    if told.user.in_peace_since is not None:
        return []
    wanted = {Channel.SMS: told.sms, Channel.EMAIL: told.sms if told.mail is None else told.mail}
    cells = {Channel.SMS: told.user.phone, Channel.EMAIL: told.user.email}
    return [_Way(told, channel, cell) for channel, cell in cells.items() if cell and wanted[channel]]


def _sent(way: _Way, at: datetime, to: str) -> tuple[Any, ...]:
    """In the order of _COLUMNS."""
    told, seal_row = way.told, uuid.uuid4()
    due = conduct.earliest(at, urgent=told.urgent, reminder=is_reminder(told.template))
    phone = _PHONE.seal(to, seal_row) if way.channel == Channel.SMS else None
    email = _EMAIL.seal(to, seal_row) if way.channel == Channel.EMAIL else None
    return *_head(told, way.channel), str(seal_row), phone, email, told.urgent, due, State.QUEUED, None


def _head(told: Telling, channel: str) -> tuple[Any, ...]:
    params = json.dumps(dict(told.params))
    return told.user.pk, channel, told.template, params, told.user.language, told.link, told.step


def _opened(sent: Sequence[_Way], at: datetime) -> list[str]:
    purposes = [f"{way.channel} {way.told.template}" for way in sent]
    return Sealed.open_all([way.cell for way in sent], purposes, by=events.PLATFORM, at=at)


def _born(rows: Sequence[tuple[Any, ...]], at: datetime) -> dict[str, list[tuple[int, datetime]]]:
    """By channel, the new rows: id, and when it may go."""
    born: dict[str, list[tuple[int, datetime]]] = {channel: [] for channel in (Channel.IN_APP, *FAR)}
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
