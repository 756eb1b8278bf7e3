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

from arrears.models import CollectionCase
from arrears.services import cases
from core import calendar
from core.models import OutboxMessage
from integrations import registry
from notices.models import Message, PhoneCall
from notices.services import calls, messages
from notices.tasks import send as send_task
from orders.models import State
from tests import make, walks

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
