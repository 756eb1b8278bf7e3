"""The only ways to print money, shares and states (house.md, Templates)."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.money import exact, fen

register = template.Library()


@register.simple_tag
def money(amount: Decimal | int | str | None) -> SafeString | str:
    """¥1,109.00 in tabular figures, readable by a screen reader; an en dash for no amount."""
    if amount is None or amount == "":
        return "–"
    value = exact(amount)
    return format_html('<data class="money" value="{}"><span class="sign">¥</span>{}</data>', value, f"{value:,.2f}")


@register.simple_tag
def percent(share: Decimal | None, places: int = 1) -> str:
    """0.356 → 35.6 % with a thin gap; an en dash for none."""
    if share is None:
        return "–"
    scaled = (share * 100).quantize(Decimal(1).scaleb(-places))
    return f"{scaled}\u2009%"


@register.inclusion_tag("components/state_badge.html")
def state_badge(word: Any, tone: str = "neutral") -> dict[str, Any]:
    """A state as a word with a tone: neutral, ok, wait or late."""
    return {"word": word, "tone": tone}


@register.filter
def yuan(amount: Decimal) -> str:
    """Plain text for titles and buttons: ¥309.00."""
    return f"¥{fen(amount):,.2f}"
