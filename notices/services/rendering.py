"""The words of a message, in the language of its reader: those of the admin in force when it was made (Wording), else
the house's own (templates/messages/<template>.txt)."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext

from core.templatetags.xinzu import short_day
from notices.models import Message, Wording
from notices.rules import sms_texts, wordings

Channel = Message.Channel
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNT = re.compile(r"\d+\.\d{2}")


def body(message: Message) -> str:
    """Plain text in one paragraph; the page that shows it escapes it. The secret of a code is never part of it."""
    return bodies([message])[0]


def bodies(messages: Iterable[Message]) -> list[str]:
    """`body` of several messages, in their order, with one query (none for none)."""
    rows = list(messages)
    kept = _wordings(rows)
    return [_spoken(row, _in_force(kept, row)) for row in rows]


def said(param: Any) -> Any:
    """A parameter in the reader's words: 2026-11-25 → 11月25日, 25 Nov; 1234.00 → 1,234.00. SMS take it as it is."""
    text = str(param)
    if DAY.fullmatch(text):
        return short_day(date.fromisoformat(text))
    return f"{Decimal(text):,.2f}" if AMOUNT.fullmatch(text) else param


def mail(message: Message, code: str) -> tuple[str, str]:
    """Subject and text of a mail; `code` is the secret of one about a code, which stands in the text alone."""
    wording = _in_force(_wordings([message]), message)
    is_code = bool(code)
    with translation.override(message.language):
        spoken = {name: said(value) for name, value in message.params.items()} | ({"code": code} if code else {})
        text = _code_text(message, spoken) if is_code and wording is None else _body(message, wording, spoken)
        chosen = wordings.filled(wording.subject, spoken) if wording else ""
        subject = chosen or (gettext("Your code") if is_code else wordings.subject(text))
        site = settings.SITE_URL
        around = {
            "body": text, "page": f"{site}{message.link}" if message.link else "", "is_code": is_code,
            "settings_page": f"{site}/my/email/",
        }  # fmt: skip
        letter: str = _engine_template("mail/letter.txt").render(Context(around, autoescape=False))
        return f"{gettext('Xinzu')}: {subject}", letter


def check(template: str) -> None:
    """TemplateDoesNotExist when nobody wrote the words: known when the message is made, not when it is read."""
    _template(template)


def source(template: str) -> str:
    """The house's own words as they are written."""
    text: str = _template(template).source
    return text


def _wordings(rows: list[Message]) -> list[Wording]:
    """Of the inbox and of mails, the newest first; SMS are spoken by their provider, and shown as in the inbox."""
    events = {row.template for row in rows}
    known = Wording.objects.filter(event__in=events).exclude(channel=Channel.SMS).order_by("-since")
    return list(known) if rows else []


def _in_force(kept: list[Wording], row: Message) -> Wording | None:
    return next(
        (
            one
            for one in kept
            if (one.event, one.language, one.channel) == (row.template, row.language, _shown_on(row))
            and one.since <= row.created_at
        ),
        None,
    )


def _shown_on(message: Message) -> str:
    return Channel.EMAIL if message.channel == Channel.EMAIL else Channel.IN_APP


def _spoken(message: Message, wording: Wording | None) -> str:
    with translation.override(message.language):
        return _body(message, wording, {name: said(value) for name, value in message.params.items()})


def _body(message: Message, wording: Wording | None, spoken: dict[str, Any]) -> str:
    """In the language that is active."""
    if wording is not None:
        return wordings.filled(wording.text, spoken)
    return " ".join(_template(message.template).render(Context(spoken, autoescape=False)).split())


def _code_text(message: Message, spoken: dict[str, Any]) -> str:
    """The house's words with the code in them: those of the SMS."""
    own = message.template if message.language.startswith("zh") else f"{message.template}_en"
    return wordings.filled(sms_texts.TEXTS[own], spoken)


def _template(name: str) -> Any:
    return _engine_template(f"messages/{name}.txt")


def _engine_template(name: str) -> Any:
    """The engine's own template: Django's wrapper would escape for HTML."""
    found: Any = get_template(name)
    return found.template
