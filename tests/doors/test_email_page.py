"""My e-mail address: proved by a code in this browser, taken back here or among the permissions, nobody else's."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from accounts.services import consents, emails
from notices.models import Message
from notices.services import sending
from sandbox.services import mails
from tests import make

pytestmark = pytest.mark.django_db
ADDRESS = "wang.fang@example.com"
AT = make.AT


@pytest.fixture(autouse=True)
def _a_moment() -> Iterator[None]:
    """Sessions and codes of one day."""
    with make.moment(AT):
        yield


@pytest.fixture
def customer() -> Customer:
    return make.customer()


@pytest.fixture
def client(customer: Customer) -> Client:
    made = Client()
    made.force_login(customer.user)
    return made


def code() -> str:
    queued = Message.objects.filter(channel="EMAIL", template="code", state="QUEUED").latest("pk")
    sending.send(queued.pk, AT)
    [found] = re.findall(r"\d{6}", mails.latest(ADDRESS).text)
    return str(found)


def prove(client: Client) -> None:
    client.post(reverse("storefront:email"), {"email": f" {ADDRESS.upper()} "})
    client.post(reverse("storefront:email_code"), {"code": code()})


def test_an_address_is_proved_in_two_steps(client: Client, customer: Customer) -> None:
    assert client.post(reverse("storefront:email"), {"email": "nobody"}).status_code == 422
    asked = client.post(reverse("storefront:email"), {"email": ADDRESS})
    assert (asked.status_code, asked["Location"]) == (303, reverse("storefront:email_code"))
    again = client.post(reverse("storefront:email"), {"email": ADDRESS})
    assert again["Location"] == reverse("storefront:email_code")  # the code of moments ago is as good
    sent = code()
    wrong = client.post(reverse("storefront:email_code"), {"code": f"{(int(sent) + 1) % 10**6:06d}"})
    assert (wrong.status_code, emails_of(customer)) == (422, None)
    assert client.post(reverse("storefront:email_code"), {"code": sent})["Location"] == reverse("storefront:email")
    shown = client.get(reverse("storefront:email")).content.decode()
    assert "w***@example.com" in shown
    assert ADDRESS not in shown
    assert client.get(reverse("storefront:email_code")).status_code == 303  # nothing is asked for any more


@pytest.mark.parametrize("where", ["email", "permissions"])
def test_it_is_taken_back_with_its_consent(client: Client, customer: Customer, where: str) -> None:
    prove(client)
    assert consents.stands(customer, emails.CONSENT)
    if where == "email":
        client.post(reverse("storefront:email_remove"))
    else:
        assert "w***@example.com" not in client.get(reverse("storefront:permissions")).content.decode()
        client.post(reverse("storefront:permissions"), {"purpose": emails.CONSENT})
    assert (emails_of(customer), consents.stands(customer, emails.CONSENT)) == (None, False)


def test_another_browser_cannot_finish_what_this_one_began(client: Client, customer: Customer) -> None:
    client.post(reverse("storefront:email"), {"email": ADDRESS})
    sent, other = code(), Client()
    other.force_login(make.customer().user)
    assert other.post(reverse("storefront:email_code"), {"code": sent})["Location"] == reverse("storefront:email")
    assert emails_of(customer) is None


@pytest.mark.parametrize("name", ["email", "email_code", "email_remove"])
def test_only_a_customer_comes_in(name: str) -> None:
    assert Client().post(reverse(f"storefront:{name}")).status_code == 302
    operator = Client()
    operator.force_login(make.operator())
    assert operator.post(reverse(f"storefront:{name}")).status_code in {302, 403, 404}


def emails_of(customer: Customer) -> object:
    return User.objects.get(pk=customer.user_id).email
