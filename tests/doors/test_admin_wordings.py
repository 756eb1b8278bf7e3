"""The reminder calendar and the words of messages in the admin: read on an example before they are in force."""

import pytest
from django.test import Client
from django.urls import reverse

from notices.models import ReminderStep, Wording
from tests import make

pytestmark = pytest.mark.django_db
ADD = "admin:notices_wording_add"
TYPED = {"event": "bill_due", "channel": "IN_APP", "language": "en", "text": "¥${amount} is due today."}


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


def said(client: Client, **typed: str) -> str:
    answer = client.post(reverse(ADD), {**TYPED, **typed})
    assert answer.status_code == 200
    return str(answer.context["adminform"].form.errors.as_text())


def test_words_are_read_first_and_then_put_in_force(operator: Client) -> None:
    assert "¥541.83 is due today." in said(operator)
    assert "${amount}, ${last_free_day}, ${lease}, ${number}" in said(operator, text="${code} ${amount}", is_read="on")
    assert "provider_template" in said(operator, channel="SMS", is_read="on")
    assert "¥541.83: ¥541.83 is due today." in said(operator, channel="EMAIL", subject="¥${amount}")
    assert operator.post(reverse(ADD), {**TYPED, "is_read": "on"}).status_code == 302
    row = Wording.objects.get(set_by=f"operator:{make.operator().pk}")
    assert (row.event, row.text) == ("bill_due", TYPED["text"])
    page = operator.get(reverse("admin:notices_wording_change", args=[row.pk]))
    assert "¥541.83 is due today." in page.content.decode()
    assert operator.post(reverse("admin:notices_wording_delete", args=[row.pk])).status_code == 403


def test_the_calendar_is_edited_and_shows_how_a_day_reads(operator: Client) -> None:
    page = operator.get(reverse("admin:notices_reminderstep_changelist")).content.decode()
    assert "¥541.83" in page
    add, bill = reverse("admin:notices_reminderstep_add"), {"occasion": "BILL", "reach": "SMS"}
    assert operator.post(add, {**bill, "days": "-5"}).status_code == 302
    assert operator.post(add, {**bill, "occasion": "LEASE_END", "days": "-14"}).status_code == 302
    assert operator.post(add, {**bill, "occasion": "LEASE_END", "days": "14"}).status_code == 200  # it is over by then
    assert operator.get(reverse("admin:notices_reminderstep_add")).status_code == 200
    step = ReminderStep.objects.get(occasion="BILL", days=7)
    change = reverse("admin:notices_reminderstep_change", args=[step.pk])
    assert operator.post(change, {**bill, "days": "31"}).status_code == 200
    assert operator.post(change, {**bill, "days": "10", "reach": "IN_APP"}).status_code == 302
    step.refresh_from_db()
    assert (step.days, step.reach, step.is_on) == (10, "IN_APP", False)


def test_a_wording_is_read_while_it_is_typed_and_nothing_is_saved(operator: Client) -> None:
    address, before = reverse("admin:notices_wording_preview"), Wording.objects.count()

    def typed(**change: str) -> str:
        return operator.post(address, {**TYPED, **change}).content.decode()

    assert "¥541.83 is due today." in typed()
    mail = typed(channel="EMAIL", text="Rent ${amount} is due on ${due}. Thank you.")
    assert "<b>Rent 541.83 is due on 5 Dec</b>" in mail
    assert "2026-12-05" in typed(channel="SMS", text="¥${amount}, ${due}")  # a provider fills in what we send
    assert "xz-refused" in typed(text="Pay ${amount} or we tell the police")
    assert "&lt;b&gt;" in typed(text="<b>${amount}")
    assert {typed(event="nothing"), typed(text=" "), typed(channel="?"), typed(language="?")} == {""}
    assert Wording.objects.count() == before
    assert operator.get(address).status_code == 403
    stranger = Client()
    stranger.force_login(make.customer().user)
    assert "541.83" not in stranger.post(address, TYPED, follow=True).content.decode()
    assert 'data-preview="' in operator.get(reverse(ADD)).content.decode()


def test_strangers_do_not_reach_it() -> None:
    client = Client()
    assert client.post(reverse(ADD), {**TYPED, "is_read": "on"}).status_code == 302
    client.force_login(make.customer().user)
    client.post(reverse(ADD), {**TYPED, "is_read": "on"})
    assert not Wording.objects.filter(text=TYPED["text"]).exists()
