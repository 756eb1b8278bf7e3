"""The only ways to print money, shares, states, days and drawings (house.md, Templates)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import select_template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import calendar
from core.money import exact, fen

register = template.Library()

WITH_YEAR = {"zh": "Y年n月j日", "en": "j M Y"}
MONTHS = {"zh": "Y年n月", "en": "M Y"}
WITHOUT_YEAR = {"zh": "n月j日", "en": "j M"}


@register.simple_tag
def money(amount: Decimal | int | str | None) -> SafeString | str:
    """¥1,109.00 in tabular figures, readable by a screen reader; an en dash for no amount."""
    if amount is None or amount == "":
        return "–"
    value = exact(amount)
    return format_html('<data class="money" value="{}"><span class="sign">¥</span>{}</data>', value, f"{value:,.2f}")


@register.simple_tag
def whole_money(amount: Decimal) -> SafeString:
    """¥309 where places only disturb: term picker, tiles, caps. Falls back to two places when there are any."""
    value = exact(amount)
    text = f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    return format_html('<data class="money" value="{}"><span class="sign">¥</span>{}</data>', value, text)


@register.simple_tag
def percent(share: Decimal | None, places: int = 1) -> str:
    """0.356 → 35.6 % with a thin gap; an en dash for none."""
    if share is None:
        return "–"
    scaled = (share * 100).quantize(Decimal(1).scaleb(-places))
    return f"{scaled}\u2009%"


def rate(share: Decimal) -> str:
    """A share with all its places: 0.0003 → 0.03 %, 0.00025972 → 0.025972 %, 0.20 → 20 %."""
    return f"{format((share * 100).normalize(), 'f')}\u2009%"


@register.simple_tag
def day(on: date | None, *, short: bool = False) -> SafeString | str:
    """A business date in the reader's words, never broken: 2026年11月22日, 22 Nov 2026; `short` without the year."""
    if on is None:
        return "–"
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), _words(on, short))


@register.simple_tag
def moment(at: datetime | None) -> SafeString | str:
    """An instant in the platform's zone: 2026年11月22日 16:40, 22 Nov 2026 16:40."""
    if at is None:
        return "–"
    local = at.astimezone(calendar.SHANGHAI)
    return format_html(
        '<time datetime="{}">{} {}</time>', local.isoformat(), _words(local.date(), short=False), f"{local:%H:%M}"
    )


@register.inclusion_tag("components/state_badge.html")
def state_badge(word: Any, tone: str = "neutral") -> dict[str, Any]:
    """A state as a word with a tone: neutral, live, ok, wait or late."""
    return {"word": word, "tone": tone}


@register.inclusion_tag("components/drawing.html")
def drawing(kind: str, size: str = "", label: str = "") -> dict[str, Any]:
    """Our own drawing of a device type; a parcel for a type that has none yet."""
    found = select_template([f"components/drawings/{kind}.html", "components/drawings/device.html"])
    return {"template": found.template, "size": size, "label": label}


@register.filter
def short_day(on: date) -> str:
    """A business date as plain text, for sentences: 11月22日, 22 Nov."""
    return _words(on, short=True)


@register.filter
def month(on: date) -> str:
    """The month of a day as plain text: 2026年11月, Nov 2026."""
    language = (translation.get_language() or "zh")[:2]
    return date_format(on, MONTHS.get(language, MONTHS["en"]), use_l10n=False)


@register.filter
def yuan(amount: Decimal) -> str:
    """Plain text for titles and buttons: ¥309.00."""
    return f"¥{fen(amount):,.2f}"


def _words(on: date, short: bool) -> str:
    language = (translation.get_language() or "zh")[:2]
    patterns = WITHOUT_YEAR if short else WITH_YEAR
    return date_format(on, patterns.get(language, patterns["en"]), use_l10n=False)
