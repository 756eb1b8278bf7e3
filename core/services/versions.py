"""The one way into force for what people are judged by: drafted, handed to a second person, published, superseded.

Who publishes names the draft's figures as they are; without a second person's approval of exactly these nothing happens
(docs/adr/0014-the-second-person.md), and a trigger keeps raw SQL from it too (core.guards.second_person).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Max
from django_fsm import can_proceed

from core.errors import DomainError
from core.models import Approval, Version
from core.services import approvals, events

V = TypeVar("V", bound=Version)


@dataclass(frozen=True, slots=True)
class Line(Generic[V]):
    """One kind of versions. `name` is the approval's kind; `key` the field by which people name a version.

    `figures` is all that a second person approves; `require_sound` raises what keeps a draft from being published at
    that moment.
    `within`: one is in force for each value of this field; "" for one at all.
    """

    name: str
    model: type[V]
    key: str
    figures: Callable[[V], Any]
    require_sound: Callable[[V, datetime], None]
    not_draft: type[DomainError]
    within: str = ""


def next_number(model: type[V]) -> int:
    """Of a kind whose versions are counted 1, 2, 3."""
    return int(model._default_manager.aggregate(latest=Max("version"))["latest"] or 0) + 1


def subject(line: Line[V], row: V) -> str:
    return f"{line.name}:{getattr(row, line.key)}"


def draft(line: Line[V], pk: int) -> V:
    """The draft, locked; `line.not_draft` for anything else."""
    found: V | None = _rows(line).select_for_update().filter(pk=pk, state=Version.State.DRAFT).first()
    if found is None:
        raise line.not_draft
    return found


def asked(line: Line[V], row: V) -> Approval | None:
    """The request that waits for a second person; what he looks at stays as it is until then."""
    return approvals.open_for(subject(line, row), line.name).first()


def refuse_if_asked(line: Line[V], row: V) -> None:
    """AlreadyAsked while a second person looks at it."""
    under_way = asked(line, row)
    if under_way is not None:
        raise approvals.AlreadyAsked(under_way.pk)


@transaction.atomic
def propose(line: Line[V], pk: int, actor: str, reason: str, at: datetime) -> Approval:
    """Hand a draft to a second person. `line.not_draft`, what `require_sound` raises, AlreadyAsked."""
    row = draft(line, pk)
    line.require_sound(row, at)
    return approvals.request(line.name, subject(line, row), line.figures(row), actor=actor, reason=reason, at=at)


@transaction.atomic
def carry_out(line: Line[V], approval_id: int, actor: str, at: datetime) -> V:
    """A second person's yes, and it goes into force. As `approvals.approve` and `publish`."""
    yes = approvals.approve(approval_id, actor, at)
    key = yes.subject.removeprefix(f"{line.name}:")
    found: V | None = _rows(line).filter(**{line.key: key}).first()
    if found is None:
        raise line.not_draft
    return publish(line, found.pk, actor, at)


@transaction.atomic
def publish(line: Line[V], pk: int, actor: str, at: datetime) -> V:
    """Put an approved draft in force and the present one out of it.

    `line.not_draft`, what `require_sound` raises, ApprovalNeeded when nobody approved exactly these figures. Locks the
    approval, then the live versions in order of id; a partial UNIQUE keeps one in force.
    """
    seen: V | None = _rows(line).filter(pk=pk, state=Version.State.DRAFT).first()
    if seen is None:
        raise line.not_draft
    approved = line.figures(seen)
    line.require_sound(seen, at)
    approvals.use(line.name, subject(line, seen), approved, at)
    rows = _rows(line).select_for_update().exclude(state=Version.State.SUPERSEDED).order_by("id")
    live: dict[int, V] = {each.pk: each for each in rows}
    row = live.get(pk)
    if row is None or not can_proceed(row.publish):
        raise line.not_draft
    if line.figures(row) != approved:
        raise approvals.ApprovalNeeded
    for present in live.values():
        if _is_replaced(line, present, row):
            end(line, present, actor, at)
    row.publish(at)
    row.save(update_fields=["state", "published_at"])
    _record(line, "published", row, actor, at)
    return row


def end(line: Line[V], row: V, actor: str, at: datetime) -> None:
    """Out of force; for a row that the caller holds locked and that is in force."""
    row.supersede(at)
    row.save(update_fields=["state", "ended_at"])
    _record(line, "superseded", row, actor, at)


def in_force(line: Line[V]) -> V | None:
    """Of a line with one in force at all."""
    found: V | None = _rows(line).filter(state=Version.State.PUBLISHED).first()
    return found


def _rows(line: Line[V]) -> Any:
    return line.model._default_manager


def _is_replaced(line: Line[V], present: V, by: V) -> bool:
    same = not line.within or getattr(present, line.within) == getattr(by, line.within)
    return same and can_proceed(present.supersede)


def _record(line: Line[V], verb: str, row: V, actor: str, at: datetime) -> None:
    events.record(f"{line.name}_{verb}", row, at=at, actor=actor, facts={line.key: getattr(row, line.key)})
