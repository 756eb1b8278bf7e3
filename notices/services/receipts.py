"""What became of text messages, in their provider's words: stored without a phone number, acted on after.

Receipts carry no signature (ADR 0032). A word counts only for a message that went to the very phone it names, under
the number that the provider gave then; the first word about a message stands. One that names a number which we do not
know yet, for it overtook the answer to our sending, waits for it.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from core import logs, seals
from core.models import InboxNotice
from core.services import inbox, outbox
from integrations.sms import SmsReceipt
from notices.models import Message
from notices.services.sending import LOST_AFTER, OUT_ID, REASON

PROVIDER = "sms-"  # of the notices in the inbox: sms-aliyun, sms-tencent
TOPIC = "receipts.stored"
WAITS = 2 * LOST_AFTER  # for the number: a sender that has not told it by then never will


def store(provider: str, body: bytes, told: Sequence[SmsReceipt], at: datetime) -> None:
    """Keep what one call of the provider said. The same bytes again are nothing new."""
    rows = [
        {**asdict(each), "phone": seals.blind_index("phone", _plain(each.phone)), "at": each.at.isoformat()}
        for each in told
    ]
    name = hashlib.sha256(body).hexdigest()
    inbox.store(f"{PROVIDER}{provider}", name, json.dumps(rows).encode(), {}, topic=TOPIC, at=at)


def apply(notice_id: int, at: datetime) -> None:
    """Act on a stored call. Safe to run again: while one of its receipts waits for our number, it stays open."""
    with transaction.atomic():
        notice = InboxNotice.objects.select_for_update().get(pk=notice_id)
        if notice.applied_at is not None:
            return
        rows = json.loads(bytes(notice.body))
        fates = Counter(_settle(row) for row in rows)
        outcome = f"{_new_before(notice) + fates[Fate.NEW]} of {len(rows)} new"
        if fates[Fate.WAITS] and at < notice.received_at + WAITS:
            notice.outcome = outcome
            notice.save(update_fields=["outcome"])
            outbox.put_later(TOPIC, at, notice_id=notice_id)
        else:
            inbox.close(notice, outcome, at)


def _new_before(notice: InboxNotice) -> int:
    """Of the earlier looks at it."""
    return int(notice.outcome.partition(" ")[0] or 0)


class Fate(Enum):
    """What a receipt did: a message learnt its fate by it, nothing, or nothing yet."""

    NEW = auto()
    NOTHING = auto()
    WAITS = auto()


def _settle(told: dict[str, Any]) -> Fate:
    """Locks the message."""
    row = _message(told["out_id"], told["provider_id"])
    if row is None:
        return Fate.NOTHING if told["out_id"] else Fate.WAITS
    if row.phone is None or not row.phone.matches(told["phone"]):
        return Fate.NOTHING
    if row.provider_number not in ("", told["provider_id"]) or not can_proceed(row.arrive):
        return Fate.NOTHING
    step = row.arrive if told["arrived"] else row.miss
    step(told["provider_id"], logs.masked(told["reason"])[:REASON], datetime.fromisoformat(told["at"]))
    row.save(update_fields=["state", "provider_number", "reason", "outcome_at", "secret"])
    return Fate.NEW


def _message(out_id: str, provider_number: str) -> Message | None:
    rows = Message.objects.select_for_update().filter(channel=Message.Channel.SMS)
    ours = re.fullmatch(rf"{OUT_ID}(\d{{1,18}})", out_id, re.ASCII)
    if ours:
        return rows.filter(pk=int(ours[1])).first()
    return rows.filter(provider_number=provider_number).first() if provider_number else None


def _plain(phone: str) -> str:
    """As it stands with us: a mainland number has eleven digits and nothing before them."""
    digits = phone.removeprefix("+")
    return digits.removeprefix("86") if len(digits) == 13 and digits.startswith("86") else digits
