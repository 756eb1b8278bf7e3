"""The append-only record: written with the change, never changed, never removed, by nobody."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core.models import Event, Holiday
from core.services import events
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> User:
    return User.objects.create_user("someone", "a-long-password")


def test_an_event_names_its_subject_actor_and_instant(subject: User) -> None:
    made = events.record("blocked", subject, at=make.AT, actor="operator:1", facts={"reason": "fraud"})
    found = events.of(subject).get()
    assert found == made
    assert (found.subject_type, found.subject_id) == ("accounts.user", subject.pk)
    assert (found.kind, found.actor, found.at, found.facts) == ("blocked", "operator:1", make.AT, {"reason": "fraud"})
    assert (found.source, found.target) == ("", "")


def test_the_history_of_a_row_is_its_own_oldest_first(subject: User) -> None:
    other = User.objects.create_user("another", "a-long-password")
    for kind, of in (("one", subject), ("else", other), ("two", subject)):
        events.record(kind, of, at=make.AT)
    assert [event.kind for event in events.of(subject)] == ["one", "two"]


def test_an_event_disappears_with_the_change_that_failed(subject: User) -> None:
    with transaction.atomic():
        events.record("blocked", subject, at=make.AT)
        transaction.set_rollback(True)
    assert not events.of(subject).exists()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE core_event SET actor = 'nobody'", "DELETE FROM core_event", "TRUNCATE core_event"],
    ids=["update", "delete", "truncate"],
)
def test_the_database_refuses_to_change_what_happened(subject: User, statement: str) -> None:
    events.record("blocked", subject, at=make.AT)
    with pytest.raises(IntegrityError, match="core_event is append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert events.of(subject).count() == 1


def test_the_orm_is_refused_too(subject: User) -> None:
    made = events.record("blocked", subject, at=make.AT)
    attempts: list[Any] = [made.delete, made.save, lambda: Event.objects.update(actor="nobody")]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_a_table_without_the_guard_can_be_emptied() -> None:
    """The twin: it is the trigger that refuses."""
    from datetime import date

    Holiday.objects.create(day=date(2026, 10, 1), working=False, name="国庆节")
    connection.cursor().execute("DELETE FROM core_holiday")
    assert not Holiday.objects.exists()
