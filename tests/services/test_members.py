"""A merchant's own people: owners manage them, nobody is left without an owner, and every change is an event."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import MerchantMember, User
from accounts.services import members
from accounts.services.members import Role
from core.models import Event
from tests import make
from tests.faults.together import at_once

pytestmark = pytest.mark.django_db

PASSWORD = "a-quiet-harbour-7"


@pytest.fixture
def owner() -> MerchantMember:
    return make.merchant_member().membership


@pytest.fixture
def staff(owner: MerchantMember) -> MerchantMember:
    return members.add(owner, "wang.he", PASSWORD, Role.STAFF, make.AT)


def noted(member: MerchantMember) -> list[str]:
    rows = Event.objects.filter(subject_type="accounts.merchantmember", subject_id=member.pk)
    return list(rows.order_by("id").values_list("kind", flat=True))


def test_an_owner_adds_a_member_who_may_sign_in(owner: MerchantMember) -> None:
    made = members.add(owner, "  Wang.He ", PASSWORD, Role.STAFF, make.AT)
    assert (made.user.login, made.merchant, made.role) == ("wang.he", owner.merchant, "STAFF")
    assert (made.user.kind, made.user.is_staff, made.user.joined_at) == (User.Kind.MERCHANT, False, make.AT)
    assert made.user.check_password(PASSWORD)
    assert noted(made) == ["member_added"]
    assert PASSWORD not in str(Event.objects.latest("id").facts)


@pytest.mark.parametrize("login", ["", "ab", "9lives", "wang he", "王贺", "x" * 31, "tel13900001234", "a<b>", "a\0b"])
def test_a_login_must_be_plain_and_no_phone_number(owner: MerchantMember, login: str) -> None:
    with pytest.raises(members.LoginInvalid):
        members.add(owner, login, PASSWORD, Role.STAFF, make.AT)
    assert MerchantMember.objects.count() == 1


@pytest.mark.parametrize("password", ["", "short", "1234567890", "password123"])
def test_a_weak_password_is_refused(owner: MerchantMember, password: str) -> None:
    with pytest.raises(members.PasswordWeak) as refused:
        members.add(owner, "wang.he", password, Role.STAFF, make.AT)
    assert str(refused.value)
    assert not User.objects.filter(login="wang.he").exists()


def test_a_taken_login_is_refused_whoever_has_it(owner: MerchantMember) -> None:
    make.operator()
    with pytest.raises(members.LoginTaken):
        members.add(owner, "operator", PASSWORD, Role.STAFF, make.AT)
    assert MerchantMember.objects.count() == 1


def test_a_closed_account_is_open_again_only_with_a_new_password(owner: MerchantMember, staff: MerchantMember) -> None:
    before = staff.user.get_session_auth_hash()
    members.close(owner, staff.pk, make.AT)
    closed = User.objects.get(pk=staff.user_id)
    assert not closed.is_active
    assert not closed.check_password(PASSWORD)
    members.let_in(owner, staff.pk, PASSWORD, make.AT)
    again = User.objects.get(pk=staff.user_id)
    assert again.is_active
    assert again.check_password(PASSWORD)
    assert again.get_session_auth_hash() != before
    assert noted(staff) == ["member_added", "member_closed", "member_let_in"]


def test_closing_and_appointing_twice_is_once(owner: MerchantMember, staff: MerchantMember) -> None:
    for _ in range(2):
        members.appoint(owner, staff.pk, Role.OWNER, make.AT)
        members.close(owner, staff.pk, make.AT)
    assert noted(staff) == ["member_added", "member_appointed", "member_closed"]


Verb = Callable[[MerchantMember, int], Any]
VERBS: list[Verb] = [
    lambda by, pk: members.close(by, pk, make.AT),
    lambda by, pk: members.let_in(by, pk, PASSWORD, make.AT),
    lambda by, pk: members.appoint(by, pk, Role.OWNER, make.AT),
    lambda by, pk: members.add(by, "newcomer", PASSWORD, Role.OWNER, make.AT),
]


@pytest.mark.parametrize("verb", VERBS)
def test_staff_manage_nobody(owner: MerchantMember, staff: MerchantMember, verb: Verb) -> None:
    before = Event.objects.count()
    for member in (owner, staff):
        with pytest.raises(members.NotAnOwner):
            verb(staff, member.pk)
    assert Event.objects.count() == before
    assert not User.objects.filter(login="newcomer").exists()


@pytest.mark.parametrize("verb", VERBS)
def test_an_owner_whose_account_was_closed_manages_nobody(
    owner: MerchantMember, staff: MerchantMember, verb: Verb
) -> None:
    members.appoint(owner, staff.pk, Role.OWNER, make.AT)
    members.close(staff, owner.pk, make.AT)
    with pytest.raises(members.NotAnOwner):
        verb(owner, staff.pk)


@pytest.mark.parametrize("verb", VERBS[:3])
def test_another_merchants_people_do_not_exist(staff: MerchantMember, verb: Verb) -> None:
    stranger = make.merchant_member("qinghe").membership
    with pytest.raises(MerchantMember.DoesNotExist):
        verb(stranger, staff.pk)


@pytest.mark.parametrize("verb", VERBS[:3])
def test_whoever_may_enter_the_admin_is_managed_there(owner: MerchantMember, staff: MerchantMember, verb: Verb) -> None:
    User.objects.filter(pk=staff.user_id).update(is_staff=True)
    with pytest.raises(MerchantMember.DoesNotExist):
        verb(owner, staff.pk)


def test_the_last_owner_stays(owner: MerchantMember, staff: MerchantMember) -> None:
    with pytest.raises(members.LastOwner):
        members.close(owner, owner.pk, make.AT)
    with pytest.raises(members.LastOwner):
        members.appoint(owner, owner.pk, Role.STAFF, make.AT)
    members.appoint(owner, staff.pk, Role.OWNER, make.AT)
    members.close(owner, staff.pk, make.AT)
    with pytest.raises(members.LastOwner):
        members.appoint(owner, owner.pk, Role.STAFF, make.AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_step_down_at_once_one_stays() -> None:
    first = make.merchant_member().membership
    second = members.add(first, "wang.he", PASSWORD, Role.OWNER, make.AT)
    outcomes = at_once(
        [
            lambda: members.appoint(first, first.pk, Role.STAFF, make.AT),
            lambda: members.appoint(second, second.pk, Role.STAFF, make.AT),
        ]
    )
    assert sum(isinstance(outcome, members.LastOwner) for outcome in outcomes) == 1
    assert MerchantMember.objects.filter(role=Role.OWNER).count() == 1


def test_an_own_new_password_is_an_event(staff: MerchantMember) -> None:
    members.change_password(staff, "another-quiet-bay-8", make.AT)
    assert User.objects.get(pk=staff.user_id).check_password("another-quiet-bay-8")
    assert noted(staff)[-1] == "member_password_changed"
