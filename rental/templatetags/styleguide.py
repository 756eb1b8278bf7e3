"""Shows an example twice, light and dark, rendered once."""

import re

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

REFERENCES = re.compile(r'\b(id|for|name|list|aria-labelledby|aria-describedby)="([^"]+)"')
LABELS = re.compile(r'\baria-label="([^"]+)"')
NAMED_SECTIONS = re.compile(r'(<section\b[^>]*?)\saria-labelledby="[^"]*"')


class ExampleNode(template.Node):
    """What stands between the tags, on light paper and on dark."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        light = LABELS.sub(rf'aria-label="\1 ({self.name})"', self.nodelist.render(context))
        return mark_safe(  # noqa: S308 - rendered above, with its values escaped
            f'<div class="twice" id="{self.name}"><div class="panel light">{light}</div>'
            f'<div class="panel dark">{copied(light)}</div></div>'
        )


@register.tag
def example(parser: Parser, token: Token) -> ExampleNode:
    """{% example name %}…{% endexample %}. No name, id or label stands on the page twice."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endexample",))
    parser.delete_first_token()
    return ExampleNode(name, nodelist)


def copied(light: str) -> str:
    """The same on dark paper: names end in -dark, labels in *, and a section is no landmark a second time."""
    dark = REFERENCES.sub(r'\1="\2-dark"', NAMED_SECTIONS.sub(r"\1", light))
    return LABELS.sub(r'aria-label="\1 *"', dark)
