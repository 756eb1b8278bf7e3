"""Work asked for through the outbox. What waits for its hour is found by rental.tasks (`sending.send_due`)."""

from datetime import datetime

from core.consumers import consumer
from notices.services import receipts, sending


@consumer(own_commits=True)
def send(message_id: int, at: datetime) -> None:
    """Topic message.queued."""
    sending.send(message_id, at)


@consumer()
def apply_receipts(notice_id: int, at: datetime) -> None:
    """Topic receipts.stored."""
    receipts.apply(notice_id, at)
