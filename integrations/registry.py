"""Which adapter serves which capability: settings.PROVIDERS, by dotted path, as Django's own backends are chosen."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from integrations.credit import CreditProvider
from integrations.identity import IdentityProvider
from integrations.logistics import LogisticsProvider
from integrations.mail import MailProvider
from integrations.payments import (
    DeductProvider,
    DisputeProvider,
    HoldProvider,
    PayerProvider,
    PaymentProvider,
    StatementProvider,
)
from integrations.sms import SmsProvider

if TYPE_CHECKING:  # it brings the HTTP client, which a web server needs at its first call, not at its start
    from integrations.timestamps import TimestampAuthority

PLUGINS = "xinzu.providers"  # a package offers adapters here; only a name in the settings switches one on


def get(capability: str, name: str = "default") -> Any:
    """The adapter under PROVIDERS[capability][name], made with its OPTIONS. ImproperlyConfigured if unknown."""
    try:
        chosen = settings.PROVIDERS[capability][name]
    except KeyError as error:
        raise ImproperlyConfigured(f"PROVIDERS names no {capability}/{name}") from error
    return _class(chosen["BACKEND"])(**chosen.get("OPTIONS", {}))


def names() -> list[tuple[str, str]]:
    """Capability and name of every configured adapter."""
    return [(capability, name) for capability, adapters in settings.PROVIDERS.items() for name in adapters]


def sms(name: str = "default") -> SmsProvider:
    return cast("SmsProvider", get("sms", name))


def mail(name: str = "default") -> MailProvider:
    return cast("MailProvider", get("mail", name))


def identity(name: str = "default") -> IdentityProvider:
    return cast("IdentityProvider", get("identity", name))


def credit(name: str = "zhima") -> CreditProvider:
    return cast("CreditProvider", get("credit", name))


def payments(name: str = "alipay") -> PaymentProvider:
    return cast("PaymentProvider", get("payments", name))


def logistics(name: str = "kuaidi100") -> LogisticsProvider:
    return cast("LogisticsProvider", get("logistics", name))


def holds(name: str) -> HoldProvider:
    """The adapter `name`, which must be able to freeze deposits. ImproperlyConfigured otherwise."""
    return cast("HoldProvider", _able(name, "freeze", "cannot freeze a deposit"))


def deducts(name: str) -> DeductProvider:
    """The adapter `name`, which must be able to take money on an agreement. ImproperlyConfigured otherwise."""
    return cast("DeductProvider", _able(name, "deduct", "cannot deduct"))


def payers(name: str) -> PayerProvider:
    """The adapter `name`, which must tell who holds a browser of its app. ImproperlyConfigured otherwise."""
    return cast("PayerProvider", _able(name, "payer", "tells of no payer"))


def disputes(name: str) -> DisputeProvider:
    """The adapter `name`, which must tell of disputes. ImproperlyConfigured otherwise."""
    return cast("DisputeProvider", _able(name, "dispute", "tells of no dispute"))


def statements(name: str) -> StatementProvider:
    """The adapter `name`, which must read the statement of a day. ImproperlyConfigured otherwise."""
    return cast("StatementProvider", _able(name, "statement", "files no statements"))


def timestamps(name: str = "default") -> "TimestampAuthority":
    return cast("TimestampAuthority", get("timestamps", name))


def _class(named: str) -> Any:
    """By dotted path; a name without a dot is one that an installed package offers (entry point group PLUGINS)."""
    if "." in named:
        return import_string(named)
    from importlib.metadata import entry_points  # reads the disk: only where a package's adapter was chosen

    for found in entry_points(group=PLUGINS, name=named):
        return found.load()
    raise ImproperlyConfigured(f"no installed package offers {named} in {PLUGINS}")


def _able(name: str, capability: str, lack: str) -> PaymentProvider:
    provider = payments(name)
    if capability not in provider.capabilities:
        raise ImproperlyConfigured(f"payments/{name} {lack}")
    return provider
