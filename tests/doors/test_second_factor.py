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
from tests import evidence, make
from tests.pages import registry
from tests.services.test_second_factor import code

pytestmark = pytest.mark.django_db(transaction=True)
SIGN_IN = {"desk:sign_in": "operator", "admin:login": "operator", "portal:sign_in": "shiguang"}
HOME = {"desk:sign_in": "/desk/", "admin:login": "/admin/", "portal:sign_in": "/portal/"}
each_door = pytest.mark.parametrize("door", SIGN_IN)


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
    secret = second_factor.begin(user, at).secret
    second_factor.confirm(user, code(secret, at), at)
    return secret


@each_door
def test_a_password_leads_to_connecting_an_app(door: str) -> None:
    client = signed_in(door)
    answer = client.get(HOME[door])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/second-factor/connect/?next=")
    page = client.get(answer["Location"]).content.decode()
    shown = re.search(r"data-secret>([A-Z2-7 ]+)</b>", page)
    assert shown is not None
    secret = shown[1].replace(" ", "")
    done = client.post("/second-factor/connect/", {"code": code(secret, clock.machine()), "next": HOME[door]})
    assert done.content.decode().count("<code>") == second_factor.RECOVERY_CODES
    assert client.get(HOME[door]).status_code == 200
    assert "<code>" not in client.get("/second-factor/connect/").content.decode()  # shown once


@each_door
def test_a_connected_app_is_asked_for(door: str) -> None:
    secret, client = connect(door), signed_in(door)
    assert client.get(HOME[door])["Location"].startswith("/second-factor/?next=")
    assert secret not in client.get("/second-factor/").content.decode()
    assert client.post("/second-factor/", {"code": "nonsense"}).status_code == 422
    assert client.get(HOME[door]).status_code == 302
    before = client.session.session_key
    answer = client.post("/second-factor/", {"code": code(secret, clock.machine()), "next": HOME[door]})
    assert answer["Location"] == HOME[door]
    assert client.session.session_key != before
    assert client.get(HOME[door]).status_code == 200
    assert signed_in(door).get(HOME[door]).status_code == 302  # another browser gives its own


def test_an_agent_comes_to_his_rounds_by_it() -> None:
    agent = evidence.agent().user
    client = Client()
    client.post(reverse("desk:sign_in"), {"username": agent.login, "password": cast.PASSWORD})
    assert client.get("/desk/rounds/")["Location"].startswith("/second-factor/connect/")
    page = client.get("/second-factor/connect/").content.decode()
    secret = re.findall(r"data-secret>([A-Z2-7 ]+)</b>", page)[0].replace(" ", "")
    done = client.post("/second-factor/connect/", {"code": code(secret, clock.machine())})
    assert f'href="{reverse("desk:rounds")}"' in done.content.decode()
    assert client.get(reverse("desk:rounds")).status_code == 200


@pytest.mark.parametrize("shown", [False, True])
def test_the_demo_shows_the_code_and_nobody_else_does(settings: Settings, shown: bool) -> None:
    settings.SECOND_FACTOR_SHOWN, settings.DEMO = True, shown  # the demo alone, whatever the environment says
    connect("desk:sign_in")
    for _each in range(4):  # one login of the demo is many people's, within half a minute too
        client = signed_in("desk:sign_in")
        told = re.search(r'<b class="hash">([0-9]{6})</b>', client.get("/second-factor/").content.decode())
        assert bool(told) is shown
        if told:
            client.post("/second-factor/", {"code": told[1]})
            assert client.get("/desk/").status_code == 200


def test_every_route_of_every_staff_door_asks_first() -> None:
    """Found by the routes themselves, so that a new page cannot be forgotten; POST as well, and nothing is done."""
    doors = {"portal": "portal:sign_in", "desk": "desk:sign_in"}
    clients = {face: signed_in(door) for face, door in doors.items()}
    given = {"pk": 1, "version": 1, "photo_id": 1}
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


def test_the_admin_asks_first_on_pages_that_it_makes_itself() -> None:
    client = signed_in("admin:login")
    for address in ("/admin/", "/admin/accounts/user/", "/admin/accounts/user/1/change/", "/admin/password_change/"):
        assert client.get(address)["Location"].startswith("/second-factor/connect/"), address


def test_customers_find_no_such_page() -> None:
    client = Client()
    client.force_login(make.signed_up().user)
    assert client.get("/second-factor/connect/").status_code == 404
    assert not SecondFactor.objects.exists()


def test_customers_are_asked_for_no_second_factor() -> None:
    client = Client()
    client.force_login(make.signed_up().user)
    assert client.get("/my/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_on_stays_here(elsewhere: str) -> None:
    secret, client = connect("desk:sign_in"), signed_in("desk:sign_in")
    answer = client.post("/second-factor/", {"code": code(secret, clock.machine()), "next": elsewhere})
    assert answer["Location"] == "/desk/"


@pytest.mark.parametrize(("demo", "debug", "refused"), [(True, True, False), (True, False, True), (False, True, True)])
def test_a_check_refuses_to_show_codes_outside_the_demo(
    settings: Settings, demo: bool, debug: bool, refused: bool
) -> None:
    settings.DEMO, settings.DEBUG, settings.SECOND_FACTOR_SHOWN = demo, debug, True
    assert [error.id for error in checks.second_factors_are_hidden(None)] == ["rental.E004"] * refused
    settings.SECOND_FACTOR_SHOWN = False
    assert checks.second_factors_are_hidden(None) == []


def test_visitors_sign_in_at_the_door_that_they_came_to() -> None:
    for door, face in (("desk", "/desk/orders/"), ("portal", "/portal/orders/")):
        answer = Client().get("/second-factor/", {"next": face})
        assert answer["Location"].startswith(f"/{door}/sign-in/?next=%2F{door}")
