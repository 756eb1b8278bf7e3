"""The circuit breaker: when it opens, who tries, what closes it."""

from datetime import UTC, datetime, timedelta

import pytest

from core import clock
from integrations import breaker
from integrations.errors import BadSignature, ProviderRefused, ProviderUnavailable, Unreached

START = datetime(2026, 3, 1, tzinfo=UTC)
HOST = "openapi.example:443"


class Provider:
    """Counts its calls and does as it is told."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self) -> str:
        self.calls += 1
        if self.error:
            raise self.error
        return "answer"


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The present, to be moved by assigning to [0]."""
    present = [START]
    monkeypatch.setattr(clock, "machine", lambda: present[0])
    return present


def fail(provider: Provider, times: int) -> None:
    provider.error = Unreached("ConnectError")
    for _ in range(times):
        with pytest.raises(Unreached):
            breaker.guarded(HOST, provider)
    provider.error = None


def test_four_failures_and_an_answer_leave_it_closed(provider: Provider, at: list[datetime]) -> None:
    fail(provider, 4)
    assert breaker.guarded(HOST, provider) == "answer"
    fail(provider, 4)
    assert breaker.state(HOST, at[0]) == "closed"


def test_five_failures_in_a_row_stop_the_calls(provider: Provider, at: list[datetime]) -> None:
    fail(provider, 5)
    with pytest.raises(breaker.CircuitOpen):
        breaker.guarded(HOST, provider)
    assert provider.calls == 5
    assert breaker.guarded("another.example:443", provider) == "answer"


def test_after_its_time_one_call_tries_and_an_answer_closes_it(provider: Provider, at: list[datetime]) -> None:
    fail(provider, 5)
    at[0] += breaker.OPEN_FOR
    assert breaker.state(HOST, at[0]) == "half-open"

    def trial() -> str:
        with pytest.raises(breaker.CircuitOpen):  # a second caller meanwhile
            breaker.guarded(HOST, provider)
        return provider()

    assert breaker.guarded(HOST, trial) == "answer"
    assert provider.calls == 6
    assert breaker.state(HOST, at[0]) == "closed"


def test_a_trial_that_fails_opens_it_again(provider: Provider, at: list[datetime]) -> None:
    fail(provider, 5)
    at[0] += breaker.OPEN_FOR
    fail(provider, 1)
    assert breaker.state(HOST, at[0]) == "open"
    assert breaker.state(HOST, at[0] + breaker.OPEN_FOR - timedelta(seconds=1)) == "open"


@pytest.mark.parametrize("error", [ProviderRefused("X"), ProviderUnavailable("20000"), BadSignature()])
def test_an_answer_of_any_kind_is_no_failure(provider: Provider, at: list[datetime], error: Exception) -> None:
    provider.error = error
    for _ in range(9):
        with pytest.raises(type(error)):
            breaker.guarded(HOST, provider)
    assert breaker.state(HOST, at[0]) == "closed"
