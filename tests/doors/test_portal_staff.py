"""The staff pages: owners only, other merchants' people do not exist, who is closed is out at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import MerchantMember, User
from accounts.services import members
from accounts.services.members import Role
from core.models import Event
from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "a-quiet-harbour-7"


@pytest.fixture
def owner() -> MerchantMember:
    return make.merchant_member().membership


@pytest.fixture
def staff(owner: MerchantMember) -> MerchantMember:
    return members.add(owner, "wang.he", PASSWORD, Role.STAFF, make.AT)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def looked_at(pk: int) -> list[str]:
    return [reverse("portal:staff"), reverse("portal:staff_add"), reverse("portal:staff_let_in", args=[pk])]


def acts(pk: int) -> list[tuple[str, dict[str, str]]]:
    return [
        (reverse("portal:staff_add"), {"login": "newcomer", "role": "STAFF", "password": PASSWORD}),
        (reverse("portal:staff_let_in", args=[pk]), {"password": PASSWORD}),
        (reverse("portal:staff_close", args=[pk]), {}),
        (reverse("portal:staff_appoint", args=[pk, "OWNER"]), {}),
    ]


def test_an_owner_sees_everyone_of_the_shop_and_nobody_else(owner: MerchantMember, staff: MerchantMember) -> None:
    make.merchant_member("qinghe")
    client = client_of(owner.user)
    assert [client.get(address).status_code for address in looked_at(staff.pk)] == [200] * 3
    assert list(client.get(reverse("portal:staff")).context["rows"]) == [owner, staff]


def test_staff_may_do_the_work_and_manage_nobody(owner: MerchantMember, staff: MerchantMember) -> None:
    client, before = client_of(staff.user), Event.objects.count()
    for name in ("portal:board", "portal:orders", "portal:units", "portal:agreements", "portal:shop"):
        page = client.get(reverse(name))
        assert page.status_code == 200
        assert reverse("portal:staff") not in page.content.decode()
    assert [client.get(address).status_code for address in looked_at(owner.pk)] == [403] * 3
    assert [client.post(address, facts).status_code for address, facts in acts(owner.pk)] == [403] * 4
    assert Event.objects.count() == before


def test_another_merchants_people_are_not_found(owner: MerchantMember, staff: MerchantMember) -> None:
    client, before = client_of(make.merchant_member("qinghe")), Event.objects.count()
    assert client.get(reverse("portal:staff_let_in", args=[staff.pk])).status_code == 404
    assert [client.post(address, facts).status_code for address, facts in acts(staff.pk)[1:]] == [404] * 3
    assert Event.objects.count() == before
    assert User.objects.get(pk=staff.user_id).check_password(PASSWORD)


def test_strangers_sign_in_first_and_operators_find_nothing(staff: MerchantMember) -> None:
    assert [Client().get(address).status_code for address in looked_at(staff.pk)] == [302] * 3
    assert {Client().post(address, facts).status_code for address, facts in acts(staff.pk)} == {302}
    client = client_of(make.operator())
    assert {client.get(address).status_code for address in looked_at(staff.pk)} == {404}


def test_a_new_member_signs_in_with_the_password_that_was_handed_over(owner: MerchantMember) -> None:
    facts = {"login": "li.na", "role": "STAFF", "password": PASSWORD}
    answer = client_of(owner.user).post(reverse("portal:staff_add"), facts)
    assert (answer.status_code, answer["Location"]) == (303, reverse("portal:staff"))
    client = Client()
    entered = client.post(reverse("portal:sign_in"), {"username": "li.na", "password": PASSWORD})
    make.gave_second_factor(client)
    assert (entered.status_code, client.get(reverse("portal:board")).status_code) == (302, 200)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"login": "Wang He"}, "login"),
        ({"login": "tel13900001234"}, "login"),
        ({"login": "shiguang"}, "login"),
        ({"password": "1234567890"}, "password"),
        ({"password": ""}, "password"),
        ({"role": "KING"}, "role"),
    ],
)
def test_a_bad_member_is_refused_at_its_field(owner: MerchantMember, changed: dict[str, str], field: str) -> None:
    facts = {"login": "li.na", "role": "STAFF", "password": PASSWORD, **changed}
    answer = client_of(owner.user).post(reverse("portal:staff_add"), facts)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert MerchantMember.objects.count() == 1


def test_who_is_closed_is_out_at_once_and_stays_out(owner: MerchantMember, staff: MerchantMember) -> None:
    chief, client = client_of(owner.user), client_of(staff.user)
    assert client.get(reverse("portal:board")).status_code == 200
    assert chief.post(reverse("portal:staff_close", args=[staff.pk])).status_code == 303
    assert client.get(reverse("portal:board")).status_code == 302
    wrong = Client().post(reverse("portal:sign_in"), {"username": "wang.he", "password": PASSWORD})
    assert wrong.status_code == 200
    again = chief.post(reverse("portal:staff_let_in", args=[staff.pk]), {"password": "another-quiet-bay-8"})
    assert again.status_code == 303
    assert client.get(reverse("portal:board")).status_code == 302  # the old session does not come back


def test_the_last_owner_hears_why_it_does_not_go(owner: MerchantMember) -> None:
    client = client_of(owner.user)
    answer = client.post(reverse("portal:staff_close", args=[owner.pk]), follow=True)
    assert [message.tags for message in answer.context["messages"]] == ["late info"]
    assert User.objects.get(pk=owner.user_id).is_active


def test_a_role_that_is_none_is_not_found(owner: MerchantMember, staff: MerchantMember) -> None:
    address = reverse("portal:staff_appoint", args=[staff.pk, "KING"])
    assert client_of(owner.user).post(address).status_code == 404


def test_an_own_password_needs_the_present_one_and_keeps_only_this_browser(staff: MerchantMember) -> None:
    client, other, address = client_of(staff.user), client_of(staff.user), reverse("portal:password")
    new = "another-quiet-bay-8"
    wrong = client.post(address, {"old": "guess", "password": new, "again": new})
    differ = client.post(address, {"old": PASSWORD, "password": new, "again": "x"})
    weak = client.post(address, {"old": PASSWORD, "password": "short", "again": "short"})
    assert [list(page.context["form"].errors) for page in (wrong, differ, weak)] == [["old"], ["again"], ["password"]]
    assert client.post(address, {"old": PASSWORD, "password": new, "again": new}).status_code == 303
    assert client.get(reverse("portal:shop")).status_code == 200
    assert other.get(reverse("portal:shop")).status_code == 302


def test_the_pages_ask_the_database_as_often_for_many_as_for_one(
    owner: MerchantMember, django_assert_max_num_queries: Any
) -> None:
    client = client_of(owner.user)
    client.get(reverse("portal:board"))  # the half hour is renewed once
    for n in range(3):
        members.add(owner, f"member-{n}", PASSWORD, Role.STAFF, make.AT)
    limits = {"portal:staff": 8, "portal:staff_add": 7, "portal:shop": 14, "portal:password": 7}  # one for the clock
    for name, most in limits.items():
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name)).status_code == 200
