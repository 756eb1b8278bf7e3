"""Who sees what in the portal: a merchant his own rows, nobody else anything (reliability.md 35)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Event
from orders.models import Order, State
from orders.services import cancellations
from rental.demo import cast
from tests import make

pytestmark = pytest.mark.django_db

PAGES = ["portal:board", "portal:orders", "portal:units", "portal:unit_add", "portal:agreements"]


@pytest.fixture
def mine() -> Order:
    """A paid order of the merchant "shiguang"."""
    return make.order(State.PAID)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(order: Order) -> list[str]:
    assert order.agreement is not None
    return [
        *(reverse(name) for name in PAGES),
        reverse("portal:order", args=[order.number]),
        reverse("portal:act", args=[order.number, "ship"]),
        reverse("portal:agreement_pdf", args=[order.agreement.number]),
    ]


def test_a_member_sees_every_page_of_his_merchant(mine: Order) -> None:
    client = client_of(make.merchant_member("shiguang"))
    with make.moment(make.AT):
        assert [client.get(address).status_code for address in addresses(mine)] == [200] * 8


def test_another_merchants_member_finds_nothing_of_it(mine: Order) -> None:
    client = client_of(make.merchant_member("qinghe"))
    before = Event.objects.count()
    found = [client.get(address).status_code for address in addresses(mine)[len(PAGES) :]]
    posted = client.post(reverse("portal:act", args=[mine.number, "ship"]), {"code": "X", "carrier": "sf"})
    opened = client.post(reverse("portal:address", args=[mine.number]))
    assert [*found, posted.status_code, opened.status_code] == [404] * 5
    assert Event.objects.count() == before
    for name in ("portal:board", "portal:orders", "portal:units", "portal:agreements"):
        page = client.get(reverse(name)).content.decode()
        assert mine.number not in page
        assert "SN" not in page or name != "portal:units"


@pytest.mark.parametrize("who", [lambda order: order.customer.user, lambda order: make.operator()])
def test_customers_and_operators_find_no_portal(mine: Order, who: Callable[[Order], User]) -> None:
    client = client_of(who(mine))
    assert {client.get(address).status_code for address in addresses(mine)} == {404}
    assert client.post(reverse("portal:address", args=[mine.number])).status_code == 404


def test_anonymous_visitors_sign_in_first_and_come_back(mine: Order) -> None:
    for address in addresses(mine):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(f"{reverse('portal:sign_in')}?next=%2Fportal%2F")
    posted = Client().post(reverse("portal:address", args=[mine.number]))
    assert posted["Location"] == f"{reverse('portal:sign_in')}?next=%2Fportal%2F"


def test_a_member_signs_in_by_password_and_lands_where_he_wanted() -> None:
    make.merchant_member("shiguang")
    client, address = Client(), reverse("portal:sign_in")
    answer = client.post(address, {"username": "shiguang", "password": cast.PASSWORD, "next": "/portal/units/"})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/units/")
    make.gave_second_factor(client)
    assert client.get("/portal/units/").status_code == 200
    assert client.session.get_expiry_age() <= 30 * 60
    assert client.post(reverse("portal:sign_out")).status_code == 302
    assert client.get("/portal/units/").status_code == 302


def test_the_sign_in_leads_to_no_other_site() -> None:
    make.merchant_member("shiguang")
    facts = {"username": "shiguang", "password": cast.PASSWORD, "next": "https://evil.example/"}
    assert Client().post(reverse("portal:sign_in"), facts)["Location"] == "/portal/"


def test_an_operator_hears_at_the_portal_what_a_wrong_password_hears() -> None:
    make.operator()
    make.merchant_member("shiguang")
    address = reverse("portal:sign_in")
    other = Client().post(address, {"username": "operator", "password": cast.PASSWORD})
    wrong = Client().post(address, {"username": "shiguang", "password": "wrong-password"})
    assert other.status_code == wrong.status_code == 200
    heard = [list(answer.context["form"].non_field_errors()) for answer in (other, wrong)]
    assert heard[0] == heard[1]
    assert len(heard[0]) == 1


def test_guessing_passwords_ends_after_eight_attempts() -> None:
    make.merchant_member("shiguang")
    client, address = Client(), reverse("portal:sign_in")
    answers = [client.post(address, {"username": "shiguang", "password": f"guess-{n}"}).status_code for n in range(9)]
    assert answers[:7] == [200] * 7
    assert answers[8] == 429
    right = client.post(address, {"username": "shiguang", "password": cast.PASSWORD})
    assert right.status_code == 429
    assert "half an hour" in right.content.decode() or "半小时" in right.content.decode()


def test_a_member_who_lost_his_merchant_finds_nothing() -> None:
    user = User.objects.create_user("left", cast.PASSWORD, kind=User.Kind.MERCHANT)
    assert client_of(user).get(reverse("portal:board")).status_code == 404


def test_a_cancelled_order_keeps_its_address_closed(mine: Order) -> None:
    cancellations.cancel(mine.pk, "merchant:1", "sold out", make.AT)
    client = client_of(make.merchant_member("shiguang"))
    assert client.post(reverse("portal:address", args=[mine.number])).status_code == 404
