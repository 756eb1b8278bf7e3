"""What is walked beside a living site stays unseen until it is whole, and leaves the others' work alone."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts.services import codes, sign_in
from core.models import OutboxMessage
from core.services import outbox
from rental.demo import walk
from sandbox.models import SmsMessage

AT = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)
PHONE = "13700001001"

pytestmark = pytest.mark.django_db(transaction=True)


class BrokenOff(Exception):
    """Somebody pressed Ctrl-C."""


def test_a_visitor_s_work_is_left_to_the_relay() -> None:
    with transaction.atomic():
        theirs = outbox.put("order.placed", order_id=1)
    with walk.unseen():
        codes.request(PHONE, sign_in.PURPOSE, language="zh-hans", at=AT)
        assert walk.drain(AT) == 1
        assert len(walk.code_for(PHONE)) == 6
    theirs.refresh_from_db()
    assert theirs.published_at is None
    assert SmsMessage.objects.get().sent_at == AT


def test_a_wrong_code_counts_and_a_right_one_lets_in_within_the_whole() -> None:
    with walk.unseen():
        codes.request(PHONE, sign_in.PURPOSE, language="zh-hans", at=AT)
        walk.drain(AT)
        right = walk.code_for(PHONE)
        with pytest.raises(codes.CodeWrong):
            codes.check(PHONE, sign_in.PURPOSE, f"{(int(right) + 1) % 10**6:06d}", AT)
        codes.check(PHONE, sign_in.PURPOSE, right, AT)


def test_what_broke_off_was_never_there() -> None:
    usual = settings.PROVIDER_TRANSPORT
    with pytest.raises(BrokenOff), walk.unseen():
        codes.request(PHONE, sign_in.PURPOSE, language="zh-hans", at=AT)
        walk.drain(AT)
        raise BrokenOff
    assert usual == settings.PROVIDER_TRANSPORT
    assert not connection.in_atomic_block
    assert not OutboxMessage.objects.exists()
    assert not SmsMessage.objects.exists()
