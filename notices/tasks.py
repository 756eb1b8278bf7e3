"""Work asked for through the outbox, and the minute's round."""

from datetime import datetime

from celery import shared_task

from core import clock
from core.consumers import consumer
from notices.services import sending


@consumer(own_commits=True)
def send(message_id: int, at: datetime) -> None:
    """Topic message.queued."""
    sending.send(message_id, at)


@shared_task(ignore_result=True)
def send_due() -> None:
    """Beat: messages whose hour has come."""
    sending.send_due(clock.now())
