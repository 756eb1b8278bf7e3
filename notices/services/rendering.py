"""The words of a message, in the language of its reader (templates/messages/<template>.txt)."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from core.templatetags.xinzu import short_day
from notices.models import Message

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNT = re.compile(r"\d+\.\d{2}")


def body(message: Message) -> str:
    """Plain text in one paragraph; the page that shows it escapes it. The secret of a code is never part of it."""
    with translation.override(message.language):
        spoken = {name: said(value) for name, value in message.params.items()}
        return " ".join(_template(message.template).render(Context(spoken, autoescape=False)).split())


def said(param: Any) -> Any:
    """A parameter in the reader's words: 2026-11-25 → 11月25日, 25 Nov; 1234.00 → 1,234.00. SMS take it as it is."""
    text = str(param)
    if DAY.fullmatch(text):
        return short_day(date.fromisoformat(text))
    return f"{Decimal(text):,.2f}" if AMOUNT.fullmatch(text) else param


def check(template: str) -> None:
    """TemplateDoesNotExist when nobody wrote the words: known when the message is made, not when it is read."""
    _template(template)


def _template(name: str) -> Any:
    """The engine's own template: Django's wrapper would escape for HTML."""
    found: Any = get_template(f"messages/{name}.txt")
    return found.template
