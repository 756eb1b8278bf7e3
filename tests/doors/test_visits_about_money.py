"""Visits about money, under the conduct rules, each tried through every door: desk, admin, shell, ORM and raw SQL."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Address
from accounts.services import addresses
from arrears import invariants, jobs
from arrears.models import CaseNote, CollectionCase
from arrears.services import cases, hardship, home_visits
from core import calendar
from core.invariants import violations
from notices.models import PhoneCall
from notices.services import calls
from orders.models import State
from tests import evidence, make, walks
from visits.models import Visit
from visits.services import doors, visits

pytestmark = pytest.mark.django_db
NOON = calendar.instant(calendar.business_date(make.AT) + timedelta(days=70), 12)
LATER = NOON + timedelta(days=1)
NIGHT = calendar.instant(calendar.business_date(LATER), 22)
ME = "operator:1"


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        cases.open_due(calendar.business_date(NOON), NOON)
        user = order.customer.user
        addresses.add(
            order.customer, make.NAME, make.phone_of(order.customer, NOON), "广东省深圳市", "科苑路 1 号", NOON
        )
        assert user.phone_index
        yield CollectionCase.objects.get(lease=order.lease).pk


@pytest.fixture
def case(staged: int) -> CollectionCase:
    return CollectionCase.objects.select_related("customer__user", "lease").get(pk=staged)


def asked(case: CollectionCase, at: datetime = NOON) -> Visit:
    [door] = home_visits.doors(case)
    made = home_visits.ask(case.pk, door, ME, at)
    return visits.assign(made.pk, evidence.agent().pk, ME, at)


def chosen(case: CollectionCase, starts_at: datetime, at: datetime = NOON) -> Visit:
    made = asked(case, at)
    visits.propose(made.pk, [starts_at], ME, at)
    return visits.choose(made.pk, visits.open_times(made, at)[0].pk, f"customer:{case.customer_id}", at)


def came(case: CollectionCase) -> Visit:
    """One visit that was made; another one is being arranged."""
    first = chosen(case, LATER)
    home_visits.report(first.pk, evidence.findings(first), "agent:1", LATER)
    return asked(case, LATER + timedelta(hours=1))


def test_a_visit_that_nobody_reports_is_ended_by_the_clock_and_its_door_is_closed(case: CollectionCase) -> None:
    made = chosen(case, LATER)
    day = calendar.business_date(LATER)
    assert home_visits.end_unreported(LATER + timedelta(days=2)) == 0
    assert Visit.objects.get(pk=made.pk).state == "AGREED"
    end = LATER + timedelta(days=3)
    counted = jobs.work(day + timedelta(days=3), end)
    assert counted["visits without a report"] == 1
    over = Visit.objects.get(pk=made.pk)
    assert (over.state, over.reason) == ("CANCELLED", "not_reported")
    with pytest.raises(visits.VisitClosed):
        doors.read(over, "agent:1", end)
    assert CaseNote.objects.filter(case=case, kind=CaseNote.Kind.VISIT, by="platform").count() == 1
    second = asked(case, end)  # another one may be arranged, seven days from the first as ever
    with pytest.raises(visits.TooOften):
        visits.propose(second.pk, [LATER + timedelta(days=6)], ME, end)
    visits.propose(second.pk, [LATER + timedelta(days=7)], ME, end)
    assert walks.broken() == {}


def test_by_appointment_with_papers_a_report_a_line_in_the_case_and_no_other_within_seven_days(
    case: CollectionCase,
) -> None:
    second = came(case)
    assert [paper.code for paper in second.papers.all()] == ["ID_CARD"]
    told = CaseNote.objects.filter(case=case, kind=CaseNote.Kind.VISIT)
    assert told.count() == 3  # asked, reported, asked again
    soon, week = LATER + timedelta(days=6), LATER + timedelta(days=7)
    with pytest.raises(visits.TooOften):
        visits.propose(second.pk, [soon, week], ME, LATER + timedelta(hours=2))
    visits.propose(second.pk, [week], ME, LATER + timedelta(hours=2))
    assert walks.broken() == {}


def test_a_door_that_stayed_shut_counts_too(case: CollectionCase) -> None:
    row = chosen(case, LATER)
    visits.miss(row.pk, "agent:1", LATER)
    with pytest.raises(visits.TooOften):
        visits.propose(row.pk, [LATER + timedelta(days=3)], ME, LATER)


def test_refused_he_is_not_asked_again_and_relief_or_payment_calls_it_off(case: CollectionCase) -> None:
    row = chosen(case, LATER)
    hardship.ask(case.lease_id, "in hospital", None, f"customer:{case.customer_id}", NOON)
    row = Visit.objects.get(pk=row.pk)
    assert row.state == Visit.State.CANCELLED
    with pytest.raises(cases.HardshipFirst):
        asked(case)
    hardship.answer(case.lease.hardships.get().pk, "read", ME, NOON)
    again = asked(case)
    home_visits.decline(again.pk, "no", f"customer:{case.customer_id}", NOON)
    with pytest.raises(home_visits.VisitUnderWay):
        asked(case)


def test_on_the_phone_only_with_the_call_itself(case: CollectionCase) -> None:
    row = asked(case)
    with pytest.raises(visits.NotAgreedByPhone):
        visits.agree_by_phone(row.pk, LATER, ME, NOON)
    call = cases.dial(case.pk, ME, NOON).call
    with pytest.raises(visits.NotAgreedByPhone):
        visits.agree_by_phone(row.pk, LATER, ME, NOON)
    cases.hang_up(case.pk, call.pk, 60, "tomorrow noon", ME, NOON)
    assert visits.agree_by_phone(row.pk, LATER, ME, NOON).state == Visit.State.AGREED


def agent_now() -> Client:
    """The assigned agent, signed in this moment."""
    client = Client()
    client.force_login(evidence.agent().user)
    client.post("/language/", {"language": "en", "next": "/"})
    return client


def test_the_agent_rings_by_a_call_that_is_guarded_and_counted_and_around_the_time_only(case: CollectionCase) -> None:
    """Agreed for noon: the page shows no number of itself; his call is one of the case, as a collector's."""
    row, phone = chosen(case, LATER), make.phone_of(case.customer, NOON)
    page, ring = reverse("desk:round", args=[row.number]), reverse("desk:round_ring", args=[row.number])
    for hours in (-3, 2):
        with make.moment(LATER + timedelta(hours=hours)):
            client = agent_now()
            looked = client.get(page)
            assert (looked.status_code, ring in looked.content.decode()) == (200, False)
            client.post(ring)
    assert not PhoneCall.objects.exists()
    with make.moment(LATER - timedelta(hours=1)):
        client = agent_now()
        assert phone not in client.get(page).content.decode()
        assert client.post(ring)["Location"] == page
        assert client.post(ring).status_code == 303  # one call at a time
        assert phone in client.get(page).content.decode()
        call = PhoneCall.objects.get()
        assert (call.subject, call.caller) == (case.subject, f"agent:{evidence.agent().user_id}")
        client.post(reverse("desk:round_hang_up", args=[row.number]), {"call": call.pk, "seconds": "0", "text": ""})
        assert phone not in client.get(page).content.decode()
    assert case.notes.filter(kind=CaseNote.Kind.CALL).count() == 1
    with make.moment(LATER + timedelta(days=1)):
        assert "its address is gone" in agent_now().get(page).content.decode()


