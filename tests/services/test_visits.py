"""Visits in the database: appointments, moves, what is written once, and the invariants with their planted breaks."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Document, PersonKey
from accounts.services import keys, papers
from core import vault
from core.invariants import Invariant, violations
from core.models import Event
from credit.services.demands import NotDemanded
from orders.models import Order, State
from orders.services import answers, records
from tests import make, walks
from tests.evidence import agent, appointed, demanded, findings, picture, tomorrow
from visits import invariants
from visits.models import Visit, VisitReport
from visits.services import doors, opinions, visits

pytestmark = pytest.mark.django_db
AT = make.AT
NOON = tomorrow(AT)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(slug="mini-4", months=3, of=make.customer(563)).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def broken(number: str) -> int:
    found: Invariant = next(each for each in invariants.INVARIANTS if each.number == number)
    return violations(found)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def unguarded(table: str, *constraints: str) -> None:
    run(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
    for constraint in constraints:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def test_a_time_is_chosen_once_and_then_the_others_are_gone(order: Order) -> None:
    visit = appointed(order, AT)
    assert (visit.state, visit.starts_at) == ("AGREED", NOON)
    with pytest.raises(visits.VisitClosed):
        visits.choose(visit.pk, visit.times.latest("pk").pk, "customer:1", AT)


def test_a_time_that_is_too_near_cannot_be_chosen_any_more(order: Order) -> None:
    demanded(order, "VISIT", AT, "RESIDENCE")
    visit = Visit.objects.get()
    visits.assign(visit.pk, agent().pk, "operator:1", AT)
    visits.propose(visit.pk, [NOON], "operator:1", AT)
    time = visit.times.get().pk
    with pytest.raises(visits.TimeNotPossible):
        visits.choose(visit.pk, time, "customer:1", NOON - timedelta(hours=1, minutes=59))
    visits.choose(visit.pk, time, "customer:1", NOON - timedelta(hours=2))


def test_it_moves_three_times_and_no_more(order: Order) -> None:
    visit = appointed(order, AT)
    for _ in range(visits.MOST_MOVES):
        visits.move(visit.pk, "周末", "customer:1", AT)
        visits.propose(visit.pk, [NOON], "operator:1", AT)
        visits.choose(visit.pk, visits.open_times(visit, AT)[0].pk, "customer:1", AT)
    with walks.nothing_changes(), pytest.raises(visits.MovedTooOften):
        visits.move(visit.pk, "周末", "customer:1", AT)


def test_nobody_at_home_is_no_end(order: Order) -> None:
    visit = appointed(order, AT)
    with pytest.raises(visits.TooEarly):
        visits.miss(visit.pk, "agent:1", AT)
    visits.miss(visit.pk, "agent:1", NOON)
    assert Visit.objects.get().state == "REQUESTED"
    assert walks.told(order, "visit_missed") == 1


def test_the_database_lets_nobody_come_at_night(order: Order) -> None:
    visit = appointed(order, AT)
    night = "UPDATE visits_visit SET starts_at = '2026-03-02 14:30:00+00'"  # 22:30 in Shanghai
    with pytest.raises(IntegrityError, match="decent_hours"), transaction.atomic():
        run(night)
    assert broken("44") == 0
    unguarded("visits_visit", "visits_visit_decent_hours")
    run(night)
    assert broken("44") == 1
    assert visit.pk


def test_a_report_is_written_once_and_never_changed(order: Order) -> None:
    visit = appointed(order, AT)
    answers.report_visit(visit.pk, findings(visit), "agent:1", NOON)
    with pytest.raises(NotDemanded), transaction.atomic():
        answers.report_visit(visit.pk, findings(visit), "agent:1", NOON)
    for sql in ("UPDATE visits_visitreport SET met = false", "DELETE FROM visits_visitreport"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            run(sql)
    assert VisitReport.objects.get().remarks is not None
    assert "住在" not in str(VisitReport.objects.values_list("remarks", flat=True).get())


def test_43_a_visit_done_without_a_report_is_seen(order: Order) -> None:
    appointed(order, AT)
    assert broken("43") == 0
    unguarded("visits_visit")
    run("UPDATE visits_visit SET state = 'DONE'")
    assert broken("43") == 3  # no report, and two papers that nobody looked at


def test_45_a_mismatch_that_was_called_something_else_is_seen(order: Order) -> None:
    visit = appointed(order, AT)
    answers.report_visit(visit.pk, findings(visit, RESIDENCE="MISMATCH"), "agent:1", NOON)
    assert broken("45") == 0
    unguarded("visits_visitreport")
    run("UPDATE visits_visitreport SET conclusion = 'CONFIRMED'")
    assert broken("45") == 1


def test_each_reading_of_an_address_is_on_record(order: Order) -> None:
    visit = appointed(order, AT)
    last = Event.objects.latest("id").pk
    door = doors.read(visits.assigned(agent().user, AT).get(), "agent:7", AT)
    assert door is not None
    assert door.address.endswith("科苑路 15 号 3 栋 1201")
    read = Event.objects.filter(kind="unsealed", id__gt=last, actor="agent:7")
    assert {row.facts["purpose"] for row in read} == {f"visit {visit.number}"}
    assert {row.facts["column"] for row in read} == {"consignee", "street"}


def test_the_customers_own_number_is_read_around_the_agreed_time_only(order: Order) -> None:
    """Agreed for 15:00: from 13:00 to 16:00 it is there; at the end of the day the address is gone too."""
    appointed(order, AT)
    visit = visits.assigned(agent().user, AT).get()
    shown = []
    for hours in (-2.01, -2, 1, 1.01):
        door = doors.read(visit, "agent:7", NOON + timedelta(hours=hours))
        shown.append(door is not None and door.phone is not None)
    assert shown == [False, True, True, False]
    door = doors.read(visit, "agent:7", NOON)
    assert door is not None
    assert door.phone == make.phone_of(order.customer, NOON)
    assert doors.read(visit, "agent:7", NOON + timedelta(hours=9)) is None


def test_the_mean_of_the_stars(order: Order) -> None:
    visit = appointed(order, AT)
    answers.report_visit(visit.pk, findings(visit), "agent:1", NOON)
    opinions.rate(visit.pk, 4, "", NOON)
    [rated] = [each for each in opinions.ratings() if each.pk == agent().pk]
    assert (rated.visits_rated, rated.stars_mean) == (1, 4)  # type: ignore[attr-defined]


def test_the_share_of_decisions_without_a_visit(order: Order) -> None:
    from orders.services import approvals

    assert records.visits(AT).share_without is None
    approvals.approve(order.pk, "operator:1", AT)
    other = make.order(slug="mini-4", months=3, of=make.customer(563))
    visit = appointed(other, AT)
    answers.report_visit(visit.pk, findings(visit), "agent:1", NOON)
    approvals.approve(other.pk, "operator:1", NOON)
    record = records.visits(NOON)
    assert (record.decided, record.without) == (2, 1)


def test_how_far_orders_came_by_the_share_that_was_waived(order: Order) -> None:
    """563 points waive a fifth, 726 four fifths, no decision nothing."""
    assert [passed.placed for passed in records.funnel(AT - timedelta(days=1))] == [0, 0, 0, 0]
    make.order(State.PAID, slug="mini-4", months=3)
    make.order(State.PLACED, slug="mini-4", months=3, of=make.customer(None))
    at = AT + timedelta(days=2)
    shown = {each.share: each for each in records.funnel(at)}
    assert [shown[share].placed for share in records.SHARES] == [1, 1, 1, 0]
    more = shown[records.MORE]
    assert (more.approved, more.signed, more.paid, more.received) == (1, 1, 1, 0)
    assert more.of_placed(more.paid) == 1
    assert sum(each.placed for each in records.funnel(at + records.DECIDED_WITHIN)) == 0


def test_a_destroyed_key_makes_every_file_unreadable(order: Order) -> None:
    demanded(order, "DOCUMENTS", AT, "WORK")
    paper = answers.add_document(order.pk, "WORK", picture(), AT)
    assert papers.content(paper.pk, "operator:1", "look", AT).startswith(b"\xff\xd8\xff")
    assert keys.destroy(order.customer, "operator:1", AT)
    assert PersonKey.objects.get().key is None
    for act in (lambda: papers.content(paper.pk, "operator:1", "look", AT),
                lambda: answers.add_document(order.pk, "WORK", picture(), AT)):  # fmt: skip
        with pytest.raises(keys.FilesForgotten):
            act()


def test_a_file_copied_to_another_row_or_changed_by_a_byte_does_not_open(order: Order) -> None:
    demanded(order, "DOCUMENTS", AT, "WORK")
    first, second = (answers.add_document(order.pk, "WORK", picture(), AT) for _ in range(2))
    Document.objects.filter(pk=second.pk).update(sealed=first.sealed)
    with pytest.raises(vault.FileDamaged):
        papers.content(second.pk, "operator:1", "look", AT)
    assert first.sealed is not None
    torn = bytearray(first.sealed)
    torn[40] ^= 1
    Document.objects.filter(pk=first.pk).update(sealed=bytes(torn))
    with pytest.raises(vault.FileDamaged):
        papers.content(first.pk, "operator:1", "look", AT)
