"""Cases, calls, promises, hardship: by rule, whoever tries (domain.md §9, reliability.md)."""

import ast
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from arrears import invariants, jobs
from arrears.models import CaseNote, CollectionCase, HardshipRequest, PaymentPromise
from arrears.services import cases, hardship, promises
from billing.services import leases, overdue
from core import calendar
from core.invariants import Invariant, all_invariants, violations
from notices.models import Message, PhoneCall
from notices.services import calls
from tests import things

pytestmark = pytest.mark.django_db

START = date(2026, 3, 2)  # bill 2 is due on 2 April, free until the 5th
FIRST_LATE = date(2026, 4, 6)
ME = "operator:1"


def at(on: date, hour: int = 12) -> datetime:
    return calendar.instant(on, hour)


@pytest.fixture
def lease() -> int:
    """Running, bill 1 paid, with a customer who has a phone."""
    made = things.lease(signed=True)
    things.paid(things.bill(made))
    leases.begin(made.pk, START, things.AT)
    user = made.customer.user
    user.phone = things.PHONE
    user.save()
    return made.pk


@pytest.fixture
def case(lease: int) -> CollectionCase:
    assert cases.open_due(FIRST_LATE, at(FIRST_LATE)) == 1
    return CollectionCase.objects.get(lease=lease)


def talk(case: CollectionCase, when: datetime, seconds: int) -> None:
    call = cases.dial(case.pk, ME, when).call
    cases.hang_up(case.pk, call.pk, seconds, "", ME, when)


def test_a_case_opens_on_the_first_day_after_grace_once(lease: int) -> None:
    assert cases.open_due(FIRST_LATE - timedelta(days=1), at(FIRST_LATE)) == 0
    assert [cases.open_due(FIRST_LATE, at(FIRST_LATE)) for _ in range(2)] == [1, 0]
    found = overdue.of([lease], FIRST_LATE)[lease]
    assert (found.since, found.days, found.amount, found.bills, found.bucket) == (
        date(2026, 4, 2), 4, Decimal("551.83"), 1, "M1",
    )  # fmt: skip


def test_it_closes_when_nothing_is_overdue(case: CollectionCase) -> None:
    assert cases.close_settled(FIRST_LATE, at(FIRST_LATE)) == 0
    things.paid(case.lease.bills.get(number=2), at=at(FIRST_LATE))
    assert cases.close_settled(FIRST_LATE, at(FIRST_LATE)) == 1
    case = CollectionCase.objects.get()
    assert (case.state, case.outcome, case.closed_on) == ("CLOSED", "PAID", FIRST_LATE)
    with pytest.raises(cases.CaseClosed):
        cases.dial(case.pk, ME, at(FIRST_LATE))


def told(lease: int) -> list[tuple[str, dict[str, str]]]:
    rows = Message.objects.filter(template__startswith="arrears_cured", channel="IN_APP").order_by("pk")
    return [(row.template, row.params) for row in rows]


def test_whoever_made_good_hears_it_once_with_what_stays_owed(case: CollectionCase) -> None:
    """Rent and cover came a day after grace: one day × 541.83 × 0.0003 = 0.16 is left, and no more three weeks on."""
    bill, day = case.lease.bills.get(number=2), FIRST_LATE + timedelta(days=1)
    things.paid_part(bill, bill.rent + bill.cover, at(day))
    assert [cases.close_settled(day, at(day)) for _ in range(2)] == [1, 0]
    assert told(case.lease_id) == [("arrears_cured_but_fee", {"lease": case.lease.number, "amount": "0.16"})]
    assert case.notes.get(kind=CaseNote.Kind.CLOSED).text == "¥0.16"
    assert cases.fees_left(case, FIRST_LATE + timedelta(days=20)) == Decimal("0.16")


def test_without_a_rest_it_says_so_and_the_next_case_is_told_anew(case: CollectionCase) -> None:
    for number, day in ((2, FIRST_LATE), (3, date(2026, 5, 6))):
        cases.open_due(day, at(day))
        things.paid(case.lease.bills.get(number=number), at=at(day))
        cases.close_settled(day, at(day))
    assert [template for template, _params in told(case.lease_id)] == ["arrears_cured", "arrears_cured"]