def test_the_agent_does_not_ring_past_the_days_calls_nor_whom_nobody_may_call(case: CollectionCase) -> None:
    row = chosen(case, LATER)
    for minute in range(3):
        at = LATER - timedelta(minutes=30 - minute)
        cases.hang_up(case.pk, cases.dial(case.pk, ME, at).call.pk, 30, "", ME, at)
    with pytest.raises(calls.MayNotCall):
        home_visits.ring(row.pk, "agent:1", LATER)
    with make.moment(LATER):
        client = agent_now()
        page = client.get(reverse("desk:round", args=[row.number])).content.decode()
        assert reverse("desk:round_ring", args=[row.number]) not in page
        assert "spoken to three times" in page
    hardship.ask(case.lease_id, "in hospital", None, f"customer:{case.customer_id}", LATER)
    with pytest.raises(visits.VisitClosed):
        home_visits.ring(row.pk, "agent:1", LATER)


# each rule, through each door


def at_night(case: CollectionCase) -> tuple[Visit, datetime]:
    return asked(case), NIGHT


def within_a_week(case: CollectionCase) -> tuple[Visit, datetime]:
    return came(case), LATER + timedelta(days=2)


def desk(row: Visit, starts_at: datetime) -> None:
    at = row.requested_at + timedelta(minutes=1)
    with make.moment(at):
        client = Client()
        client.force_login(make.operator())
        local = f"{starts_at.astimezone(calendar.SHANGHAI):%Y-%m-%dT%H:%M}"
        page = client.post(reverse("desk:visit_act", args=[row.number, "propose"]), {"first": local})
        assert page.status_code == 422


