"""Redis may be lost: the relay waits for it, and what the cache remembered is forgotten."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from kombu.exceptions import OperationalError

from core.cache import ForgetfulCache
from core.models import OutboxMessage
from core.services import outbox
from integrations import breaker
from integrations.errors import Unreached
from rental.management.commands import relay

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_relay_outlives_the_broker(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        asked = outbox.put("order.placed", order_id=1)

    def refuse(*args: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(relay, "send", refuse)
    call_command("relay", "--once")
    assert "connection refused" in capsys.readouterr().err
    assert OutboxMessage.objects.get(pk=asked.pk).published_at is None

    sent: list[int] = []
    monkeypatch.setattr(relay, "send", lambda task, message_id, payload: sent.append(message_id))
    call_command("relay", "--once")
    assert sent == [asked.pk]
    assert OutboxMessage.objects.get(pk=asked.pk).published_at is not None


def test_a_cache_that_is_away_forgets_and_breaks_nothing() -> None:
    cache = ForgetfulCache("redis://127.0.0.1:1/0", {})
    cache.set("a", 1)
    assert cache.get("a") is None
    assert cache.add("a", 1)
    assert cache.incr("a") == 1
    assert not cache.delete("a")
    cache.delete_many(["a"])


def test_providers_are_asked_while_the_cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "cache", ForgetfulCache("redis://127.0.0.1:1/0", {}))
    assert breaker.guarded("provider", lambda: "answer") == "answer"
    for _ in range(breaker.FAILURES + 1):
        with pytest.raises(Unreached):
            breaker.guarded("provider", _unreached)


def _unreached() -> str:
    raise Unreached("time-out")
