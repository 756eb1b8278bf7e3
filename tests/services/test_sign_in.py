"""Signing in is signing up."""

import pytest

from accounts.models import Customer, OneTimeCode, User
from accounts.services import codes, sign_in
from core.services import events
from tests.trust import AT, PHONE, sent_code, signed_up, ticket

pytestmark = pytest.mark.django_db


def test_the_first_sign_in_makes_the_account() -> None:
    customer = signed_up()
    assert customer.user.kind == User.Kind.CUSTOMER
    assert customer.number.startswith("C")
    assert customer.user.phone is not None
    assert customer.user.phone.masked == "138****0001"
    assert not customer.user.has_usable_password()
    assert [event.kind for event in events.of(customer)] == ["signed_up"]


def test_the_second_sign_in_finds_it() -> None:
    first = signed_up()
    OneTimeCode.objects.all().delete()
    again = sign_in.by_code("138 0000 0001", sent_code(PHONE, "sign_in"), ticket=ticket(), language="en", at=AT)
    assert again == first.user
    assert Customer.objects.count() == 1


def test_a_wrong_code_makes_nobody() -> None:
    secret = sent_code(PHONE, "sign_in")
    with pytest.raises(codes.CodeWrong):
        sign_in.by_code(PHONE, f"{(int(secret) + 1) % 10**6:06d}", ticket=ticket(), language="zh-hans", at=AT)
    assert User.objects.count() == 0


def test_a_code_for_signing_does_not_sign_in() -> None:
    secret = sent_code(PHONE, "sign:abc")
    with pytest.raises(codes.CodeWrong):
        sign_in.by_code(PHONE, secret, ticket=ticket(), language="zh-hans", at=AT)


def test_a_closed_account_stays_out() -> None:
    User.objects.create_user("gone", phone=PHONE, is_active=False)
    with pytest.raises(sign_in.AccountClosed):
        sign_in.by_code(PHONE, sent_code(PHONE, "sign_in"), ticket=ticket(), language="zh-hans", at=AT)


@pytest.mark.parametrize("fields", [{"kind": "MERCHANT"}, {"kind": "OPERATOR", "is_staff": True}, {"is_staff": True}])
def test_staff_do_not_walk_past_their_password_by_a_phone_code(fields: dict[str, object]) -> None:
    User.objects.create_user("staff", "a password of staff", phone=PHONE, **fields)
    with pytest.raises(sign_in.StaffSignInByPassword):
        sign_in.by_code(PHONE, sent_code(PHONE, "sign_in"), ticket=ticket(), language="zh-hans", at=AT)


def test_the_other_of_two_first_sign_ins_at_once_gets_the_same_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up found nobody, the other transaction committed, the insert meets UNIQUE."""
    there = signed_up().user
    found = sign_in._sign_up(PHONE, there.phone_index or "", "zh-hans", AT)
    assert found == there
    assert User.objects.count() == 1