def admin(row: Visit, starts_at: datetime) -> None:
    """Visits are only looked at there, whatever is posted."""
    client = Client()
    client.force_login(make.operator())
    typed = {"starts_at_0": f"{starts_at:%Y-%m-%d}", "starts_at_1": "12:00:00", "state": "AGREED"}
    assert client.post(reverse("admin:visits_visit_change", args=[row.pk]), typed).status_code == 403


def shell(row: Visit, starts_at: datetime) -> None:
    with pytest.raises((visits.TimeNotDecent, visits.TooOften)):
        visits.propose(row.pk, [starts_at], "shell", row.requested_at)


def raw_sql(row: Visit, starts_at: datetime) -> None:
    """Past every service: the database refuses too."""
    change = "UPDATE visits_visit SET state = 'AGREED', starts_at = %s WHERE id = %s"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, (starts_at, row.pk))


@pytest.mark.parametrize("broken", [at_night, within_a_week])
@pytest.mark.parametrize("door", [desk, admin, shell, raw_sql])
def test_no_door_leads_past_a_rule(
    case: CollectionCase, broken: Callable[..., tuple[Visit, datetime]], door: Callable[..., None]
) -> None:
    row, starts_at = broken(case)
    before = row.state
    door(row, starts_at)
    assert (Visit.objects.get(pk=row.pk).state, row.times.count()) == (before, 0)


def test_nobody_elses_door(case: CollectionCase) -> None:
    """Another's address, or his own with somebody else's phone: by desk, shell, ORM."""
    other = make.address(make.customer(at=make.AT))
    mothers = addresses.add(case.customer, "王妈妈", "13700000002", "广东省深圳市", "科苑路 2 号", NOON)
    for door in (other, mothers):
        with pytest.raises(visits.NotHisDoor):
            home_visits.ask(case.pk, door, ME, NOON)
        with make.moment(NOON):
            client = Client()
            client.force_login(make.operator())
            page = client.post(reverse("desk:case_act", args=[case.number, "visit"]), {"address": door.pk})
            assert page.status_code == 422
        with pytest.raises(IntegrityError), transaction.atomic():
            Visit.objects.create(
                number="XV-9", customer=case.customer, order_number=case.lease.number, address=door,
                requested_at=NOON, purpose="COLLECTION",
            )  # fmt: skip
    assert not Visit.objects.exists()


def test_a_planted_visit_at_anothers_door_is_counted(case: CollectionCase) -> None:
    asked(case)
    invariant = next(each for each in invariants.INVARIANTS if each.number == "66")
    assert violations(invariant) == 0
    other: Address = make.address(make.customer(at=make.AT))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE visits_visit DISABLE TRIGGER USER")
        cursor.execute("UPDATE visits_visit SET address_id = %s", [other.pk])
    assert violations(invariant) == 1


def test_the_customer_reads_what_it_is_about_and_the_agent_sees_it_alone(case: CollectionCase) -> None:
    row = chosen(case, LATER)
    with make.moment(LATER):
        clients = [Client() for _ in range(3)]
        for client, user in zip(
            clients, (case.customer.user, evidence.agent().user, evidence.agent("agent-li", "李强").user), strict=True
        ):
            client.force_login(user)
            client.post("/language/", {"language": "en", "next": "/"})
        mine, his, others = clients
        page = mine.get(reverse("storefront:order_visit", args=[row.order_number])).content.decode()
        assert "takes no money" in page
        theirs = reverse("desk:round", args=[row.number])
        assert "tell nobody else" in his.get(theirs).content.decode()
        assert others.get(theirs).status_code == 404
        filled = {"met": "1", "lives_there": "1", "paper_ID_CARD": "MATCHES", "remarks": ""}
        assert his.post(theirs, filled).status_code == 303
    row = Visit.objects.get(pk=row.pk)
    assert (row.state, row.came_at) == (Visit.State.DONE, LATER)
