"""Whether a provider answers: the cheapest question of every adapter, and what is remembered of every call."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx
import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from core import clock
from integrations import breaker, health, http, patience, registry, tally
from integrations.checked import Checked
from integrations.errors import ProviderUnavailable, Unreached
from integrations.tally import BOUNDS_MS, Outcome
from sandbox.models import SmsMessage, Trade
from sandbox.services import faults
from sandbox.services.faults import Kind
from tests.integrations import adapters

pytestmark = pytest.mark.django_db
EVERY = registry.names()
QUESTIONS = {  # what each asks, as the sandbox calls it
    "alipay": "alipay.trade.query",
    "wechat": "wechat.query",
    "stripe": "stripe.balance",
    "zhima": "alipay.system.oauth.token",
    "aliyun-sms": "QuerySmsTemplateList",
    "tencent-sms": "DescribeSmsTemplateList",
    "mail": "mail",
    "aliyun-identity": "Id2MetaVerify",
    "kuaidi100": "kuaidi100.query",
    "timestamps": "tsa",
}


def adapter(key: tuple[str, str]) -> Checked:
    made: Checked = registry.get(*key)
    return made


def counted(whom: str) -> tally.Tally:
    return tally.read([whom], clock.machine())[whom]


# every adapter


@pytest.mark.parametrize("key", EVERY, ids="/".join)
def test_an_adapter_asks_without_a_trace_and_is_counted(key: tuple[str, str]) -> None:
    asked = adapter(key)
    assert health.ask(*key).trouble == ""
    found = counted(asked.called)
    assert (found.total, found.failed, found.timed_out) == (1, 0, 0)
    assert not Trade.objects.exists()
    assert not SmsMessage.objects.exists()
    [shown] = [row for row in health.known() if (row.capability, row.name) == key]
    assert shown.check
    assert shown.check.is_well
    assert asked.address.startswith(("http://", "https://", "smtp://"))
    assert shown.host in asked.address


@pytest.mark.parametrize("name", adapters.FORMS)
def test_the_generic_adapter_asks_too(name: str) -> None:
    provider = adapters.FORMS[name].make()
    provider.check()
    assert counted(provider.called).total == 1


@pytest.mark.parametrize("key", EVERY, ids="/".join)
def test_a_provider_that_is_down_is_said_to_be(key: tuple[str, str]) -> None:
    asked = adapter(key)
    faults.order(QUESTIONS[asked.called], Kind.DOWN, times=9)
    made = health.ask(*key)
    assert not made.is_well
    assert made.trouble in ("Unreached HTTP 503", "ProviderUnavailable SMTPServerDisconnected")
    assert (counted(asked.called).failed, counted(asked.called).total) == (1, 1)  # one attempt, whatever it is


@pytest.mark.parametrize(
    ("capability", "name", "option"),
    [
        ("payments", "alipay", {"app_id": "2021000000000009"}),
        ("credit", "zhima", {"app_id": "2021000000000009"}),
        ("payments", "wechat", {"serial": "00"}),
        ("payments", "stripe", {"api_key": "another-stripe-key"}),
        ("sms", "default", {"access_key_id": "another"}),
        ("sms", "tencent", {"secret_id": "another"}),
        ("identity", "default", {"access_key_id": "another"}),
    ],
)
def test_a_provider_that_does_not_know_us_is_not_well(
    settings: object, monkeypatch: pytest.MonkeyPatch, capability: str, name: str, option: dict[str, str]
) -> None:
    """It answers, and nothing of ours would be done there."""
    chosen = settings.PROVIDERS[capability][name]  # type: ignore[attr-defined]
    monkeypatch.setitem(chosen, "OPTIONS", {**chosen["OPTIONS"], **option})
    assert not health.ask(capability, name).is_well


def test_a_provider_without_its_key_is_not_well(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.PROVIDERS["payments"]["wechat"]  # type: ignore[attr-defined]
    monkeypatch.setitem(chosen, "OPTIONS", {**chosen["OPTIONS"], "private_key": "nobodys.pem"})
    settings.MAKE_KEYS = False  # type: ignore[attr-defined]
    assert "nobodys.pem" in health.ask("payments", "wechat").trouble


def test_nobody_asks_what_the_settings_do_not_name() -> None:
    with pytest.raises(ImproperlyConfigured):
        health.ask("payments", "unionpay")


def test_what_is_known_is_known_without_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "client", lambda _url: pytest.fail("a provider was called"))
    rows = health.known()
    assert [(row.capability, row.name) for row in rows] == EVERY
    assert {(row.circuit, row.tally.total, row.check) for row in rows} == {("closed", 0, None)}


# the limit


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A host that takes calls and says nothing."""
    http._client.cache_clear()
    monkeypatch.setattr("django.conf.settings.PROVIDER_TRANSPORT", "")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    http._client.cache_clear()


