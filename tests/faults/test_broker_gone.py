"""Without the broker the relay waits; what it could not publish it publishes when the broker is back."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from kombu.exceptions import OperationalError

from core.models import OutboxMessage
from core.services import outbox
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