def test_an_end_or_a_plan_is_no_cure(case: CollectionCase) -> None:
    case.lease.bills.filter(state="OPEN").update(state="VOID")
    type(case.lease)._default_manager.filter(pk=case.lease_id).update(state="CLOSED")
    assert cases.close_settled(FIRST_LATE, at(FIRST_LATE)) == 1
    assert (CollectionCase.objects.get().outcome, told(case.lease_id)) == ("LEASE_ENDED", [])


def test_the_day_runs_as_often_as_one_likes(lease: int) -> None:
    counts = [jobs.work(FIRST_LATE, at(FIRST_LATE)) for _ in range(3)]
    assert [each["cases opened"] for each in counts] == [1, 0, 0]
    assert CaseNote.objects.count() == 1


def test_opening_many_cases_asks_no_more_of_the_portfolio(lease: int) -> None:
    with CaptureQueriesContext(connection) as seen:
        overdue.past_grace(FIRST_LATE)
        overdue.of([lease], FIRST_LATE)
    assert len(seen) == 2


def test_a_call_is_on_record_before_the_number_is_read(case: CollectionCase) -> None:
    dialled = cases.dial(case.pk, ME, at(FIRST_LATE))
    assert dialled.phone == things.PHONE
    cases.hang_up(case.pk, dialled.call.pk, 30, "pays on Friday", ME, at(FIRST_LATE))
    with pytest.raises(calls.CallOver):
        cases.hang_up(case.pk, dialled.call.pk, 0, "", ME, at(FIRST_LATE))
    assert case.notes.get(kind="CALL").text == "pays on Friday"


def test_how_a_call_ended_is_told_by_whoever_made_it(case: CollectionCase) -> None:
    dialled = cases.dial(case.pk, ME, at(FIRST_LATE))
    with pytest.raises(calls.CallOver):
        cases.hang_up(case.pk, dialled.call.pk, 30, "", "operator:2", at(FIRST_LATE))


def test_one_call_at_a_time(case: CollectionCase) -> None:
    """Pressed twice, it dials once; whoever else works the case is not held up by it."""
    going = cases.dial(case.pk, ME, at(FIRST_LATE)).call
    with pytest.raises(calls.CallGoesOn):
        cases.dial(case.pk, ME, at(FIRST_LATE))
    assert [each.call.pk for each in cases.going(case, ME, at(FIRST_LATE))] == [going.pk]
    assert cases.going(case, "operator:2", at(FIRST_LATE)) == []
    cases.dial(case.pk, "operator:2", at(FIRST_LATE))


def test_while_it_goes_on_its_number_is_read_only_as_long_as_it_may_be_called(case: CollectionCase) -> None:
    late = calendar.instant(FIRST_LATE, 21, 58)
    cases.dial(case.pk, ME, late)
    seen = [cases.going(case, ME, when)[0].phone for when in (late, late + timedelta(minutes=3))]
    assert seen == [things.PHONE, None]
    hardship.ask(case.lease_id, "in hospital", None, "customer:1", late)
    assert cases.going(case, ME, late)[0].phone is None


def test_a_call_whose_end_nobody_told_ends_by_the_clock_and_counts_as_a_conversation(case: CollectionCase) -> None:
    next_day = FIRST_LATE + timedelta(days=1)
    call = cases.dial(case.pk, ME, at(FIRST_LATE, 21)).call
    assert cases.lapse_calls(FIRST_LATE, at(FIRST_LATE, 22)) == 0
    worked = [jobs.work(next_day, at(next_day, 10))["calls without an outcome"] for _ in range(2)]
    assert worked == [1, 0]
    call = PhoneCall.objects.get()
    assert (call.seconds, call.lapsed_at) == (None, at(next_day, 10))
    assert case.notes.filter(kind=CaseNote.Kind.UNTOLD).count() == 1
    assert calls.standing(case.customer.user_id, at(FIRST_LATE, 21)).conversations == 1
    with pytest.raises(calls.CallOver):
        cases.hang_up(case.pk, call.pk, 0, "nobody", ME, at(next_day, 11))
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneCall.objects.update(seconds=0)
    cases.dial(case.pk, ME, at(next_day, 11))


