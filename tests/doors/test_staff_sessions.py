"""Staff who leave their desk are signed out after half an hour, whichever door they came through."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import staff
from accounts.models import User
from rental.demo import cast
from tests import make

pytestmark = pytest.mark.django_db

HALF_AN_HOUR = timedelta(minutes=30)
DOORS = ["desk:sign_in", "admin:login"]


def signed_in(door: str) -> Client:
    client = Client()
    typed = {"username": "operator", "password": cast.PASSWORD}
    assert client.post(reverse(door), typed).status_code == 302
    make.gave_second_factor(client)
    return client


def may_enter(client: Client) -> bool:
    return client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_half_an_hour_without_a_click_signs_staff_out(door: str) -> None:
    make.operator()
    with make.moment(make.AT):
        client = signed_in(door)
    with make.moment(make.AT + HALF_AN_HOUR):
        assert not may_enter(client)


@pytest.mark.parametrize("door", DOORS)
def test_a_click_begins_the_half_hour_again(door: str) -> None:
    make.operator()
    with make.moment(make.AT):
        client = signed_in(door)
    for clicks in range(1, 4):
        with make.moment(make.AT + clicks * timedelta(minutes=20)):
            assert may_enter(client)


def test_staff_in_the_storefront_are_still_staff() -> None:
    client = Client()
    client.force_login(make.operator())
    client.get("/my/")
    assert client.session.get_expiry_age() <= staff.IDLE.total_seconds()


def test_a_customer_stays_signed_in() -> None:
    client = Client()
    client.force_login(make.signed_up().user)
    with make.moment(make.AT):
        client.get("/my/")
    with make.moment(make.AT + timedelta(days=1)):
        assert client.get("/my/").status_code == 200
    assert "seen_at" not in client.session


def test_a_customer_let_into_the_admin_counts_as_staff() -> None:
    client = Client()
    client.force_login(User.objects.create_user("both", is_staff=True))
    client.get(reverse("admin:index"))
    assert client.session.get_expiry_age() <= staff.IDLE.total_seconds()


def test_a_file_that_is_the_same_for_everybody_asks_nothing_of_the_session() -> None:
    client = Client()
    client.force_login(make.operator())
    assert "Cookie" not in client.get(reverse("storefront:stylesheet", args=["0"])).headers["Vary"]
