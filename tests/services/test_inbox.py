"""Providers' notices: stored once under provider and id, work asked for in the same commit, raw bytes kept."""

import pytest
from django.db import IntegrityError, transaction

from core.models import InboxNotice, OutboxMessage
from core.services import inbox, outbox
from tests import make

pytestmark = pytest.mark.django_db
HEADERS = {"wechatpay-nonce": "n"}
BODY = "trade_no=1&subject=租金&sign=AAA%3D".encode()


def store(notice_id: str = "n1", provider: str = "alipay", body: bytes = BODY) -> InboxNotice | None:
    return inbox.store(provider, notice_id, body, HEADERS, topic="notice.stored", at=make.AT)


def test_a_notice_is_kept_byte_by_byte_and_asks_for_its_work() -> None:
    made = store()
    assert made is not None
    kept = InboxNotice.objects.get()
    assert (bytes(kept.body), kept.received_at, kept.applied_at) == (BODY, make.AT, None)
    assert kept.headers == HEADERS
    message = OutboxMessage.objects.get()
    assert (message.topic, message.payload) == ("notice.stored", {"notice_id": made.pk})


def test_a_notice_told_again_is_stored_once_and_asks_for_nothing() -> None:
    store()
    assert store() is None
    assert store(body=b"other") is None
    assert bytes(InboxNotice.objects.get().body) == BODY
    assert OutboxMessage.objects.count() == 1


def test_ids_are_each_providers_own() -> None:
    assert store() is not None
    assert store(provider="wechat") is not None
    assert store(notice_id="n2") is not None
    assert OutboxMessage.objects.count() == 3


def test_notice_and_work_are_kept_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(topic: str, **payload: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(outbox, "put", fail)
    with pytest.raises(RuntimeError):
        store()
    assert not InboxNotice.objects.exists()


def test_the_database_itself_refuses_the_same_notice_twice() -> None:
    store()
    with pytest.raises(IntegrityError, match="core_inbox_notice_once"), transaction.atomic():
        InboxNotice.objects.create(provider="alipay", notice_id="n1", body=b"", received_at=make.AT)


def test_an_outcome_is_noted_and_cut_to_its_column() -> None:
    made = store()
    assert made is not None
    inbox.close(made, "x" * 300, make.AT)
    kept = InboxNotice.objects.get()
    assert (kept.applied_at, len(kept.outcome)) == (make.AT, 200)


def test_headers_are_read_from_the_server_in_lower_case() -> None:
    meta = {"HTTP_X_SIGN_TYPE": "RSA2", "REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": "text/plain"}
    assert inbox.headers_of(meta) == {"x-sign-type": "RSA2"}
