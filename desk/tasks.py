"""The workers' door: outbox messages of the desk."""

from datetime import datetime

from core.consumers import consumer
from desk import passing


@consumer(own_commits=True)
def pass_time(until: str, at: datetime) -> None:
    passing.pass_until(datetime.fromisoformat(until))
