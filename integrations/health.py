"""How each provider stands: what is known without asking, and one question asked now by a person at the desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, cast
from urllib.parse import urlsplit

from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from core import clock
from integrations import breaker, patience, registry, tally
from integrations.checked import Checked
from integrations.errors import ProviderRefused, ProviderUnavailable

LIMIT_S: Final = 3
REMEMBERED_S: Final = timedelta(days=1).total_seconds()


@dataclass(frozen=True, slots=True)
class Check:
    """One question and how it ended. `trouble` is for staff: the error in the provider's word or ours, "" for none."""

    at: datetime
    took_ms: int
    trouble: str

    @property
    def is_well(self) -> bool:
        return not self.trouble


@dataclass(frozen=True, slots=True)
class Health:
    """One configured provider, as far as it is known without asking it."""

    capability: str
    name: str
    host: str
    circuit: breaker.State
    tally: tally.Tally
    check: Check | None


def known() -> list[Health]:
    """Every provider of the settings. Reads the cache and calls nobody."""
    at = clock.machine()
    adapters = {key: cast("Checked", registry.get(*key)) for key in registry.names()}
    tallies = tally.read({adapter.called for adapter in adapters.values()}, at)
    checks = cache.get_many([_key(*key) for key in adapters])
    return [
        Health(
            *key,
            host=(host := urlsplit(adapter.address).netloc),
            circuit=breaker.state(host, at),
            tally=tallies[adapter.called],
            check=checks.get(_key(*key)),
        )
        for key, adapter in adapters.items()
    ]


def ask(capability: str, name: str) -> Check:
    """Ask one provider now, once, for at most LIMIT_S. ImproperlyConfigured for one that the settings do not name."""
    adapter = cast("Checked", registry.get(capability, name))
    began, trouble = monotonic(), ""
    try:
        with patience.within(LIMIT_S):
            adapter.check()
    except ProviderUnavailable as error:
        trouble = f"{type(error).__name__} {error.detail}".strip()
    except ProviderRefused as error:
        trouble = f"{type(error).__name__} {error.provider_code} {error.reason}".strip()
    except ImproperlyConfigured as error:
        trouble = str(error)
    made = Check(clock.machine(), int((monotonic() - began) * 1000), trouble[:200])
    cache.set(_key(capability, name), made, REMEMBERED_S)
    return made


def _key(capability: str, name: str) -> str:
    return f"health:{capability}:{name}"
