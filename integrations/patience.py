"""How long a call may be waited for when a person asked for it and looks on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_limit: ContextVar[float | None] = ContextVar("provider_call_limit_s", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside, a call is one attempt that waits for a third of it to be connected and for two thirds to be answered."""
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


def limit() -> float | None:
    """Seconds; None outside: the adapter's own patience."""
    return _limit.get()
