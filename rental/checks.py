"""What `manage.py check` asks of an installation; migrate and the worker ask it too when they start."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

# the providers' options that name a place
ADDRESSES = {"gateway", "authorize", "endpoint", "url", "payer_page", "payer_url", "page", "api", "backend"}


@register()
def key_files_are_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Where keys are never made on first use, each must be there before the first customer is."""
    if settings.MAKE_KEYS:
        return []
    from rental import key_files  # knows the libraries of every key; a web server starts without them

    return [
        Error(f"key file {name} is missing in KEY_DIR", hint="manage.py make_keys, or its giver", id="rental.E001")
        for name in key_files.missing()
    ]


@register()
def providers_are_real(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Nobody's money goes to the pretended outside world because a line of the environment was forgotten."""
    if settings.MAKE_KEYS or settings.SANDBOX_ALLOWED:
        return []
    hint = "see .env.example; SANDBOX_ALLOWED=1 for a trial"
    return [
        Error(f"the {option} of {provider} is {address or 'empty'}", hint=hint, id="rental.E002")
        for provider, option, address in _places()
        if not address or address.startswith((settings.SANDBOX_URL, "sandbox."))
    ]


@register(Tags.security)
def second_factors_are_hidden(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A code that the page itself shows is no second factor: only the demo, where everything is invented, may."""
    if not settings.SECOND_FACTOR_SHOWN or (settings.DEMO and settings.DEBUG):
        return []
    hint = "leave it out of the environment"
    return [Error("SECOND_FACTOR_SHOWN is on outside the demo", hint=hint, id="rental.E004")]


@register(Tags.database)
def open_channels_have_a_provider(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Nobody is offered a channel that nothing stands behind. Asked by migrate and `check --database default`."""
    from billing.models import PaymentChannel

    if "default" not in (databases or ()):
        return []
    if PaymentChannel._meta.db_table not in connections["default"].introspection.table_names():
        return []  # before the first migration
    hint = "name its adapter in PROVIDERS['payments'], or close it in the admin"
    codes = PaymentChannel.objects.filter(is_open=True).values_list("code", flat=True)
    return [
        Error(f"the payment channel {code} is open and has no provider", hint=hint, id="rental.E003")
        for code in codes
        if code not in settings.PROVIDERS["payments"]
    ]


def _places() -> Iterator[tuple[str, str, str]]:
    """(provider, option, address)."""
    for capability, named in settings.PROVIDERS.items():
        for name, provider in named.items():
            for option in sorted(ADDRESSES & provider["OPTIONS"].keys()):
                yield f"{capability}.{name}", option, provider["OPTIONS"][option]
    for page in settings.PAYMENT_PAGES:
        yield "PAYMENT_PAGES", "page", page
