"""Who sees which page of the storefront: the owner; nobody else (reliability.md 35)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Address, User
from accounts.services import addresses
from core.models import Event
from credit.models import Decision
from notices.models import Message
from notices.services import inbox
from orders.models import Order, State
from tests import make, walks

pytestmark = pytest.mark.django_db

OPEN = ["storefront:home", "storefront:devices", "storefront:sign_in"]
PERSONAL = [
    "storefront:me",
    "storefront:messages",
    "storefront:identity",
    "storefront:credit",
    "storefront:leases",
    "storefront:permissions",
    "storefront:addresses",
    "storefront:address_add",
]


@pytest.fixture(scope="module")
def renting(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Order]:
    """A running lease, walked once."""
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def order_pages(order: Order) -> list[str]:
    return [
        reverse("storefront:order", args=[order.number]),
        reverse("storefront:agreement", args=[order.number]),
        reverse("storefront:agreement_pdf", args=[order.number]),
        reverse("storefront:lease", args=[order.number]),
        reverse("storefront:bill", args=[order.number, 2]),
        reverse("storefront:bills_pay", args=[order.number]),
        reverse("storefront:autopay", args=[order.number]),
        *(reverse("storefront:payment", args=[number]) for number in _payments(order)),
    ]


def order_posts(order: Order) -> list[str]:
    named = ["agreement_code", "agreement_sign", "order_pay_rent", "order_pay_deposit", "bills_pay"]
    steps = ["confirm", "return", "hand-over", "withdraw", "cancel"]
    return [
        *(reverse(f"storefront:{name}", args=[order.number]) for name in named),
        *(reverse("storefront:order_step", args=[order.number, step]) for step in steps),
    ]


def _payments(order: Order) -> list[str]:
    return list(order.customer.payments.values_list("number", flat=True))


@pytest.mark.parametrize("name", OPEN)
def test_anybody_may_look_around(name: str) -> None:
    make.plan()
    assert Client().get(reverse(name)).status_code == 200


def test_a_visitor_sees_what_an_offer_costs_without_an_account() -> None:
    page = Client().get(reverse("storefront:device", args=[make.plan().pk])).content.decode()
    assert "5,999.00" in page


def test_the_owner_sees_every_page_of_his(renting: Order) -> None:
    client = client_of(renting.customer.user)
    with make.moment(make.AT):
        wanted = [*order_pages(renting), *(reverse(name) for name in PERSONAL)]
        assert {address: client.get(address).status_code for address in wanted} == dict.fromkeys(wanted, 200)


def test_a_stranger_finds_none_of_it_and_changes_nothing(renting: Order) -> None:
    client = client_of(make.signed_up().user)
    before, events = Order.objects.get(pk=renting.pk), Event.objects.count()
    with make.moment(make.AT):
        looked = [client.get(address).status_code for address in order_pages(renting)]
        pressed = [client.post(address, {"bill": "2"}).status_code for address in order_posts(renting)]
    assert set(looked + pressed) == {404}
    assert Order.objects.get(pk=renting.pk).state == before.state
    assert Event.objects.count() == events


def test_a_visitor_is_asked_to_sign_in_and_comes_back(renting: Order) -> None:
    for address in [*order_pages(renting), *(reverse(name) for name in PERSONAL)]:
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/?next=%2F")


def test_a_visitor_who_posts_is_asked_to_sign_in(renting: Order) -> None:
    events = Event.objects.count()
    for address in order_posts(renting):
        assert Client().post(address).headers["Location"] == "/sign-in/?next=%2F"
    assert Event.objects.count() == events


@pytest.mark.parametrize("role", ["merchant", "operator"])
def test_staff_have_no_business_in_a_customers_pages(renting: Order, role: str) -> None:
    client = client_of(make.merchant_member() if role == "merchant" else make.operator())
    for address in [*order_pages(renting), *(reverse(name) for name in PERSONAL), f"/checkout/{renting.plan_id}/"]:
        assert client.get(address).status_code == 404
    for address in order_posts(renting):
        assert client.post(address).status_code == 404


def test_a_message_is_read_by_its_own_reader_only(renting: Order) -> None:
    message = renting.customer.user.messages.filter(channel="IN_APP").latest("id")
    address = reverse("storefront:message", args=[message.pk])
    assert client_of(make.signed_up().user).post(address).status_code == 404
    assert Message.objects.get(pk=message.pk).read_at is None
    with make.moment(make.AT):
        assert client_of(renting.customer.user).post(address).status_code == 303
    assert Message.objects.get(pk=message.pk).read_at is not None


def test_an_address_is_removed_by_its_own_customer_only(renting: Order) -> None:
    address = reverse("storefront:address_remove", args=[renting.address_id])
    with make.moment(make.AT):
        assert client_of(make.signed_up().user).post(address).status_code == 404
        assert Address.objects.get(pk=renting.address_id).removed_at is None
        assert client_of(renting.customer.user).post(address).status_code == 303
        assert client_of(renting.customer.user).post(address).status_code == 404
    assert Address.objects.get(pk=renting.address_id).removed_at == make.AT
    assert addresses.latest(renting.customer) is None
    assert Order.objects.get(pk=renting.pk).address == renting.address


def test_only_ones_own_messages_are_marked_as_read(renting: Order) -> None:
    theirs = renting.customer.user
    assert inbox.unread(theirs) > 0
    with make.moment(make.AT):
        client_of(make.signed_up().user).post(reverse("storefront:messages_read"))
        assert inbox.unread(theirs) > 0
        client_of(theirs).post(reverse("storefront:messages_read"))
    assert inbox.unread(theirs) == 0


def test_another_customers_authorisation_is_not_taken() -> None:
    mine, theirs = make.verified(), make.verified()
    with make.moment(make.AT):
        sent = client_of(theirs.user).post(reverse("storefront:credit_authorise"))
        state = sent.headers["Location"].split("state=")[1]
        client_of(mine.user).get(f"{reverse('storefront:credit_callback')}?auth_code=abc&state={state}")
    assert not mine.reports.exists()
    assert not Decision.objects.filter(customer=mine).exists()


def test_steps_are_posts_that_carry_a_token(renting: Order) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(renting.customer.user)
    for address in order_posts(renting):
        assert client.post(address).status_code == 403


@pytest.mark.parametrize("name", ["sign_out", "credit_authorise", "messages_read"])
def test_what_acts_takes_no_get(name: str) -> None:
    assert client_of(make.signed_up().user).get(reverse(f"storefront:{name}")).status_code == 405