@pytest.mark.parametrize("hour", [0, 7, 22, 23])
def test_nobody_is_called_at_night(case: CollectionCase, hour: int) -> None:
    with pytest.raises(calls.MayNotCall):
        cases.dial(case.pk, ME, at(FIRST_LATE, hour))
    assert not PhoneCall.objects.exists()


def test_after_three_conversations_nobody_calls_that_day_whoever_asks(case: CollectionCase) -> None:
    for hour in (9, 10, 11):
        talk(case, at(FIRST_LATE, hour), 10)
    with pytest.raises(calls.MayNotCall):
        calls.dial(case.customer.user, caller="operator:2", subject="else", purpose="else", at=at(FIRST_LATE))
    talk(case, at(FIRST_LATE + timedelta(days=1)), 10)


def test_after_six_dials_neither(case: CollectionCase) -> None:
    for hour in range(9, 15):
        talk(case, at(FIRST_LATE, hour), 0)
    with pytest.raises(calls.MayNotCall):
        cases.dial(case.pk, ME, at(FIRST_LATE, 15))


def test_a_person_without_a_phone_is_not_called(case: CollectionCase) -> None:
    user = case.customer.user
    user.phone = None
    user.save()
    with pytest.raises(calls.NoPhone):
        cases.dial(case.pk, ME, at(FIRST_LATE))


def test_dialling_locks_the_person(case: CollectionCase) -> None:
    with CaptureQueriesContext(connection) as seen:
        cases.dial(case.pk, ME, at(FIRST_LATE))
    locks = [query["sql"] for query in seen if "FOR " in query["sql"]]
    assert "arrears_collectioncase" in locks[0]
    assert "accounts_user" in locks[1]


