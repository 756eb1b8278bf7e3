"""A password alone opens no door of the staff: every path of desk, portal and admin asks for the second factor."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import SecondFactor, User
from accounts.services import second_factor
from core import clock
from rental import checks
from rental.demo import cast
from tests import make
from tests.pages import registry
from tests.services.test_second_factor import code

pytestmark = pytest.mark.django_db(transaction=True)
SIGN_IN = {"desk:sign_in": "operator", "admin:login": "operator", "portal:sign_in": "shiguang"}
HOME = {"desk:sign_in": "/desk/", "admin:login": "/admin/", "portal:sign_in": "/portal/"}
each_door = pytest.mark.parametrize("door", SIGN_IN)


@pytest.fixture
def demanded(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture(autouse=True)
def _people() -> None:
    make.operator()
    make.merchant_member()


def signed_in(door: str) -> Client:
    client = Client()
    typed = {"username": SIGN_IN[door], "password": cast.PASSWORD}
    assert client.post(reverse(door), typed).status_code == 302
    return client


def connect(door: str) -> str:
    """The secret of an app that is connected."""
    user, at = User.objects.get(login=SIGN_IN[door]), clock.machine() - timedelta(minutes=5)
    secret = second_factor.begin(user, at)
    second_factor.confirm(user, code(secret, at), at)
    return secret


@each_door
def test_where_it_is_demanded_a_password_leads_to_connecting_an_app(demanded: None, door: str) -> None:
    client = signed_in(door)
    answer = client.get(HOME[door])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/second-factor/connect/?next=")
    page = client.get(answer["Location"]).content.decode()
    shown = re.search(r'<b class="hash">([A-Z2-7 ]+)</b>', page)
    assert shown is not None
    secret = shown[1].replace(" ", "")
    done = client.post("/second-factor/connect/", {"code": code(secret, clock.machine()), "next": HOME[door]})
    assert done.content.decode().count("<code>") == second_factor.RECOVERY_CODES
    assert client.get(HOME[door]).status_code == 200
    assert "<code>" not in client.get("/second-factor/connect/").content.decode()  # shown once


@each_door
@pytest.mark.parametrize("required", [True, False])
def test_a_connected_app_is_asked_for_whether_it_is_demanded_or_not(
    settings: Settings, door: str, required: bool
) -> None:
    settings.SECOND_FACTOR_REQUIRED = required
    secret, client = connect(door), signed_in(door)
    assert client.get(HOME[door])["Location"].startswith("/second-factor/?next=")
    assert client.post("/second-factor/", {"code": "nonsense"}).status_code == 422
    assert client.get(HOME[door]).status_code == 302
    before = client.session.session_key
    answer = client.post("/second-factor/", {"code": code(secret, clock.machine()), "next": HOME[door]})
    assert answer["Location"] == HOME[door]
    assert client.session.session_key != before
    assert client.get(HOME[door]).status_code == 200
    assert signed_in(door).get(HOME[door]).status_code == 302  # another browser gives its own


@each_door
def test_where_it_is_only_offered_a_password_is_enough(door: str) -> None:
    client = signed_in(door)
    assert client.get(HOME[door]).status_code == 200
    assert client.get("/second-factor/connect/").status_code == 200
    assert client.get(HOME[door]).status_code == 200


def test_every_route_of_every_staff_door_asks_first(demanded: None) -> None:
    """Found by the routes themselves, so that a new page cannot be forgotten; POST as well, and nothing is done."""
    doors = {"portal": "portal:sign_in", "desk": "desk:sign_in"}
    clients = {face: signed_in(door) for face, door in doors.items()}
    given = {"number": "X1", "pk": 1, "role": "owner", "name": "ship", "channel": "alipay", "day": "2026-01-01"}
    seen = 0
    for route in registry.routes():
        if registry.face(route) not in doors or route.endswith((":sign_in", ":sign_out")):
            continue
        address = reverse(route, kwargs={name: given.get(name, "x1") for name in registry.parameters(route)})
        for answer in (clients[registry.face(route)].get(address), clients[registry.face(route)].post(address)):
            assert answer.status_code == 302, route
            assert answer["Location"].startswith("/second-factor/connect/"), route
        seen += 1
    assert seen > 40


def test_the_admin_asks_first_on_pages_that_it_makes_itself(demanded: None) -> None:
    client = signed_in("admin:login")
    for address in ("/admin/", "/admin/accounts/user/", "/admin/accounts/user/1/change/", "/admin/password_change/"):
        assert client.get(address)["Location"].startswith("/second-factor/connect/"), address


def test_customers_and_visitors_find_no_such_page() -> None:
    client = Client()
    assert client.get("/second-factor/").status_code == 404
    client.force_login(make.signed_up().user)
    assert client.get("/second-factor/connect/").status_code == 404
    assert not SecondFactor.objects.exists()


def test_customers_are_asked_for_no_second_factor(demanded: None) -> None:
    client = Client()
    client.force_login(make.signed_up().user)
    assert client.get("/my/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_on_stays_here(elsewhere: str) -> None:
    secret, client = connect("desk:sign_in"), signed_in("desk:sign_in")
    answer = client.post("/second-factor/", {"code": code(secret, clock.machine()), "next": elsewhere})
    assert answer["Location"] == "/desk/"


def test_the_deploy_check_refuses_a_platform_without_it(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert [error.id for error in checks.staff_need_a_second_factor(None)] == ["rental.E004"]
    settings.SECOND_FACTOR_REQUIRED = True
    assert checks.staff_need_a_second_factor(None) == []
