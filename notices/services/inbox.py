"""The in-app inbox."""

from datetime import datetime

from django.db.models import QuerySet

from notices.models import Message
from notices.services.reader import Reader


def of(user: Reader) -> QuerySet[Message]:
    """A person's messages, newest first."""
    return Message.objects.filter(user_id=user.pk, channel=Message.Channel.IN_APP).order_by("-id")


def unread(user: Reader) -> int:
    return of(user).filter(read_at=None).count()


def read(message: Message, at: datetime) -> None:
    """Note the first reading."""
    if message.read_at is None:
        message.read_at = at
        message.save(update_fields=["read_at"])


def read_all(user: Reader, at: datetime) -> int:
    """Note that everything was read; how many were not before."""
    return of(user).filter(read_at=None).update(read_at=at)
