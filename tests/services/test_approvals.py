"""The second person (reliability.md 33): another one than asked, exactly what was asked, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core import invariants
from core.models import Approval, Event
from core.services import approvals, events
from orders.services import second_persons
from tests.things import AT, again

pytestmark = pytest.mark.django_db
ONE, OTHER = "operator:1", "operator:2"
LATER = AT + timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    payment: str
    amount: Decimal


WISH = Wish("P1", Decimal("10.00"))


def ask(payload: Wish = WISH, subject: str = "payment:P1", at_kind: str = "refund") -> Approval:
    return approvals.request(at_kind, subject, payload, actor=ONE, reason="the screen was scratched", at=AT)


def use(payload: Wish = WISH, subject: str = "payment:P1", kind: str = "refund") -> Approval:
    return approvals.use(kind, subject, payload, LATER)


def test_what_is_asked_for_is_kept_word_for_word() -> None:
    asked = ask()
    assert (asked.state, asked.requested_by, asked.body) == ("REQUESTED", ONE, '{"amount":"10.00","payment":"P1"}')
    assert asked.payload == {"payment": "P1", "amount": "10.00"}
    assert list(approvals.waiting()) == [asked]


def test_asked_approved_used_each_is_an_event_with_its_actor() -> None:
    asked = ask()
    approvals.approve(asked.pk, OTHER, LATER)
    used = use()
    assert (used.state, used.decided_by, used.decided_at, used.used_at) == ("USED", OTHER, LATER, LATER)
    told = [(event.kind, event.actor) for event in events.of(asked)]
    assert told == [("approval_requested", ONE), ("approval_approved", OTHER), ("approval_used", OTHER)]
    assert not approvals.waiting().exists()


def test_nothing_is_done_before_the_approval_nor_twice_on_it() -> None:
    with pytest.raises(approvals.ApprovalNeeded):
        use()
    asked = ask()
    with pytest.raises(approvals.ApprovalNeeded):
        use()
    approvals.approve(asked.pk, OTHER, LATER)
    use()
    with pytest.raises(approvals.ApprovalNeeded):
        use()


@pytest.mark.parametrize(
    "other",
    [
        {"payload": Wish("P1", Decimal("10.01"))},
        {"payload": Wish("P2", Decimal("10.00"))},
        {"subject": "payment:P2"},
        {"kind": "reduction"},
    ],
)
def test_an_approval_is_for_exactly_what_was_asked(other: dict[str, object]) -> None:
    asked = ask()
    approvals.approve(asked.pk, OTHER, LATER)
    with pytest.raises(approvals.ApprovalNeeded):
        use(**other)  # type: ignore[arg-type]
    assert again(asked).state == "APPROVED"


def test_the_one_who_asked_decides_nothing() -> None:
    asked = ask()
    with pytest.raises(approvals.SamePerson):
        approvals.approve(asked.pk, ONE, LATER)
    with pytest.raises(approvals.SamePerson):
        approvals.refuse(asked.pk, ONE, "no", LATER)
    assert again(asked).state == "REQUESTED"


def test_a_refusal_says_why_and_opens_the_way_for_another_request() -> None:
    asked = ask()
    with pytest.raises(approvals.AlreadyAsked) as clash:
        ask(Wish("P1", Decimal(5)))
    assert clash.value.params == {"approval": asked.pk}
    refused = approvals.refuse(asked.pk, OTHER, "no picture of it", LATER)
    assert (refused.state, refused.decided_by, refused.refusal) == ("REFUSED", OTHER, "no picture of it")
    assert ask(Wish("P1", Decimal(5))).state == "REQUESTED"


def test_only_the_one_who_asked_withdraws_it_even_after_a_yes() -> None:
    asked = ask()
    approvals.approve(asked.pk, OTHER, LATER)
    with pytest.raises(approvals.NotYourRequest):
        approvals.withdraw(asked.pk, OTHER, LATER)
    assert approvals.withdraw(asked.pk, ONE, LATER).state == "WITHDRAWN"
    with pytest.raises(approvals.ApprovalNeeded):
        use()


@pytest.mark.parametrize("step", ["approve", "refuse", "withdraw"])
def test_what_is_over_stays_over(step: str) -> None:
    asked = ask()
    approvals.refuse(asked.pk, OTHER, "no", LATER)
    take: dict[str, Callable[[], object]] = {
        "approve": lambda: approvals.approve(asked.pk, OTHER, LATER),
        "refuse": lambda: approvals.refuse(asked.pk, OTHER, "no", LATER),
        "withdraw": lambda: approvals.withdraw(asked.pk, ONE, LATER),
    }
    with pytest.raises(approvals.ApprovalOver):
        take[step]()


def test_a_request_that_is_not_there_is_unknown() -> None:
    with pytest.raises(approvals.ApprovalUnknown):
        approvals.approve(0, OTHER, LATER)


def test_a_use_that_fails_later_spends_nothing() -> None:
    asked = ask()
    approvals.approve(asked.pk, OTHER, LATER)
    with pytest.raises(RuntimeError), transaction.atomic():
        use()
        raise RuntimeError
    assert again(asked).state == "APPROVED"
    assert use().state == "USED"


BREAKS = {
    "other words": (
        "ALTER TABLE core_approval DISABLE TRIGGER core_approval_kept;"
        "ALTER TABLE core_approval DROP CONSTRAINT core_approval_hash",
        "UPDATE core_approval SET body = replace(body, '10.00', '99.00')",
    ),
    "the same person": (
        "ALTER TABLE core_approval DISABLE TRIGGER core_approval_kept;"
        "ALTER TABLE core_approval DROP CONSTRAINT core_approval_second_person",
        "UPDATE core_approval SET decided_by = requested_by",
    ),
    "used without a yes": (
        "ALTER TABLE core_event DISABLE TRIGGER core_event_append_only",
        "DELETE FROM core_event WHERE kind = 'approval_approved'",
    ),
    "used twice": (
        "",
        "INSERT INTO core_event (kind, subject_type, subject_id, source, target, actor, at, facts) SELECT kind,"
        " subject_type, subject_id, source, target, actor, at, facts FROM core_event WHERE kind = 'approval_used'",
    ),
    "asked by another": (
        "ALTER TABLE core_approval DISABLE TRIGGER core_approval_kept",
        "UPDATE core_approval SET requested_by = 'operator:3'",
    ),
    "no moment of use": (
        "ALTER TABLE core_approval DROP CONSTRAINT core_approval_says_when_used",
        "UPDATE core_approval SET used_at = NULL",
    ),
    "two open": (
        "DROP INDEX core_approval_one_open",
        "WITH two AS (INSERT INTO core_approval (kind, subject, body, payload_hash, reason, state, requested_by,"
        " requested_at, decided_by, refusal) SELECT kind, 'x', body, payload_hash, reason, 'REQUESTED',"
        " requested_by, requested_at, '', '' FROM core_approval, generate_series(1, 2) RETURNING id, requested_by,"
        " payload_hash) INSERT INTO core_event (kind, subject_type, subject_id, source, target, actor, at, facts)"
        " SELECT 'approval_requested', 'core.approval', id, '', '', requested_by, now(),"
        " jsonb_build_object('hash', payload_hash) FROM two",
    ),
}


def used() -> Approval:
    asked = ask()
    approvals.approve(asked.pk, OTHER, LATER)
    return use()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("name", BREAKS)
def test_a_planted_violation_is_counted(name: str) -> None:
    used()
    guard, plant = BREAKS[name]
    assert invariants.violations(invariants.SECOND_PERSON) == 0
    if guard:
        run(guard)
    run(plant)
    assert invariants.violations(invariants.SECOND_PERSON) >= 1


@pytest.mark.parametrize("name", [name for name, (guard, _plant) in BREAKS.items() if guard])
def test_the_database_refuses_what_is_planted(name: str) -> None:
    used()
    with pytest.raises(IntegrityError), transaction.atomic():
        run(BREAKS[name][1])


def test_the_database_lets_no_request_vanish() -> None:
    ask()
    with pytest.raises(IntegrityError, match="keeps"), transaction.atomic():
        run("DELETE FROM core_approval")


def test_the_second_persons_invariant_is_verified_with_all_others() -> None:
    assert invariants.SECOND_PERSON in invariants.all_invariants()
    assert Event.objects.filter(kind="approval_used").count() == 0


def test_what_nobody_decides_for_fourteen_days_lapses_and_may_be_asked_for_again() -> None:
    asked, end = ask(), AT + approvals.LAPSES_AFTER
    with pytest.raises(approvals.ApprovalOver):
        approvals.lapse(asked.pk, end - timedelta(seconds=1))
    assert not approvals.undecided(end - timedelta(seconds=1)).exists()
    second_persons.lapse_due(end)
    assert (again(asked).state, again(asked).decided_by, again(asked).decided_at) == ("LAPSED", "", end)
    assert [event.kind for event in events.of(asked)] == ["approval_requested", "approval_lapsed"]
    with pytest.raises(approvals.ApprovalOver):
        approvals.approve(asked.pk, OTHER, end)
    with pytest.raises(approvals.ApprovalNeeded):
        use()
    assert list(approvals.lapsed(AT)) == [asked]
    assert ask().pk != asked.pk
