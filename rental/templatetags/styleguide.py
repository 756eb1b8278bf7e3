"""Shows an example twice, light and dark, rendered once."""

import re

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

REFERENCES = re.compile(r'\b(id|for|name|list|aria-label|aria-labelledby|aria-describedby)="([^"]+)"')


class ExampleNode(template.Node):
    """What stands between the tags, on light paper and on dark."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        light = self.nodelist.render(context)
        dark = REFERENCES.sub(r'\1="\2-dark"', light)
        return mark_safe(  # noqa: S308 - rendered above, with its values escaped
            f'<div class="twice"><div class="panel light">{light}</div><div class="panel dark">{dark}</div></div>'
        )


@register.tag
def example(parser: Parser, token: Token) -> ExampleNode:
    """{% example %}…{% endexample %}; names and labels of the dark copy end in -dark, so that both stay whole."""
    nodelist = parser.parse(("endexample",))
    parser.delete_first_token()
    return ExampleNode(nodelist)
