"""Telling people: a line in the app, and an SMS. Never twice for a step (UNIQUE on channel and step)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core.services import events, outbox
from notices.models import Message
from notices.rules import conduct
from notices.services import rendering
from notices.services.reader import Reader

Channel = Message.Channel
CODE = "code"
REMINDERS = "bill_"  # templates about a bill wait for the reminders' hour


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
) -> list[Message]:
    """Put a message into the person's inbox and, with `sms`, on the way to the phone; [] when the step was told before.

    `params` are texts: amounts "309.00", days as ISO dates. `step` names the occasion, e.g. "bill:7:T-3". At night an
    SMS waits for the morning unless it is `urgent`. Call it in the transaction of what it tells about.
    """
    rendering.check(template)
    made = []
    with transaction.atomic():
        row = _make(user, Channel.IN_APP, template, dict(params), step=step, at=at, link=link, not_before=at)
        if row is not None:
            row.sent("", at)
            row.save(update_fields=["state", "provider_number", "sent_at", "secret"])
            made.append(row)
        if sms and user.phone:
            phone = user.phone.open(by=events.PLATFORM, purpose=f"SMS {template}", at=at)
            due = conduct.earliest(at, urgent=urgent, reminder=is_reminder(template))
            row = _make(
                user,
                Channel.SMS,
                template,
                dict(params),
                step=step,
                at=at,
                link=link,
                not_before=due,
                urgent=urgent,
                phone=phone,
            )
            if row is not None:
                _queue(row, at)
                made.append(row)
    return made


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
