"""The one way an SMS or a mail leaves, with the conduct guard in it (domain.md §9).

Sending is not idempotent at any provider. So SENDING is committed before the call, a time-out becomes UNKNOWN, and
neither is ever sent again. What a server says that it did not take for now is tried again, ever more slowly, for a day.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django_fsm import can_proceed

from core import logs
from core.services import events
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable, TurnedAway
from integrations.mail import Mail
from notices.models import Message
from notices.rules import conduct, retries
from notices.services import messages, rendering, wordings

LOST_AFTER = timedelta(minutes=10)  # a sender that began so long ago died on the way
BATCH = 200
OUT_ID = "message-"  # by which a receipt names it
REASON = 120  # characters of the provider's word that are kept
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Text:
    """An SMS as it goes over the wire, plain; lives only while it is sent."""

    out_id: str
    phone: str
    template: str
    params: dict[str, str]

    def send(self) -> str:
        return registry.sms().send(self.phone, self.template, self.params, self.out_id).provider_id


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail, likewise."""

    mail: Mail

    def send(self) -> str:
        return registry.mail().send(self.mail).provider_id


def send(message_id: int, at: datetime) -> bool:
    """Send a queued SMS or mail unless the hour forbids it; False when the provider did not answer. Of two senders one
    sends."""
    letter = _contact(message_id, at)
    if letter is None:
        return True
    try:
        number = letter.send()
    except ProviderUnavailable:
        log.warning("message %s: outcome unknown, not sent again", message_id)
        _close(message_id, "lose")
        return False
    except TurnedAway as refusal:
        log.warning("message %s turned away for now: %s", message_id, refusal.provider_code)
        _put_off(message_id, _word(refusal), at)
    except ProviderRefused as refusal:
        log.warning("message %s refused: %s", message_id, refusal.provider_code)
        _close(message_id, "refuse", _word(refusal), at)
    else:
        _close(message_id, "sent", number, at)
    return True


def send_due(at: datetime) -> int:
    """Send what waited for its hour, and give up what a dead sender left; how many were tried. Called by the clock.

    A channel's round ends at the first message that its provider does not answer: the others wait for the next one.
    """
    for message in Message.objects.filter(state=Message.State.SENDING, began_at__lt=at - LOST_AFTER)[:BATCH]:
        _close(message.pk, "lose")
    return sum(_send_due(channel, at) for channel in messages.FAR)


def _send_due(channel: str, at: datetime) -> int:
    due = Message.objects.filter(channel=channel, state=Message.State.QUEUED, not_before__lte=at)
    tried = 0
    for message_id in list(due.order_by("not_before", "id").values_list("pk", flat=True)[:BATCH]):
        tried += 1
        if not send(message_id, at):
            break
    return tried


def _contact(message_id: int, at: datetime) -> _Text | _Letter | None:
    """The conduct guard: every SMS and mail passes here on its way out, whoever asked for it and however late it is.

    Takes the message out of the queue, or puts it off to the hour at which its reader may be reached; after a death it
    goes nowhere.
    """
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).select_related("user").get(pk=message_id)
        if row.channel not in messages.FAR or not can_proceed(row.begin) or at < row.not_before:
            return None
        if row.template != messages.CODE and row.user is not None and row.user.in_peace_since is not None:
            row.call_off(at)
            row.save(update_fields=["state", "outcome_at"])
            return None
        due = conduct.earliest(at, urgent=row.urgent, reminder=messages.is_reminder(row.template))
        if due > at:
            row.not_before = due
            row.save(update_fields=["not_before"])
            return None
        row.begin(at)
        row.save(update_fields=["state", "began_at"])
        return _open(row, at)


def _open(row: Message, at: datetime) -> _Text | _Letter:
    out_id = f"{OUT_ID}{row.pk}"
    code = row.secret.open(by=events.PLATFORM, purpose=row.channel, at=at) if row.secret else ""
    if row.channel == Message.Channel.EMAIL:
        to = row.email.open(by=events.PLATFORM, purpose=row.channel, at=at)
        return _Letter(Mail(to, *rendering.mail(row, code), out_id))
    name, places = wordings.approved(row.template, row.language, row.created_at)
    known = {**row.params, "code": code}
    phone = row.phone.open(by=events.PLATFORM, purpose=row.channel, at=at)
    params = {place: str(known.get(place, "")) for place in places}
    return _Text(out_id, phone, settings.SMS_TEMPLATES.get(name, name), params)


def _word(refusal: ProviderRefused) -> str:
    return logs.masked(f"{refusal.provider_code} {refusal.reason}".strip())[:REASON]


def _put_off(message_id: int, reason: str, at: datetime) -> None:
    """Back into the queue until its next try; after the last one it is refused. A code has few minutes for it."""
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message_id)
        again_at = retries.next_try(row.turned_away, at, is_code=row.template == messages.CODE)
        if again_at is not None and can_proceed(row.put_off):
            row.put_off(reason, again_at)
            row.save(update_fields=["state", "turned_away", "reason", "not_before"])
            return
    _close(message_id, "refuse", reason, at)


def _close(message_id: int, verb: str, *values: object) -> None:
    """The answer to a sending: `sent`, `refuse` or `lose`, unless a receipt was quicker."""
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message_id)
        if can_proceed(getattr(row, verb)):
            getattr(row, verb)(*values)
            row.save(update_fields=["state", "provider_number", "sent_at", "reason", "outcome_at", "secret"])
