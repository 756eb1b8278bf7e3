"""My e-mail address: proved by a code in this browser, taken back here or among the permissions, nobody else's."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer, OneTimeCode, User
from accounts.services import codes, consents, emails, sign_in
from core.models import OutboxMessage
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
    return mailed()


def mailed() -> str:
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


def test_a_proved_address_signs_its_customer_in(client: Client, customer: Customer) -> None:
    prove(client)
    visitor = Client()
    asked = visitor.post(reverse("storefront:sign_in_mail") + "?next=/my/balance/", {"email": ADDRESS})
    assert asked["Location"].startswith(reverse("storefront:sign_in_mail_code"))
    make.drain(AT)  # a worker finds out whose address it is
    sent = mailed()
    assert visitor.post(asked["Location"], {"code": f"{(int(sent) + 1) % 10**6:06d}"}).status_code == 422
    assert Client().post(asked["Location"], {"code": sent}).status_code == 303  # another browser begins anew
    entered = visitor.post(asked["Location"], {"code": sent})
    assert entered["Location"] == "/my/balance/"
    assert visitor.session["_auth_user_id"] == str(customer.user_id)


def test_nobody_learns_whether_an_address_has_an_account(client: Client) -> None:
    """The same answers for a known and an unknown address, and nothing is mailed to the unknown one."""
    prove(client)

    def answers(address: str) -> list[tuple[int, str]]:
        visitor, other = Client(), Client()
        made = [each.post(reverse("storefront:sign_in_mail"), {"email": address}) for each in (visitor, other)]
        made.append(visitor.post(reverse("storefront:sign_in_mail_code"), {"code": "none"}))
        return [(each.status_code, each.get("Location", "")) for each in made]

    assert answers(ADDRESS) == answers("unknown@example.com")
    make.drain(AT)
    assert not Message.objects.filter(channel="EMAIL", user=None).exists()


def test_a_clerks_address_signs_nobody_in() -> None:
    clerk = make.operator()
    clerk.email = ADDRESS
    clerk.save()
    assert Client().post(reverse("storefront:sign_in_mail"), {"email": ADDRESS}).status_code == 303
    make.drain(AT)
    assert not Message.objects.filter(channel="EMAIL").exists()


def test_no_time_tells_whether_an_address_has_an_account_for_the_work_is_the_same(client: Client) -> None:
    """The very same statements, and none that looks for a user; a worker does the rest."""
    prove(client)

    def work(address: str) -> list[str]:
        visitor = Client()
        visitor.get(reverse("storefront:sign_in_mail"))
        with CaptureQueriesContext(connection) as seen:
            visitor.post(reverse("storefront:sign_in_mail"), {"email": address})
        return [re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in seen.captured_queries]

    known, unknown = work(ADDRESS), work("unknown@example.com")
    assert known == unknown
    assert not [sql for sql in known if "accounts_user" in sql or "notices_message" in sql]
    assert OutboxMessage.objects.filter(topic=sign_in.ASKED).count() == 2


def test_a_code_is_sent_once_and_not_when_it_is_over(client: Client) -> None:
    prove(client)
    sign_in.request_by_mail(ADDRESS, AT)
    asked = OneTimeCode.objects.latest("pk")
    with pytest.raises(codes.CodeWrong):  # it has no secret yet
        sign_in.by_mail_code(ADDRESS, "", ticket=asked.ticket, at=AT)
    assert not sign_in.send_asked(asked.pk, AT + codes.LIVES)
    assert sign_in.send_asked(asked.pk, AT)
    assert not sign_in.send_asked(asked.pk, AT)
    assert Message.objects.filter(step=f"code:{asked.pk}").count() == 1
