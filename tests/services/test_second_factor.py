"""The second factor: each code once, five wrong ones and the door waits, recovery codes, nothing in plain text."""

from base64 import b32decode
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django_otp.oath import TOTP

from accounts.models import RecoveryCode, SecondFactor, User
from accounts.services import second_factor
from accounts.services.codes import CodeWrong
from core.services import events
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
AT = make.AT
STEP = timedelta(seconds=30)


def code(secret: str, at: datetime) -> str:
    totp = TOTP(b32decode(secret))
    totp.time = at.timestamp()
    return f"{totp.token():06d}"


def enrolled() -> tuple[User, str, list[str]]:
    """Somebody with an app, its secret, and his recovery codes."""
    user = make.operator()
    secret = second_factor.begin(user, AT).secret
    return user, secret, second_factor.confirm(user, code(secret, AT), AT)


def wrong(secret: str, at: datetime) -> str:
    right = {code(secret, at + shift * STEP) for shift in (-1, 0, 1)}
    return next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in right)


def test_the_published_vectors() -> None:
    """RFC 6238, appendix B, SHA-1: the last six digits at 59 and at 1,111,111,109 seconds."""
    for seconds, expected in ((59, 287082), (1_111_111_109, 81804)):
        totp = TOTP(b"12345678901234567890")
        totp.time = seconds
        assert totp.token() == expected


def test_the_first_code_connects_the_app_and_gives_ten_recovery_codes() -> None:
    user = make.operator()
    begun = second_factor.begin(user, AT)
    secret = begun.secret
    assert not second_factor.is_enrolled(user)
    assert second_factor.begin(user, AT + STEP, begun.key) == begun  # a page that is loaded again shows the same one
    made = second_factor.confirm(user, code(secret, AT), AT)
    assert second_factor.is_enrolled(user)
    assert len(set(made)) == second_factor.RECOVERY_CODES
    assert "second_factor_connected" in [event.kind for event in events.of(user)]
    with pytest.raises(second_factor.AlreadyEnrolled):
        second_factor.begin(user, AT)


def test_a_wrong_first_code_connects_nothing() -> None:
    user = make.operator()
    secret = second_factor.begin(user, AT).secret
    with pytest.raises(CodeWrong):
        second_factor.confirm(user, wrong(secret, AT), AT)
    assert not second_factor.is_enrolled(user)
    assert not RecoveryCode.objects.exists()


def test_a_code_opens_once_and_older_ones_never() -> None:
    user, secret, _codes = enrolled()
    later = AT + 4 * STEP
    second_factor.check(user, code(secret, later), later)
    for used in (code(secret, later), code(secret, later - STEP)):
        with pytest.raises(CodeWrong):
            second_factor.check(user, used, later)
    second_factor.check(user, code(secret, later + STEP), later)  # a phone that is half a minute ahead


@pytest.mark.parametrize("off", [-2, 2])
def test_a_clock_that_is_a_minute_off_does_not_open(off: int) -> None:
    user, secret, _codes = enrolled()
    later = AT + 10 * STEP
    with pytest.raises(CodeWrong):
        second_factor.check(user, code(secret, later + off * STEP), later)


def test_five_wrong_codes_close_the_door_even_to_the_right_one_for_a_quarter_of_an_hour() -> None:
    user, secret, _codes = enrolled()
    later = AT + 10 * STEP
    for _each in range(second_factor.MOST_FAILURES):
        with pytest.raises(CodeWrong):
            second_factor.check(user, wrong(secret, later), later)
    with pytest.raises(second_factor.TooManyWrongCodes):
        second_factor.check(user, code(secret, later), later)
    after = later + second_factor.WAIT
    second_factor.check(user, code(secret, after), after)


def test_a_recovery_code_opens_once() -> None:
    user, _secret, codes = enrolled()
    second_factor.check(user, f" {codes[3].upper()} ", AT + STEP)
    with pytest.raises(CodeWrong):
        second_factor.check(user, codes[3], AT + STEP)
    second_factor.check(user, codes[4], AT + STEP)


@pytest.mark.parametrize("typed", ["", "  ", "12345", "１２３４５６", "-1", "abcdefghjk", "0" * 20, "1e5000"])
def test_nonsense_is_a_wrong_code(typed: str) -> None:
    user, _secret, _codes = enrolled()
    with pytest.raises(CodeWrong):
        second_factor.check(user, typed, AT + STEP)


def test_anothers_codes_do_not_open() -> None:
    user, secret, codes = enrolled()
    other = User.objects.create_user("colleague", "x", kind=User.Kind.OPERATOR)
    second_factor.confirm(other, code(second_factor.begin(other, AT).secret, AT), AT)
    for theirs in (code(secret, AT + 4 * STEP), codes[0]):
        with pytest.raises(CodeWrong):
            second_factor.check(other, theirs, AT + 4 * STEP)
    assert second_factor.is_enrolled(user)


def test_neither_the_secret_nor_a_recovery_code_stands_in_the_database() -> None:
    _user, secret, codes = enrolled()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        sealed = cursor.fetchall()
        cursor.execute("SELECT code_hash FROM accounts_recoverycode")
        hashes = cursor.fetchall()
    assert secret not in str(sealed)
    assert not any(plain in str(hashes) for plain in codes)


def test_a_lost_phone_is_forgotten_and_another_one_connected() -> None:
    user, secret, codes = enrolled()
    inside, other = Client(), Client()
    inside.force_login(user)
    other.force_login(make.signed_up().user)
    call_command("forget_second_factor", user.login)
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert "second_factor_forgotten" in [event.kind for event in events.of(user)]
    assert inside.get("/desk/").headers["Location"].startswith("/desk/sign-in/")  # the lost phone is out at once
    assert other.get("/my/").status_code == 200
    with pytest.raises(CodeWrong):
        second_factor.check(user, codes[0], AT)
    assert second_factor.begin(user, AT).secret != secret
    with pytest.raises(CommandError):
        call_command("forget_second_factor", "nobody")


def test_a_thief_of_the_password_keeps_no_secret_that_he_was_shown_before_the_owner_came() -> None:
    user = make.operator()
    thiefs = second_factor.begin(user, AT)
    owners = second_factor.begin(user, AT)
    with pytest.raises(CodeWrong):
        second_factor.confirm(user, code(thiefs.secret, AT), AT)
    second_factor.confirm(user, code(owners.secret, AT), AT)
    later = AT + 4 * STEP
    with pytest.raises(CodeWrong):
        second_factor.check(user, code(thiefs.secret, later), later)
