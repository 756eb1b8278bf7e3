"""Codes of the books as words for those who work with them."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

CHANNELS: dict[str, str | Promise] = {
    "alipay": _("Alipay"),
    "wechat": _("WeChat Pay"),
    "zhima": _("Zhima"),
    "offline": _("paid offline"),
}
PURPOSES: dict[str, str | Promise] = {
    "identity": _("check of name, ID number and phone"),
    "credit:zhima": _("reading the Zhima score"),
}


@register.filter
def channel(code: str) -> str | Promise:
    """alipay → 支付宝, Alipay; an unknown one as it stands."""
    return CHANNELS.get(code, code)


@register.filter
def purpose(code: str) -> str | Promise:
    """What a consent is for."""
    return PURPOSES.get(code, code)
