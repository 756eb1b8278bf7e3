"""How a Celery task consumes an outbox message."""

from collections.abc import Callable
from typing import Any, TypeVar

from celery import shared_task

from core import clock
from core.services import outbox

F = TypeVar("F", bound=Callable[..., None])


def consumer(*, own_commits: bool = False) -> Callable[[F], Any]:
    """Make `function(at=…, **payload)` a task `module.function` that takes effect once per message.

    `own_commits`: the function calls a provider, so it commits its intent and its outcome itself.
    A failure is noted beside the message, logged by Celery, and offered again by the sweeper.
    """

    def wrap(function: F) -> Any:
        name = f"{function.__module__}.{function.__name__}"

        def task(message_id: int, payload: dict[str, Any]) -> None:
            at = clock.now()
            try:
                outbox.consume(message_id, name, lambda: function(at=at, **payload), at=at, own_commits=own_commits)
            except BaseException as error:
                outbox.note_failure(message_id, error)
                raise

        return shared_task(name=name, acks_late=True, ignore_result=True)(task)

    return wrap
