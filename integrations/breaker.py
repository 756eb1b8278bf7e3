"""Stop asking a provider that does not answer: people wait 10 s for nothing, and it cannot recover.

Five calls in a row that were not answered open the circuit for 30 s; then one call tries, and decides. The state lies
in Django's cache and is shared as far as that is. It stands outside the attempts of one call, which count as one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from django.core.cache import cache

from core import clock, counts
from integrations.errors import ProviderUnavailable, Unreached

T = TypeVar("T")
State = Literal["closed", "open", "half-open"]
FAILURES: Final = 5
OPEN_FOR: Final = timedelta(seconds=30)
REMEMBERED_S: Final = 600
TRIAL_S: Final = 60  # a trial that died with its process gives way to the next after this


class CircuitOpen(ProviderUnavailable):
    """The call was not made at all."""


def guarded(host: str, call: Callable[[], T]) -> T:
    """`call()`, unless the circuit of `host` is open. Only Unreached counts against the host."""
    now = state(host, at=clock.machine())
    if now == "open" or (now == "half-open" and not cache.add(_key(host, "trial"), True, TRIAL_S)):
        raise CircuitOpen(host)
    try:
        answer = call()
    except Unreached:
        _failed(host, at=clock.machine())
        raise
    except ProviderUnavailable:
        cache.delete(_key(host, "trial"))
        raise
    cache.delete_many([_key(host, what) for what in ("failures", "until", "trial")])
    return answer


def state(host: str, at: datetime) -> State:
    """Shown at the desk too (`health`)."""
    until = cache.get(_key(host, "until"))
    if until is None:
        return "closed"
    return "open" if at < until else "half-open"


def _failed(host: str, at: datetime) -> None:
    if counts.one_more(_key(host, "failures"), REMEMBERED_S) >= FAILURES:
        cache.set(_key(host, "until"), at + OPEN_FOR, REMEMBERED_S)
    cache.delete(_key(host, "trial"))


def _key(host: str, what: str) -> str:
    return f"breaker:{host}:{what}"