@pytest.mark.parametrize(
    "plant",
    [
        "INSERT INTO notices_phonecall (user_id, caller, subject, dialled_at, note) VALUES (%(user)s, 'x', 'x',"
        " '2026-04-06 23:00+08', '')",
        "INSERT INTO notices_phonecall (user_id, caller, subject, dialled_at, note) SELECT %(user)s, 'x', 'x',"
        " '2026-04-06 12:00+08', '' FROM generate_series(1, 4)",
        "INSERT INTO notices_phonecall (user_id, caller, subject, dialled_at, seconds, note) SELECT %(user)s, 'x',"
        " 'x', '2026-04-06 12:00+08', 0, '' FROM generate_series(1, 7)",
    ],
    ids=["at night", "a fourth conversation", "a seventh dial"],
)
def test_the_conduct_rules_hold_for_raw_sql_and_what_gets_past_is_counted(case: CollectionCase, plant: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(plant, {"user": case.customer.user_id})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_phonecall DISABLE TRIGGER notices_phonecall_few")
        cursor.execute("ALTER TABLE notices_phonecall DROP CONSTRAINT notices_call_at_decent_hours")
        cursor.execute(plant, {"user": case.customer.user_id})
    assert violations(_invariant("60")) == 1


def test_a_call_is_kept_as_it_was(case: CollectionCase) -> None:
    talk(case, at(FIRST_LATE), 30)
    for spoil in ("UPDATE notices_phonecall SET seconds = 1", "DELETE FROM notices_phonecall"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(spoil)


def test_the_number_is_unsealed_for_calls_in_one_place_only() -> None:
    """Nobody but the guard opens a phone to call; nothing takes a number to call."""
    root = Path(calls.__file__).resolve().parent.parent.parent
    rooms = ("arrears", "desk", "portal", "storefront", "orders", "billing", "credit", "visits")
    opened = []
    for room in rooms:
        for file in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and node.attr == "phone_calls":
                    opened.append(str(file))
                if isinstance(node, ast.Name | ast.Attribute) and getattr(node, "id", "") == "PhoneCall":
                    opened.append(file.relative_to(root).as_posix())
    assert sorted(set(opened)) == ["arrears/services/cases.py"]  # which asks whether a call is about its case


def test_a_promise_is_kept_by_money_and_broken_by_its_absence(case: CollectionCase) -> None:
    until = FIRST_LATE + timedelta(days=2)
    promises.make(case.pk, Decimal(300), until, ME, at(FIRST_LATE))
    with pytest.raises(promises.PromiseStands):
        promises.make(case.pk, Decimal(100), until, ME, at(FIRST_LATE))
    assert promises.judge(until, at(until)) == {"promises kept": 0, "promises broken": 0}
    late = until + timedelta(days=1)
    assert promises.judge(late, at(late)) == {"promises kept": 0, "promises broken": 1}
    promises.make(case.pk, Decimal(300), late, ME, at(late))
    things.paid(case.lease.bills.get(number=2), at=at(late))
    assert jobs.work(late, at(late)) == {
        "cases closed": 1, "cases opened": 0, "promises kept": 1, "promises broken": 0, "calls without an outcome": 0,
        "requests left to a supervisor": 0, "pauses granted": 0, "visits without a report": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "days"), [("0.00", 1), ("551.84", 1), ("100.00", -1), ("100.00", 32)])
def test_nobody_is_made_to_promise_more_than_is_overdue(case: CollectionCase, amount: str, days: int) -> None:
    with pytest.raises(promises.NotPromisable):
        promises.make(case.pk, Decimal(amount), FIRST_LATE + timedelta(days=days), ME, at(FIRST_LATE))


def test_while_hardship_waits_nobody_calls(case: CollectionCase) -> None:
    asked = hardship.ask(case.lease_id, "in hospital", Decimal(200), "customer:1", at(FIRST_LATE))
    with pytest.raises(hardship.HardshipOpen):
        hardship.ask(case.lease_id, "again", None, "customer:1", at(FIRST_LATE))
    with pytest.raises(cases.HardshipFirst):
        cases.dial(case.pk, ME, at(FIRST_LATE))
    hardship.answer(asked.pk, "pay half in May, half in June", ME, at(FIRST_LATE))
    with pytest.raises(hardship.HardshipOver):
        hardship.withdraw(asked.pk, "customer:1", at(FIRST_LATE))
    told = Message.objects.filter(user=case.customer.user, template="hardship_answered")
    assert {message.channel for message in told} == {"SMS", "IN_APP"}
    assert cases.dial(case.pk, ME, at(FIRST_LATE)).phone == things.PHONE


def test_an_answer_is_never_empty(case: CollectionCase) -> None:
    hardship.ask(case.lease_id, "in hospital", None, "customer:1", at(FIRST_LATE))
    with pytest.raises(IntegrityError), transaction.atomic():
        HardshipRequest.objects.update(state="ANSWERED")


@pytest.mark.parametrize(
    ("number", "plant"),
    [
        ("61", "UPDATE arrears_collectioncase SET state = 'CLOSED', outcome = 'PAID', closed_on = '2026-04-07'"),
        ("62", "UPDATE arrears_collectioncase SET customer_id = %(other)s"),
    ],
)
def test_what_is_planted_is_counted(case: CollectionCase, number: str, plant: str) -> None:
    promises.make(case.pk, Decimal(300), FIRST_LATE, ME, at(FIRST_LATE))
    assert not any(violations(each) for each in invariants.INVARIANTS)
    with connection.cursor() as cursor:
        cursor.execute(plant, {"other": things.customer().pk})
    assert violations(_invariant(number)) == 1
    assert {each.number for each in invariants.INVARIANTS} == {"60", "61", "62", "63", "66", "68"}


def test_a_promise_of_a_case_that_closes_is_kept(case: CollectionCase) -> None:
    promises.make(case.pk, Decimal(300), FIRST_LATE, ME, at(FIRST_LATE))
    things.paid(case.lease.bills.get(number=2), at=at(FIRST_LATE))
    cases.close_settled(FIRST_LATE, at(FIRST_LATE))
    assert PaymentPromise.objects.get().state == "KEPT"


def _invariant(number: str) -> Invariant:
    return next(each for each in all_invariants() if each.number == number)
