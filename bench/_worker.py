"""A relay and a worker in one process, without the broker between them: claims outbox rows, then does their work.

Of what it claims it does the stored notices only; the messages that tell the customer are claimed and left to others.
"""

import time
from typing import Any

import django

TOPIC = "notice.stored"
PAUSE_S = 0.002  # when nothing waits
READY = "ready"


def work() -> int:
    """One batch; how many rows it claimed."""
    from core import clock
    from core.services import outbox
    from orders import tasks
    from rental.routes import ROUTES

    claimed: list[tuple[int, dict[str, Any]]] = []

    def take(task: str, message_id: int, payload: dict[str, Any]) -> None:
        if task == ROUTES[TOPIC]:
            claimed.append((message_id, payload))

    count = outbox.publish(take, ROUTES, clock.now(), most=10)
    for message_id, payload in claimed:
        tasks.apply_notice(message_id, payload)
    return count


if __name__ == "__main__":
    django.setup()
    work()  # what is loaded with the first one
    print(READY, flush=True)
    while True:
        if not work():
            time.sleep(PAUSE_S)
