"""The one loop of what a worker does in pieces: each piece commits by itself, so that nobody repeats or loses any."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from core import faults
from core.errors import DomainError
from core.services import events
from orders.models.runs import Run

R = TypeVar("R", bound=Run)
STUCK_AFTER = timedelta(minutes=30)


class NotOver(DomainError):
    code = "run_not_over"
    message = _("It is under way or done. What failed or stands still can be begun anew.")


@dataclass(frozen=True, slots=True)
class Work(Generic[R]):
    """What is done in a run of one model, `point` being its name among the faults.

    `gather(run)` writes down its rows, once, and says how many there are. `piece(run)` looks at the next rows and says
    how many it looked at, 0 when none is left. `result(run)` is what it came to. ValueError and KeyError end it.
    """

    model: type[R]
    point: str
    gather: Callable[[R], int]
    piece: Callable[[R], int]
    result: Callable[[R], dict[str, Any]]


def ask(made: R, actor: str, at: datetime) -> R:
    """Write down a new run, in the caller's transaction."""
    made.asked_by, made.asked_at = actor, at
    made.save()
    events.record("transition", made, at=at, actor=actor, target=made.state)
    return made


def run(work: Work[R], pk: int, at: datetime) -> None:
    """Do it, or go on with it; a second delivery changes nothing, and nothing outside the run is changed."""
    if not _begin(work, pk, at):
        return
    try:
        while _piece(work, pk, at):
            faults.point(work.point)
    except (ValueError, KeyError) as error:
        _fail(work.model, pk, f"{type(error).__name__}: {error}", at)
    else:
        _finish(work, pk, at)


def require_over(work: Work[R], pk: int, actor: str, at: datetime) -> R:
    """The failed run that may be begun anew; one that stands still is named as failed first. NotOver. Locks it."""
    old = work.model._default_manager.select_for_update().get(pk=pk)
    if is_stuck(old, at):
        _step(old, "fail", at, str(_("No worker moved it on; it was begun anew.")), at, actor=actor)
    elif old.state != Run.State.FAILED:
        raise NotOver
    return old


def is_stuck(asked: Run, at: datetime) -> bool:
    """Whether it has not ended and nothing moved it on for longer than a dead worker's message takes to come again."""
    return asked.ended_at is None and (asked.moved_at or asked.asked_at) < at - STUCK_AFTER


def _begin(work: Work[R], pk: int, at: datetime) -> bool:
    """The first who takes it writes down its rows in the same transaction. Whether it is under way now."""
    with transaction.atomic():
        asked = work.model._default_manager.select_for_update().get(pk=pk)
        if can_proceed(asked.begin):
            asked.total, asked.moved_at = work.gather(asked), at
            _step(asked, "begin", at)
    return bool(asked.state == Run.State.RUNNING)


def _piece(work: Work[R], pk: int, at: datetime) -> bool:
    """The next rows in a transaction of their own; False when none is left. Locks the run."""
    with transaction.atomic():
        asked = work.model._default_manager.select_for_update().get(pk=pk)
        if asked.state != Run.State.RUNNING:
            return False  # somebody named it failed and began anew
        looked_at = work.piece(asked)
        asked.done, asked.moved_at = asked.done + looked_at, at
        asked.save(update_fields=["done", "moved_at"])
    return looked_at > 0


def _finish(work: Work[R], pk: int, at: datetime) -> None:
    with transaction.atomic():
        asked = work.model._default_manager.select_for_update().get(pk=pk)
        if can_proceed(asked.finish):
            _step(asked, "finish", at, work.result(asked), at)


def _fail(model: type[Run], pk: int, failure: str, at: datetime) -> None:
    with transaction.atomic():
        asked = model._default_manager.select_for_update().get(pk=pk)
        if can_proceed(asked.fail):
            _step(asked, "fail", at, failure, at)


def _step(asked: Run, verb: str, at: datetime, *values: object, actor: str = events.PLATFORM) -> None:
    source = asked.state
    getattr(asked, verb)(*values)
    asked.save()
    events.record("transition", asked, at=at, actor=actor, source=source, target=asked.state)
