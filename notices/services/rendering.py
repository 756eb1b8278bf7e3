"""The words of a message, in the language of its reader: those of the admin in force when it was made (Wording), else
the house's own (templates/messages/<template>.txt)."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from core.templatetags.xinzu import short_day
from notices.models import Message, Wording
from notices.rules import wordings

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNT = re.compile(r"\d+\.\d{2}")


def body(message: Message) -> str:
    """Plain text in one paragraph; the page that shows it escapes it. The secret of a code is never part of it."""
    return bodies([message])[0]


def bodies(messages: Iterable[Message]) -> list[str]:
    """`body` of several messages, in their order, with one query (none for none)."""
    rows = list(messages)
    kept = _wordings(rows)
    return [_body(row, _in_force(kept, row)) for row in rows]


def said(param: Any) -> Any:
    """A parameter in the reader's words: 2026-11-25 → 11月25日, 25 Nov; 1234.00 → 1,234.00. SMS take it as it is."""
    text = str(param)
    if DAY.fullmatch(text):
        return short_day(date.fromisoformat(text))
    return f"{Decimal(text):,.2f}" if AMOUNT.fullmatch(text) else param


def check(template: str) -> None:
    """TemplateDoesNotExist when nobody wrote the words: known when the message is made, not when it is read."""
    _template(template)


def source(template: str) -> str:
    """The house's own words as they are written."""
    text: str = _template(template).source
    return text


def _wordings(rows: list[Message]) -> list[Wording]:
    """Of the inbox, the newest first."""
    events = {row.template for row in rows}
    known = Wording.objects.filter(event__in=events, channel=Message.Channel.IN_APP).order_by("-since")
    return list(known) if rows else []


def _in_force(kept: list[Wording], row: Message) -> Wording | None:
    return next(
        (
            one
            for one in kept
            if (one.event, one.language) == (row.template, row.language) and one.since <= row.created_at
        ),
        None,
    )


def _body(message: Message, wording: Wording | None) -> str:
    with translation.override(message.language):
        spoken = {name: said(value) for name, value in message.params.items()}
        if wording is not None:
            return wordings.filled(wording.text, spoken)
        return " ".join(_template(message.template).render(Context(spoken, autoescape=False)).split())


def _template(name: str) -> Any:
    """The engine's own template: Django's wrapper would escape for HTML."""
    found: Any = get_template(f"messages/{name}.txt")
    return found.template
