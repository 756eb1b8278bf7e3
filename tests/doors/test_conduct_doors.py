"""The conduct rules, each tried through every door (domain.md §9): the desk, the admin, a task, the shell and raw SQL.

That an SMS and a number for a call leave by one function each is told by imports: tests/services/test_messages.py,
tests/services/test_arrears.py.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Address
from accounts.services import addresses
from arrears.models import CollectionCase, DemandLetter
from arrears.services import cases, hardship, home_visits, letters
from billing.rules.extension import Terms
from billing.services import extensions as plans
from core import calendar, jobs
from core.errors import DomainError
from core.models import OutboxMessage
from integrations import registry
from notices.models import Message, PhoneCall
from notices.services import calls, messages
from notices.tasks import send as send_task
from orders.models import State
from orders.services import terminations
from tests import make, walks
from visits.models import Visit

pytestmark = pytest.mark.django_db
NOON = calendar.instant(calendar.business_date(make.AT) + timedelta(days=40), 12)
NIGHT = calendar.instant(calendar.business_date(NOON), 23)
Broken = Callable[[CollectionCase], datetime]


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE)
        cases.open_due(calendar.business_date(NOON), NOON)
        yield CollectionCase.objects.get(lease=order.lease).pk


def at_night(case: CollectionCase) -> datetime:
    return NIGHT


def after_six_dials(case: CollectionCase) -> datetime:
    return _after(case, 6, 0)


def after_three_conversations(case: CollectionCase) -> datetime:
    return _after(case, 3, 30)


def _after(case: CollectionCase, times: int, seconds: int) -> datetime:
    for minute in range(times):
        at = NOON - timedelta(minutes=30 - minute)
        call = cases.dial(case.pk, "operator:other", at).call
        cases.hang_up(case.pk, call.pk, seconds, "", "operator:other", at)
    return NOON


def desk(case: CollectionCase, at: datetime) -> None:
    with make.moment(at):
        client = Client()
        client.force_login(make.operator())
        page = client.post(reverse("desk:case_dial", args=[case.number]))
        assert page.status_code == 303
        assert "Show the number" not in client.get(reverse("desk:case", args=[case.number])).content.decode()


def admin(case: CollectionCase, at: datetime) -> None:
    """Calls are only looked at there, whatever is posted."""
    client = Client()
    client.force_login(make.operator())
    typed = {"user": case.customer.user_id, "caller": "operator:1", "subject": case.subject, "dialled_at_0": at.date()}
    assert client.post(reverse("admin:notices_phonecall_add"), typed).status_code == 403


def shell(case: CollectionCase, at: datetime) -> None:
    with pytest.raises(calls.MayNotCall):
        calls.dial(case.customer.user, caller="shell", subject="other", purpose="x", at=at)


def orm(case: CollectionCase, at: datetime) -> None:
    """Past every service: the database counts too."""
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneCall.objects.create(user=case.customer.user, caller="shell", subject="other", dialled_at=at)


def raw_sql(case: CollectionCase, at: datetime) -> None:
    insert = "INSERT INTO notices_phonecall (user_id, caller, subject, note, dialled_at) VALUES (%s, 'x', 'x', '', %s)"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, (case.customer.user_id, at))


@pytest.mark.parametrize("broken", [at_night, after_six_dials, after_three_conversations])
@pytest.mark.parametrize("door", [desk, admin, shell, orm, raw_sql])
def test_no_door_leads_past_a_rule(staged: int, broken: Broken, door: Callable[..., None]) -> None:
    case = CollectionCase.objects.select_related("customer__user").get(pk=staged)
    at = broken(case)
    made = PhoneCall.objects.count()
    door(case, at)
    assert PhoneCall.objects.count() == made


def by_relief(case: CollectionCase) -> type[DomainError]:
    hardship.ask(case.lease_id, "in hospital", None, f"customer:{case.customer_id}", NOON - timedelta(hours=1))
    return cases.HardshipFirst


def by_a_plan(case: CollectionCase) -> type[DomainError]:
    on = calendar.business_date(NOON)
    due = tuple(plans.choosable(case.lease_id, on).values_list("number", flat=True))
    terms = Terms(due, 2, on + timedelta(days=7))
    plans.begin(case.lease_id, terms, plans.preview(case.lease_id, terms, on).proposal.total, on, NOON)
    return cases.PlanKept


def nothing_is_asked(act: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match="keeps a plan"), transaction.atomic():
        act()


def past_the_services(case: CollectionCase, door: Address) -> None:
    """The general function for calls, and rows as the shell makes them."""
    user, day = case.customer.user, calendar.business_date(NOON)
    nothing_is_asked(lambda: calls.dial(user, caller="shell", subject=case.subject, purpose="x", at=NOON))
    nothing_is_asked(
        lambda: DemandLetter.objects.create(
            number="DL1",
            case=case,
            amount=1,
            cure_until=day + timedelta(days=15),
            sha256="0" * 64,
            issued_by="shell",
            issued_at=NOON,
        )
    )
    nothing_is_asked(
        lambda: Visit.objects.create(
            number="V1",
            customer=case.customer,
            purpose="COLLECTION",
            order_number=case.lease.number,
            address=door,
            requested_at=NOON,
        )
    )


@pytest.mark.parametrize("stopped", [by_relief, by_a_plan])
def test_who_is_to_be_left_in_peace_is_left_by_every_door(
    staged: int, stopped: Callable[[CollectionCase], type[DomainError]]
) -> None:
    """A call, a letter, a visit: the desk shows no way, the services refuse, and so does the database for the rest."""
    case = CollectionCase.objects.select_related("customer__user", "lease__order").get(pk=staged)
    reason = stopped(case)
    rows = (PhoneCall, DemandLetter, Visit)
    before = [kind._default_manager.count() for kind in rows]
    with make.moment(NOON):
        client = Client()
        client.force_login(make.operator())
        client.post(reverse("desk:case_dial", args=[case.number]))
        for verb, typed in (("demand", {"is_sure": "on"}), ("visit", {"address": "1"})):
            assert client.post(reverse("desk:case_act", args=[case.number, verb]), typed).status_code == 422
        page = client.get(reverse("desk:case", args=[case.number])).content.decode()
        assert reverse("desk:case_dial", args=[case.number]) not in page
    with pytest.raises(reason):
        cases.dial(case.pk, "shell", NOON)
    with pytest.raises(reason):
        letters.issue(case.pk, "shell", NOON)
    phone = make.phone_of(case.customer, NOON)
    door = addresses.add(case.customer, make.NAME, phone, "广东省深圳市", "科苑路 1 号", NOON)
    with pytest.raises(reason):
        home_visits.ask(case.pk, door, "shell", NOON)
    with pytest.raises(DomainError):
        terminations.propose(case.lease.order, "shell", "operator:1", NOON)
    past_the_services(case, door)
    assert [kind._default_manager.count() for kind in rows] == before


@pytest.mark.parametrize("stopped", [by_relief, by_a_plan])
def test_who_is_to_be_left_in_peace_is_left_by_admin_and_night_too(
    staged: int, stopped: Callable[[CollectionCase], type[DomainError]]
) -> None:
    """The admin adds nothing of the kind, whatever is posted, and no job of the day does."""
    case = CollectionCase.objects.select_related("customer").get(pk=staged)
    stopped(case)
    rows = (PhoneCall, DemandLetter, Visit)
    before = [kind._default_manager.count() for kind in rows]
    client = Client()
    client.force_login(make.operator())
    typed = {"user": case.customer.user_id, "customer": case.customer_id, "case": case.pk, "purpose": "COLLECTION"}
    for table in ("notices_phonecall", "visits_visit", "arrears_collectioncase"):
        assert client.post(reverse(f"admin:{table}_add"), typed).status_code == 403
    with make.moment(NOON):
        jobs.run_day(calendar.business_date(NOON), NOON)
    assert [kind._default_manager.count() for kind in rows] == before


@pytest.mark.parametrize("template", ["bill_overdue", "order_shipped"])
def test_no_task_sends_at_night_what_can_wait(staged: int, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queued by day, taken up by a worker at 23:00: it waits for the morning, a reminder for ten."""
    monkeypatch.setattr(registry, "sms", lambda: pytest.fail("nothing may leave at night"))
    user = CollectionCase.objects.get(pk=staged).customer.user
    params = {"amount": "1.00", "lease": "L", "number": "1", "due": "2026-12-01", "order": "O", "waybill": "W"}
    messages.inform(user, template, params, step="conduct", at=NOON)
    row = Message.objects.get(step="conduct", channel="SMS")
    with make.moment(NIGHT):
        asked = OutboxMessage.objects.filter(topic="message.queued", payload__message_id=row.pk).get()
        send_task(asked.pk, asked.payload)
    row = Message.objects.get(pk=row.pk)
    assert (row.state, calendar.instant(calendar.business_date(NIGHT) + timedelta(days=1), 8) <= row.not_before) == (
        "QUEUED", True,
    )  # fmt: skip
