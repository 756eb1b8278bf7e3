"""The admin: what only services write can be looked at, and nothing more."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event, Holiday, JobRun
from orders.models import Order, State
from tests import make

pytestmark = pytest.mark.django_db

READ_ONLY = [
    "orders_order", "orders_checkout", "contracts_agreement", "core_event", "core_outboxmessage", "core_inboxnotice",
    "core_jobrun",
]  # fmt: skip


@pytest.fixture
def order() -> Order:
    return make.order(State.SHIPPED)


@pytest.fixture
def client() -> Client:
    """Someone with every right that the admin knows."""
    signed_in = Client()
    signed_in.force_login(make.operator())
    return signed_in


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_list_opens_and_offers_no_adding(order: Order, client: Client, name: str) -> None:
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:{name}_add")).status_code == 403


def rows(order: Order) -> dict[str, int]:
    assert order.agreement_id is not None
    event = Event.objects.filter(subject_id=order.pk).first()
    assert event is not None
    return {
        "orders_order": order.pk,
        "orders_checkout": order.checkout_id,
        "contracts_agreement": order.agreement_id,
        "core_event": event.pk,
        "core_jobrun": JobRun.objects.create(job="x", day=make.AT.date()).pk,
    }


def test_every_row_opens_and_none_can_be_changed_or_deleted(order: Order, client: Client) -> None:
    for name, pk in rows(order).items():
        address = reverse(f"admin:{name}_change", args=[pk])
        assert client.get(address).status_code == 200, name
        assert client.post(address, {"state": "COMPLETED", "kind": "x"}).status_code == 403, name
        assert client.post(reverse(f"admin:{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403, name
    assert Order.objects.get(pk=order.pk).state == State.SHIPPED


def test_the_admin_shows_no_sealed_fact(order: Order, client: Client) -> None:
    for name, pk in rows(order).items():
        page = client.get(reverse(f"admin:{name}_change", args=[pk])).content.decode()
        assert make.NAME not in page, name
        assert "科苑路 15 号" not in page, name


def test_an_order_in_the_admin_leads_to_the_desk_and_back(order: Order, client: Client) -> None:
    desk, admin = reverse("desk:order", args=[order.number]), reverse("admin:orders_order_change", args=[order.pk])
    assert f'href="{desk}"' in client.get(admin).content.decode()
    assert f'href="{admin}"' in client.get(desk).content.decode()


def test_holidays_are_entered_here(client: Client) -> None:
    answer = client.post(reverse("admin:core_holiday_add"), {"day": "2026-10-01", "name": "国庆节"})
    assert answer.status_code == 302
    assert not Holiday.objects.get(day="2026-10-01").working


@pytest.mark.parametrize("who", ["customer", "merchant", "nobody"])
def test_others_find_no_admin(order: Order, who: str) -> None:
    client = Client()
    if who != "nobody":
        client.force_login(order.customer.user if who == "customer" else make.merchant_member())
    for name in READ_ONLY:
        answer = client.get(reverse(f"admin:{name}_changelist"))
        assert answer.status_code == 302
        assert "login" in answer["Location"]
