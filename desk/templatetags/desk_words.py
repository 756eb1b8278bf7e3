"""Codes of the books as words for those who work with them."""

from decimal import Decimal

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

CHANNELS: dict[str, str | Promise] = {
    "alipay": _("Alipay"),
    "wechat": _("WeChat Pay"),
    "stripe": _("Stripe"),
    "zhima": _("Zhima"),
    "offline": _("paid offline"),
    "deposit": _("out of the deposit"),
    "bank": _("Bank"),
}
REFUSED: dict[str, str | Promise] = {
    "offline": _("It came by transfer or in cash, so a person pays it back."),
    "turned back": _("Accepted first, then turned back"),
}
EVENTS: dict[str, str | Promise] = {
    "bill due": _("Bill due"),
    "bill void": _("Bill void"),
    "bill reduced": _("Bill reduced"),
    "fee charged": _("Late fee charged"),
    "payment received": _("Payment received"),
    "balance used": _("Credit balance used"),
    "dispute opened": _("Withheld by the provider"),
    "dispute won": _("Dispute won"),
    "dispute lost": _("Dispute lost"),
    "deposit received": _("Deposit received"),
    "deposit deducted": _("Deposit used"),
    "refund intended": _("Refund intended"),
    "refund paid": _("Refund paid"),
    "statement issued": _("Statement issued"),
    "merchant paid out": _("Merchant paid out"),
}
MOVEMENTS: dict[str, str | Promise] = {
    "OVERPAID": _("Paid more than was owed"),
    "USED_WHEN_DUE": _("Used for a bill that was due"),
    "USED_ON_WISH": _("Used for a bill at the customer's wish"),
    "PAID_OUT": _("Paid out"),
    "RETURNED": _("Late money that went back by itself"),
    "TAKEN_BACK": _("Taken back after a dispute"),
}
PURPOSES: dict[str, str | Promise] = {
    "identity": _("check of name, ID number and phone"),
    "credit:zhima": _("reading the Zhima score"),
}


@register.filter
def in_seconds(ms: int | None) -> str:
    """0.42 s, 72 s; a dash where nobody measured."""
    if ms is None:
        return "–"
    return f"{ms // 1000}{f'.{ms % 1000 // 10:02d}' if ms < 10_000 else ''} s"


@register.filter
def channel(code: str) -> str | Promise:
    """alipay → 支付宝, Alipay; an unknown one as it stands."""
    return CHANNELS.get(code, code)


@register.filter
def refused(code: str) -> str | Promise:
    """Why a refund did not go through: our own two words for it; a provider's code stands as it is."""
    return REFUSED.get(code, code)


@register.filter
def purpose(code: str) -> str | Promise:
    """What a consent is for."""
    return PURPOSES.get(code, code)


@register.filter
def moved(kind: str) -> str | Promise:
    """Why a credit balance rose or fell."""
    return MOVEMENTS.get(kind, kind)


@register.filter
def happened(what: str) -> str | Promise:
    """What a posting of the ledger was about."""
    return EVENTS.get(what, what)


@register.filter
def share_of_one(share: str | None) -> str:
    """0.741000 → 0.741; an en dash for what cannot be told."""
    return f"{Decimal(share):.3f}" if share is not None else "–"
