"""What people type as their login is kept to count wrong passwords: never a phone or an ID number in plain."""

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse

from rental.demo import cast
from tests import make

pytestmark = pytest.mark.django_db

DOORS = ["desk:sign_in", "portal:sign_in", "admin:login"]
NUMBERS = ["13800000001", "+86 138-0000-0001", "１３８００００００01", "11010519491231002X", "E12345678"]


def guess(door: str, login: str) -> int:
    return Client().post(reverse(door), {"username": login, "password": "a wrong one"}).status_code


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("typed", NUMBERS)
def test_a_number_typed_as_a_login_is_kept_as_an_index(door: str, typed: str) -> None:
    guess(door, typed)
    kept = AccessAttempt.objects.get()
    assert kept.username is not None
    assert len(kept.username) == 64
    everything = str(AccessAttempt.objects.values().get())
    assert not [number for number in (*NUMBERS, "13800000001") if number in everything]


def test_who_guesses_at_a_number_is_locked_out_too() -> None:
    answers = [guess("desk:sign_in", "13800000001") for _ in range(9)]
    assert answers[:7] == [200] * 7
    assert answers[8] == 429
    assert guess("desk:sign_in", "13800000002") == 200


def test_a_login_is_counted_by_its_name_and_a_right_password_still_enters() -> None:
    make.operator()
    guess("desk:sign_in", "operator")
    assert AccessAttempt.objects.get().username == "operator"
    typed = {"username": "operator", "password": cast.PASSWORD}
    assert Client().post(reverse("desk:sign_in"), typed).status_code == 302
