"""Words of orders in templates."""

from django import template
from django.utils.functional import Promise

from orders import words

register = template.Library()


@register.filter
def reason(code: str) -> str | Promise:
    """A stored reason in the reader's language."""
    return words.reason(code)
