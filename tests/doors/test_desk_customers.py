"""Customers at the desk: found by whole numbers only, masked, and every look is on record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db

SOON = make.AT + timedelta(minutes=30)


@pytest.fixture(scope="module")
def order(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Order]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE)


@pytest.fixture
def desk() -> Iterator[Client]:
    with make.moment(SOON):
        client = Client()
        client.force_login(make.operator())
        yield client


def page(order: Order) -> str:
    return reverse("desk:customer", args=[order.customer.number])


def plain(order: Order, fact: str) -> str:
    owner = order.customer.user if fact in {"phone", "email"} else order.customer.verifications.get()
    text: str = getattr(owner, fact).open(by="test", purpose="test", at=SOON)
    return text


def test_whole_numbers_find_their_owner(desk: Client, order: Order) -> None:
    phone, card = plain(order, "phone"), plain(order, "id_number")
    for wanted in (
        order.number, order.number.lower(), order.customer.number, f" {phone} ", f"+86 {phone}", card, card.lower(),
    ):  # fmt: skip
        answer = desk.post(reverse("desk:customers"), {"q": wanted})
        assert (answer.status_code, answer["Location"]) == (303, page(order)), wanted


def test_parts_of_numbers_and_nonsense_find_nobody(desk: Client, order: Order) -> None:
    phone, card = plain(order, "phone"), plain(order, "id_number")
    for wanted in (phone[:10], phone[1:], card[:17], make.NAME, "", "%", "\0", "C", "x" * 500):
        answer = desk.post(reverse("desk:customers"), {"q": wanted})
        assert (answer.status_code, answer["Location"]) == (303, reverse("desk:customers")), wanted


def test_one_page_tells_everything_of_a_customer_and_masks_it(desk: Client, order: Order) -> None:
    answer = desk.get(page(order))
    text, shown = answer.content.decode(), answer.context["shown"]
    assert [row.order for row in shown.rented] == [order]
    assert [len(shown.judged), len(shown.payments), len(shown.consents), len(shown.addresses)] == [1, 1, 2, 1]
    assert shown.quota.account.held == order.lease.deposit.waived
    assert [hold.order_number for hold in shown.quota.holds] == [order.number]
    assert shown.told
    for personal in (make.NAME, plain(order, "phone"), plain(order, "id_number"), "13900000000", "科苑路 15 号"):
        assert personal not in text
    assert order.customer.user.phone is not None
    assert order.customer.user.phone.masked in text


def test_the_look_is_on_record_with_the_one_who_looked(desk: Client, order: Order) -> None:
    desk.get(page(order))
    look = Event.objects.get(kind="customer_read")
    assert (look.subject_id, look.actor) == (order.customer_id, f"operator:{make.operator().pk}")
    assert "customer_read" not in {row.kind for row in Event.objects.filter(actor="platform")}


@pytest.mark.parametrize("fact", ["phone", "email", "name", "id_number"])
def test_a_sealed_fact_is_shown_once_for_a_reason(desk: Client, order: Order, fact: str) -> None:
    order.customer.user.email = "wang.fang@example.com"
    order.customer.user.save()
    wish = {"fact": fact, "reason": "the carrier asks for it"}
    answer = desk.post(reverse("desk:reveal", args=[order.customer.number]), wish)
    assert answer.context["revealed"] == plain(order, fact)
    assert "no-store" in answer["Cache-Control"]
    note = Event.objects.get(kind="revealed")
    assert (note.subject_id, note.actor) == (order.customer_id, f"operator:{make.operator().pk}")
    assert note.facts == {"fact": fact, "purpose": "the carrier asks for it"}
    assert Event.objects.filter(kind="unsealed", actor=note.actor, facts__purpose="the carrier asks for it").exists()
    assert "revealed" not in desk.get(page(order)).context


@pytest.mark.parametrize(
    "wish", [{"fact": "phone"}, {"fact": "phone", "reason": "abc"}, {"fact": "password", "reason": "curious"}, {}]
)
def test_without_a_reason_nothing_is_shown(desk: Client, order: Order, wish: dict[str, str]) -> None:
    answer = desk.post(reverse("desk:reveal", args=[order.customer.number]), wish)
    assert answer.status_code == 422
    assert "revealed" not in answer.context
    assert not Event.objects.filter(kind="revealed").exists()


def test_what_was_never_given_cannot_be_shown(desk: Client) -> None:
    stranger = make.signed_up()
    wish = {"fact": "id_number", "reason": "to compare"}
    answer = desk.post(reverse("desk:reveal", args=[stranger.number]), wish)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["fact"]
    assert desk.get(reverse("desk:customer", args=[stranger.number])).status_code == 200
    assert desk.get(reverse("desk:customer", args=["C0"])).status_code == 404
    assert desk.get(reverse("desk:reveal", args=[stranger.number])).status_code == 405
