"""Tokens for programs: made and shown once, listed by name and end, revoked; by customers and owners, nobody else."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services import members, tokens
from core.models import Event
from tests import make

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"xz_[0-9a-f]{64}")
PAGES = {"CUSTOMER": "/my/tokens/", "MERCHANT": "/portal/shop/tokens/"}


def customer() -> User:
    return make.signed_up().user


def owner() -> User:
    return make.merchant_member("shiguang")


@pytest.mark.parametrize("who", [customer, owner])
def test_it_is_made_shown_once_and_opens_the_api(who: Any) -> None:
    user = who()
    client, page = make.signed_in(user), PAGES[user.kind]
    with make.moment(make.AT):
        made = client.post(page, {"name": " my script "})
        assert made.status_code == 200
        assert "no-store" in made.headers["Cache-Control"]
        (token,) = TOKEN.findall(made.content.decode())
        again = client.get(page).content.decode()
        assert token not in again
        assert f"…{token[-4:]}" in again
        assert "my script" in again
        asked = Client().get("/api/v1/orders/", headers={"Authorization": f"Bearer {token}"})
        assert asked.status_code == 200
    row = ApiToken.objects.get()
    assert (row.name, row.user, row.face) == ("my script", user, user.kind)
    assert token not in str(list(ApiToken.objects.values()))
    told = Event.objects.get(kind="api_token_made")
    assert (told.subject_id, told.facts) == (user.pk, {"ends": token[-4:]})


@pytest.mark.parametrize("who", [customer, owner])
def test_it_is_revoked_by_its_name_and_only_by_its_owner(who: Any) -> None:
    user, other = who(), make.signed_up().user
    tokens.make(user, "mine", make.AT)
    tokens.make(other, "theirs", make.AT)
    client, page = make.signed_in(user), PAGES[user.kind]
    with make.moment(make.AT):
        for name in ("theirs", "", "nul\0", "x" * 500):
            assert client.post(f"{page}revoke/", {"name": name}).status_code == 303
        assert ApiToken.objects.count() == 2
        assert client.post(f"{page}revoke/", {"name": "mine"}).status_code == 303
    assert list(ApiToken.objects.values_list("name", flat=True)) == ["theirs"]
    assert Event.objects.filter(kind="api_token_revoked", subject_id=user.pk).count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "nul\0"])
def test_a_name_is_needed(name: str) -> None:
    client = make.signed_in(customer())
    with make.moment(make.AT):
        assert client.post("/my/tokens/", {"name": name}).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_reload_makes_no_second_one_and_eleven_are_too_many() -> None:
    user = customer()
    client = make.signed_in(user)
    with make.moment(make.AT):
        assert client.post("/my/tokens/", {"name": "a"}).status_code == 200
        assert client.post("/my/tokens/", {"name": "a"}).status_code == 422
        for number in range(tokens.MOST - 1):
            assert client.post("/my/tokens/", {"name": f"b{number}"}).status_code == 200
        assert client.post("/my/tokens/", {"name": "one more"}).status_code == 422
    assert ApiToken.objects.filter(user=user).count() == tokens.MOST


def test_members_who_do_not_lead_operators_and_strangers_get_none() -> None:
    lead = owner().membership
    staff = members.add(lead, "wang.he", "a-quiet-harbour-7", members.Role.STAFF, make.AT).user
    with make.moment(make.AT):
        for user in (staff, make.operator(), customer()):
            assert make.signed_in(user).post("/portal/shop/tokens/", {"name": "x"}).status_code in (403, 404)
        for user in (staff, owner(), make.operator()):
            assert make.signed_in(user).post("/my/tokens/", {"name": "x"}).status_code == 404
        for page in PAGES.values():
            assert Client().post(page, {"name": "x"}).status_code == 302
        assert "/portal/shop/tokens/" not in make.signed_in(staff).get("/portal/shop/").content.decode()
    assert not ApiToken.objects.exists()
    for user in (staff, make.operator()):
        with pytest.raises(tokens.NoTokensForThisAccount):
            tokens.make(user, "x", make.AT)


def test_the_pages_are_reached_by_a_link() -> None:
    with make.moment(make.AT):
        assert 'href="/my/tokens/"' in make.signed_in(customer()).get("/my/").content.decode()
        assert 'href="/portal/shop/tokens/"' in make.signed_in(owner()).get("/portal/shop/").content.decode()


def test_a_form_of_another_site_makes_no_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(customer())
    assert client.post("/my/tokens/", {"name": "x"}).status_code == 403
    assert not ApiToken.objects.exists()