def test_within_a_limit_one_attempt_is_made_and_given_up(silent: str) -> None:
    began = monotonic()
    with patience.within(0.15), pytest.raises(Unreached):
        http.post(silent, again=True, content=b"", headers={}, whom="silent")
    assert monotonic() - began < 2
    assert (counted("silent").timed_out, counted("silent").total) == (1, 1)
    assert http._timeout() == http.TIMEOUT


def test_a_host_that_takes_no_call_failed(silent: str) -> None:
    with pytest.raises(Unreached):
        http.post("http://127.0.0.1:9/", again=True, content=b"", headers={}, whom="gone")
    assert (counted("gone").failed, counted("gone").total) == (http.ATTEMPTS, http.ATTEMPTS)


def test_an_open_circuit_is_told_and_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    host = httpx.URL(adapter(("payments", "alipay")).address).netloc.decode()
    cache.set(f"breaker:{host}:until", clock.machine() + breaker.OPEN_FOR, 60)
    monkeypatch.setattr(http, "client", lambda _url: pytest.fail("a provider was called"))
    assert health.ask("payments", "alipay").trouble.startswith("CircuitOpen")
    assert {row.circuit for row in health.known() if row.host == host} == {"open"}


# what is counted

AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def test_a_request_is_counted_by_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = iter([200, 204, 302, 401, 404, 429, 500, 503])
    transport = httpx.MockTransport(lambda _request: httpx.Response(next(statuses)))
    monkeypatch.setattr(http, "client", lambda _url: httpx.Client(transport=transport))
    for _ in range(8):
        try:
            http.post("http://127.0.0.1:9/", again=False, content=b"", headers={})
        except ProviderUnavailable:
            continue
    found = counted("127.0.0.1:9")  # nobody said whom
    assert (found.answered, found.refused, found.failed, found.timed_out) == (3, 3, 2, 0)
    assert found.last
    assert found.last.outcome is Outcome.FAILED


def test_a_download_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(404))
    monkeypatch.setattr(http, "client", lambda _url: httpx.Client(transport=transport))
    with pytest.raises(ProviderUnavailable):
        http.download("http://127.0.0.1:9/a", under="http://127.0.0.1:9/", most=10, whom="files")
    assert counted("files").refused == 1


def test_an_hour_is_forgotten_after_a_day() -> None:
    tally.count("some", Outcome.ANSWERED, 5, AT)
    tally.count("some", Outcome.FAILED, 5, AT + timedelta(hours=3))
    assert tally.read(["some"], AT + timedelta(hours=23))["some"].total == 2
    assert tally.read(["some"], AT + timedelta(hours=24))["some"].total == 1
    assert tally.read(["other"], AT)["other"].total == 0


def test_times_are_told_as_bounds() -> None:
    for took in [20] * 6 + [100.1] * 3 + [60_000]:
        tally.count("some", Outcome.ANSWERED, took, AT)
    found = tally.read(["some"], AT)["some"]
    assert (found.within_ms(50), found.within_ms(60), found.within_ms(61), found.within_ms(90)) == (100, 100, 300, 300)
    assert found.within_ms(95) is None
    assert tally.Tally().within_ms(50) is None
    assert list(BOUNDS_MS) == sorted(BOUNDS_MS)


def test_a_count_that_is_forgotten_between_two_steps_breaks_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *_args: False)
    tally.count("some", Outcome.ANSWERED, 5, AT)
    assert tally.read(["some"], AT)["some"].total == 0
