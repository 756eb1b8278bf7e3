"""The words of a message, in the language of its reader (templates/messages/<template>.txt)."""

from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from notices.models import Message


def body(message: Message) -> str:
    """Plain text in one paragraph; the page that shows it escapes it. The secret of a code is never part of it."""
    with translation.override(message.language):
        return " ".join(_template(message.template).render(Context(message.params, autoescape=False)).split())


def check(template: str) -> None:
    """TemplateDoesNotExist when nobody wrote the words: known when the message is made, not when it is read."""
    _template(template)


def _template(name: str) -> Any:
    """The engine's own template: Django's wrapper would escape for HTML."""
    found: Any = get_template(f"messages/{name}.txt")
    return found.template
