"""The words of messages as operators set them: checked, dated, kept; and the calendar of reminders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.template import TemplateDoesNotExist
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.services import events
from notices.models import Message, ReminderStep, Wording
from notices.rules import sms_texts, wordings
from notices.rules.wordings import Wrong
from notices.services import rendering

Channel = Message.Channel
SAID: dict[Wrong, str | Promise] = {
    Wrong.UNKNOWN_PLACE: _("A place in it is not known to this event."),
    Wrong.BROKEN_PLACE: _("Places are written ${name}; no other $, { or } may stand in the text."),
    Wrong.NO_AMOUNT: _("A message about a bill says its ${amount}."),
    Wrong.NO_CODE: _("The SMS and the mail of a code carry the ${code}."),
    Wrong.THREAT: _("It threatens, or names others. We remind one person, of money, in plain words."),
    Wrong.LONG: _("An SMS has at most 140 characters."),
}
EXAMPLE = {
    "amount": "541.83", "due": "2026-12-05", "day": "2026-12-05", "last_free_day": "2026-12-08", "number": "3",
    "lease": "XO202612010001", "order": "XO202612010001", "code": "123456", "time": "10:00", "waybill": "SF1234567",
    "payment": "PY202612010001", "until": "2026-12-12", "price": "1299.00", "address": "w***@example.com",
}  # fmt: skip


class NotSayable(DomainError):
    """The words are not fit; the message says why."""

    code = "not_sayable"
    message = "%(said)s"

    def __init__(self, why: Wrong) -> None:
        super().__init__(said=SAID[why])


class UnknownEvent(DomainError):
    code = "unknown_event"
    message = _("Nothing of this name is ever told.")


def known() -> list[str]:
    """Every event that has words, by name."""
    return sorted({name.removesuffix("_en") for name in sms_texts.TEXTS})


def places(event: str) -> set[str]:
    """What `${…}` may name in its words. UnknownEvent."""
    try:
        own = rendering.source(event)
    except TemplateDoesNotExist:
        raise UnknownEvent from None
    return wordings.places(own, sms_texts.TEXTS.get(event, ""))


def check(event: str, channel: str, text: str, subject: str = "") -> None:
    """NotSayable, UnknownEvent."""
    known, by_sms, by_mail = places(event), channel == Channel.SMS, channel == Channel.EMAIL
    why = wordings.wrong(text, event, known, by_sms=by_sms, by_mail=by_mail) or wordings.wrong(
        subject, "", known - {"code"}, by_sms=False
    )
    if why is not None:
        raise NotSayable(why)


def set_words(
    event: str,
    channel: str,
    language: str,
    text: str,
    provider_template: str,
    actor: str,
    at: datetime,
    subject: str = "",
) -> Wording:
    """In force for every message made from now on; those before keep theirs. NotSayable, UnknownEvent."""
    subject = subject if channel == Channel.EMAIL else ""
    check(event, channel, text, subject)
    with transaction.atomic():
        made = Wording.objects.create(
            event=event, channel=channel, language=language, text=text, since=at, set_by=actor,
            provider_template=provider_template if channel == Channel.SMS else "", subject=subject,
        )  # fmt: skip
        events.record("wording_set", made, at=at, actor=actor, facts={"event": event, "text": text})
    return made


@dataclass(frozen=True, slots=True)
class Trial:
    """Words that are being typed, as a reader would get them; `objection` is why they may not be put in force."""

    subject: str
    text: str
    objection: str
    places: str


def trial(event: str, channel: str, language: str, text: str, subject: str) -> Trial:
    """With an example's figures, in the language of the words. UnknownEvent."""
    named = ", ".join(f"${{{name}}}" for name in sorted(places(event)))
    try:
        check(event, channel, text, subject)
        why = ""
    except NotSayable as refused:
        why = str(refused)
    with translation.override(language):
        figures = EXAMPLE if channel == Channel.SMS else _spoken_example()
        shown = wordings.filled(text, figures)
        head = wordings.filled(subject, figures) or wordings.subject(shown)
    return Trial(head if channel == Channel.EMAIL else "", shown, why, named)


def preview(text: str, subject: str = "") -> str:
    """As it would read, with an example's figures; a mail's own subject before it."""
    written = f"{subject}: {text}" if subject else text
    return wordings.filled(written, _spoken_example())


def _spoken_example() -> dict[str, Any]:
    return {name: rendering.said(value) for name, value in EXAMPLE.items()}


def example(event: str, language: str, at: datetime) -> str:
    """How a message of this event would read in the app if it were made at `at`."""
    row = Message(template=event, language=language, params=EXAMPLE, channel=Channel.IN_APP, created_at=at)
    return rendering.body(row)


def approved(event: str, language: str, at: datetime) -> tuple[str, list[str]]:
    """The SMS text in force at `at`: the provider's name for it (ours where nothing else was set), and its places in
    their order, which providers with numbered places go by."""
    spoken = "zh-hans" if language.startswith("zh") else "en"
    rows = Wording.objects.filter(event=event, channel=Channel.SMS, language=spoken, since__lte=at)
    newest = rows.order_by("-since").first()
    own = event if spoken == "zh-hans" else f"{event}_en"
    name, text = (newest.provider_template, newest.text) if newest else (own, sms_texts.TEXTS.get(own, ""))
    return name, list(dict.fromkeys(wordings.PLACE.findall(text)))


def reminders(occasion: str = ReminderStep.Occasion.BILL) -> dict[int, ReminderStep]:
    """The calendar's steps in use about this occasion, by day from its own."""
    steps: Iterable[ReminderStep] = ReminderStep.objects.filter(occasion=occasion, is_on=True)
    return {step.days: step for step in steps}
