"""Orders in the admin: the buttons are those of the one table, and each runs the same service as the desk."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.services import events
from orders import actions
from orders.models import Order, State
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_work")]


@pytest.fixture
def at_work() -> Any:
    with time_machine.travel(make.AT, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.operator())
    return signed_in


def act(order: Order, name: str) -> str:
    return reverse("admin:orders_order_act", args=[order.pk, name])


def page(client: Client, order: Order) -> str:
    return client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


@pytest.mark.parametrize("state", [State.PLACED, State.PAID, State.SHIPPED, State.ACTIVE])
def test_the_buttons_are_those_of_the_table(client: Client, state: State) -> None:
    order = make.order(state)
    drawn = set(re.findall(rf'href="/admin/orders/order/{order.pk}/act/([a-z-]+)/"', page(client, order)))
    assert drawn == {each.name for each in actions.offered(actions.OPERATOR, order, make.AT)}


def test_a_step_asks_first_and_is_taken_by_a_post(client: Client) -> None:
    order = make.order(State.PLACED)
    asked = client.get(act(order, "refuse"))
    assert asked.status_code == 200
    assert 'name="reason"' in asked.content.decode()
    assert Order.objects.get(pk=order.pk).state == State.PLACED
    assert client.post(act(order, "refuse"), {"reason": "资料不符"}).status_code == 302
    refused = Order.objects.get(pk=order.pk)
    assert (refused.state, refused.reason) == (State.REFUSED, "资料不符")
    last = events.of(order).filter(kind="transition").last()
    assert last is not None
    assert last.actor == f"operator:{make.operator().pk}"


def test_a_form_left_empty_is_told_and_takes_nothing(client: Client) -> None:
    order = make.order(State.PLACED)
    answer = client.post(act(order, "cancel"), {"reason": ""})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Order.objects.get(pk=order.pk).state == State.PLACED


@pytest.mark.parametrize("name", ["approve", "refuse", "cancel"])
def test_a_step_that_is_closed_now_is_told_and_not_taken(client: Client, name: str) -> None:
    order = make.order(State.ACTIVE)
    answer = client.post(act(order, name), {"reason": "x"}, follow=True)
    assert [str(message) for message in answer.context["messages"]]
    assert Order.objects.get(pk=order.pk).state == State.ACTIVE


@pytest.mark.parametrize("name", ["ship", "pay", "complete", "settle"])
def test_steps_of_other_faces_are_not_run_here(client: Client, name: str) -> None:
    assert client.post(act(make.order(State.PAID), name)).status_code == 404


def staff(*rights: str, kind: str = "OPERATOR") -> Client:
    clerk = User.objects.create_user("clerk", "x", is_staff=True, kind=kind)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(clerk)
    return client


def test_who_may_only_look_finds_no_button_and_takes_no_step() -> None:
    order, client = make.order(State.PLACED), staff("view_order")
    assert "/act/" not in page(client, order)
    assert client.get(act(order, "approve")).status_code == 403
    assert client.post(act(order, "approve")).status_code == 403
    assert Order.objects.get(pk=order.pk).state == State.PLACED


def test_a_merchants_person_with_every_right_takes_no_operators_step() -> None:
    order, client = make.order(State.PLACED), staff("view_order", "change_order", kind="MERCHANT")
    assert client.post(act(order, "approve")).status_code == 403
    assert Order.objects.get(pk=order.pk).state == State.PLACED


def test_the_right_to_change_orders_opens_the_steps_and_no_field() -> None:
    order, client = make.order(State.PLACED), staff("view_order", "change_order")
    assert "/act/approve/" in page(client, order)
    change = reverse("admin:orders_order_change", args=[order.pk])
    assert client.post(change, {"state": "PAID"}).status_code == 403
    assert client.post(act(order, "approve")).status_code == 302
    assert Order.objects.get(pk=order.pk).state == State.APPROVED


def test_a_customer_and_a_stranger_are_led_to_the_sign_in() -> None:
    order = make.order(State.PLACED)
    customer = Client()
    customer.force_login(order.customer.user)
    for client in (customer, Client()):
        answer = client.post(act(order, "approve"))
        assert (answer.status_code, "login" in answer["Location"]) == (302, True)
    assert Order.objects.get(pk=order.pk).state == State.PLACED
