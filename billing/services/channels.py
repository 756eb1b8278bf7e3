"""Which channels take new payments, and which of them can freeze a deposit for as long as a lease needs."""

from typing import cast

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from billing.models import PaymentChannel
from billing.rules import securing
from billing.rules.securing import Kind
from core.errors import DomainError
from integrations import registry
from integrations.payments import HoldProvider

NAMES = {"stripe": ("境外银行卡", "International card")}  # as listed at first; a person may name it otherwise


class ChannelClosed(DomainError):
    code = "channel_closed"
    message = _("This way to pay is closed at the moment. Please choose another one.")


class NoChannelOpen(DomainError):
    code = "no_channel_open"
    message = _("Nothing can be paid at the moment. Please try again later; nothing was charged.")


def offered() -> list[PaymentChannel]:
    """The open ones, in their order."""
    return list(PaymentChannel.objects.filter(is_open=True))


def list_configured() -> int:
    """A closed channel for each adapter that the settings name and nobody has listed yet; how many. Repeatable."""
    known = set(PaymentChannel.objects.values_list("code", flat=True))
    names = {code: NAMES.get(code, (code, code)) for code in settings.PROVIDERS["payments"] if code not in known}
    last = PaymentChannel.objects.aggregate(last=Max("position"))["last"] or 0
    new = [
        PaymentChannel(code=code, name=name, name_en=name_en, position=position)
        for position, (code, (name, name_en)) in enumerate(names.items(), start=last + 1)
    ]
    if new:
        PaymentChannel.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def longest_hold_days() -> int | None:
    """The longest that any open channel holds a freeze; None where none can freeze."""
    found = [_longest_hold(channel.code) for channel in offered()]
    return max((days for days in found if days is not None), default=None)


def freezing(among: list[PaymentChannel], days: int) -> list[PaymentChannel]:
    """Those that can hold a freeze for so many days."""
    return [channel for channel in among if securing.kind(_longest_hold(channel.code), days) is Kind.FREEZE]


def tells_payer(code: str) -> bool:
    """Its app's own browser can pay by a script, once it is known who holds it."""
    return "payer" in abilities(code)


def deducting() -> list[PaymentChannel]:
    """The open ones that can collect by an agreement."""
    return [channel for channel in offered() if "deduct" in registry.payments(channel.code).capabilities]


def abilities(code: str) -> list[str]:
    """What a channel's adapter can do, by the port's words; none without an adapter."""
    return sorted(registry.payments(code).capabilities) if code in settings.PROVIDERS["payments"] else []


def longest_hold(code: str) -> int | None:
    """In days; None where the channel freezes nothing."""
    return _longest_hold(code) if "freeze" in abilities(code) else None


def chosen(code: str, among: list[PaymentChannel]) -> str:
    """The code, or without a choice that of the first one. ChannelClosed, NoChannelOpen."""
    if not among:
        raise NoChannelOpen
    if not code:
        return among[0].code
    if code not in {channel.code for channel in among}:
        raise ChannelClosed
    return code


def _longest_hold(code: str) -> int | None:
    provider = registry.payments(code)
    return cast("HoldProvider", provider).longest_hold_days if "freeze" in provider.capabilities else None
