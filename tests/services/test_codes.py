"""Codes by SMS: limits, single use, purpose, tries."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import OneTimeCode
from accounts.services import codes
from notices.models import Message
from tests.trust import AT, PHONE, secret_of, sent_code, ticket

pytestmark = pytest.mark.django_db


def wrong(secret: str) -> str:
    return f"{(int(secret) + 1) % 10**6:06d}"


def test_a_right_code_is_accepted_once() -> None:
    secret = sent_code(PHONE, "sign_in")
    codes.check(PHONE, "sign_in", secret, AT)
    with pytest.raises(codes.CodeUsed):
        codes.check(PHONE, "sign_in", secret, AT)


def test_the_phone_may_be_written_in_any_usual_way() -> None:
    secret = sent_code("+86 138-0000-0001", "sign_in")
    codes.check("１３８００００００01", "sign_in", f" {secret} ", AT)


def test_a_code_lives_five_minutes() -> None:
    secret = sent_code(PHONE, "sign_in")
    with pytest.raises(codes.CodeExpired):
        codes.check(PHONE, "sign_in", secret, AT + timedelta(minutes=5))
    codes.check(PHONE, "sign_in", secret, AT + timedelta(minutes=4, seconds=59))


def test_a_code_serves_its_own_purpose_only() -> None:
    secret = sent_code(PHONE, "sign:aaaa")
    with pytest.raises(codes.CodeWrong):
        codes.check(PHONE, "sign:bbbb", secret, AT)


def test_a_code_serves_its_own_phone_only() -> None:
    secret = sent_code(PHONE, "sign_in")
    with pytest.raises(codes.CodeWrong):
        codes.check("13800000002", "sign_in", secret, AT)


def test_the_sixth_try_is_refused_even_with_the_right_code() -> None:
    secret = sent_code(PHONE, "sign_in")
    for _ in range(5):
        with pytest.raises(codes.CodeWrong):
            codes.check(PHONE, "sign_in", wrong(secret), AT)
    with pytest.raises(codes.TooManyAttempts):
        codes.check(PHONE, "sign_in", secret, AT)


@pytest.mark.django_db(transaction=True)
def test_a_wrong_try_counts_although_it_raises() -> None:
    secret = sent_code(PHONE, "sign_in")
    with pytest.raises(codes.CodeWrong):
        codes.check(PHONE, "sign_in", wrong(secret), AT)
    assert OneTimeCode.objects.get().attempts == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        codes.check(PHONE, "sign_in", secret, AT)  # a rollback around it would forget the try


def test_a_new_code_replaces_the_one_before() -> None:
    first = sent_code(PHONE, "sign_in")
    second = sent_code(PHONE, "sign_in", AT + timedelta(seconds=60))
    if first != second:
        with pytest.raises(codes.CodeWrong):
            codes.check(PHONE, "sign_in", first, AT + timedelta(seconds=61))
    codes.check(PHONE, "sign_in", second, AT + timedelta(seconds=61))


def test_what_another_browser_tries_leaves_the_code_alone() -> None:
    secret, mine = sent_code(PHONE, "sign_in"), ticket()
    later = AT + timedelta(seconds=60)
    sent_code(PHONE, "sign_in", later)
    theirs = ticket()
    for _ in range(5):
        with pytest.raises(codes.CodeWrong):
            codes.check(PHONE, "sign_in", wrong(secret_of(Message.objects.latest("id"))), later, ticket=theirs)
    with pytest.raises(codes.TooManyAttempts):
        codes.check(PHONE, "sign_in", secret, later, ticket=theirs)
    codes.check(PHONE, "sign_in", secret, later, ticket=mine)


def test_a_ticket_nobody_was_given_finds_no_code_and_counts_nothing() -> None:
    secret = sent_code(PHONE, "sign_in")
    with pytest.raises(codes.CodeWrong):
        codes.check(PHONE, "sign_in", secret, AT, ticket=uuid4())
    assert OneTimeCode.objects.get().attempts == 0


def test_a_ticket_serves_its_own_phone_and_purpose_only() -> None:
    secret = sent_code(PHONE, "sign_in")
    for phone, purpose in (("13800000002", "sign_in"), (PHONE, "sign:aaaa")):
        with pytest.raises(codes.CodeWrong):
            codes.check(phone, purpose, secret, AT, ticket=ticket())


def test_another_code_within_a_minute_is_refused_with_the_seconds_left() -> None:
    sent_code(PHONE, "sign_in")
    with pytest.raises(codes.ResendTooSoon) as refusal:
        sent_code(PHONE, "sign_in", AT + timedelta(seconds=18))
    assert refusal.value.params == {"seconds": 42}
    assert Message.objects.count() == 1


def test_a_sixth_code_within_an_hour_is_refused() -> None:
    for minute in range(5):
        sent_code(PHONE, "sign_in", AT + timedelta(minutes=minute))
    with pytest.raises(codes.TooManyCodes):
        sent_code(PHONE, "sign_in", AT + timedelta(minutes=59))
    sent_code(PHONE, "sign_in", AT + timedelta(minutes=61))


def test_a_phone_is_not_flooded_by_way_of_many_purposes() -> None:
    for number in range(20):
        sent_code(PHONE, f"sign:{number}")
    with pytest.raises(codes.TooManyCodes):
        sent_code(PHONE, "sign:20")


def test_a_stranger_s_sign_ins_hold_up_no_signing() -> None:
    for number in range(20):
        sent_code(PHONE, "sign_in", AT + timedelta(minutes=13 * number))
    late = AT + timedelta(minutes=13 * 20)
    with pytest.raises(codes.TooManyCodes):
        sent_code(PHONE, "sign_in", late)
    assert len(sent_code(PHONE, "sign:aaaa", late)) == 6


def test_what_is_sent_later_does_not_limit_the_past() -> None:
    """Histories are walked beside a living site: its codes of today are none of theirs."""
    for minute in range(5):
        sent_code(PHONE, "sign_in", AT + timedelta(minutes=minute))
    assert len(sent_code(PHONE, "sign_in", AT - timedelta(days=90))) == 6


@pytest.mark.parametrize("phone", ["", "12800000000", "1380000000", "+1 212 555 0100", "１３８", "13800000000 x"])
def test_what_is_no_mainland_mobile_is_refused(phone: str) -> None:
    with pytest.raises(codes.PhoneInvalid):
        codes.request(phone, "sign_in", language="zh-hans", at=AT)
    with pytest.raises(codes.PhoneInvalid):
        codes.check(phone, "sign_in", "123456", AT)


def test_the_code_and_the_phone_are_nowhere_in_plain_text() -> None:
    row = codes.request(PHONE, "sign_in", language="zh-hans", at=AT)
    secret = secret_of(Message.objects.get())
    stored = str(OneTimeCode.objects.values_list().get(pk=row.pk)) + str(
        Message.objects.values("params", "template").get()
    )
    assert PHONE not in stored
    assert secret not in stored.replace(str(row.phone_index), "").replace(row.code_hash, "").replace(str(row.salt), "")
