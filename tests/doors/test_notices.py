"""The door for providers' notices: verified on the raw bytes, stored, answered; what is not genuine leaves no row."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from django.test import Client

from core.models import InboxNotice, OutboxMessage
from sandbox import conf, keys, rsa2
from sandbox.models import OutgoingNotice
from sandbox.services import notices
from tests import make, walks

pytestmark = pytest.mark.django_db
URL = "/api/notices/alipay/"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def form() -> dict[str, str]:
    """A genuine notice about a payment."""
    told = {
        "trade_no": "2026030222001400000000000001", "out_trade_no": "P2026030200000000000000",
        "seller_id": conf.seller_id(), "buyer_id": "2088000000000002", "trade_status": "TRADE_SUCCESS",
        "total_amount": "431.00", "gmt_payment": "2026-03-02 10:10:00", "subject": "租金 + 100% & more",
    }  # fmt: skip
    notices.put(f"http://testserver{URL}", "trade_status_sync", told, make.AT)
    made: dict[str, str] = OutgoingNotice.objects.latest("pk").form
    return made


def post(body: str | bytes, **headers: str) -> Any:
    with make.moment(make.AT + timedelta(minutes=1)):
        return Client(enforce_csrf_checks=True).post(URL, body, content_type=FORM, headers=headers or None)


def test_a_genuine_notice_is_stored_as_it_came_and_answered_with_success(form: dict[str, str]) -> None:
    body = urlencode(form)
    answer = post(body)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"success", "text/plain")
    kept = InboxNotice.objects.get()
    assert (kept.provider, kept.notice_id, bytes(kept.body)) == ("alipay", form["notify_id"], body.encode())
    assert (kept.received_at, kept.applied_at) == (make.AT + timedelta(minutes=1), None)
    assert OutboxMessage.objects.get(topic="notice.stored").payload == {"notice_id": kept.pk}


def test_a_notice_told_again_is_answered_alike_and_stored_once(form: dict[str, str]) -> None:
    post(urlencode(form))
    with walks.nothing_changes():
        assert post(urlencode(form)).content == b"success"


def test_a_notice_of_another_kind_is_taken_and_does_nothing(form: dict[str, str]) -> None:
    notices.put(f"http://testserver{URL}", "something_new", {"a": "b"}, make.AT)
    post(urlencode(OutgoingNotice.objects.latest("pk").form))
    make.drain(make.AT)
    assert InboxNotice.objects.get().outcome == "nothing to do"


def without(name: str) -> Callable[[dict[str, str]], str]:
    return lambda form: urlencode({key: value for key, value in form.items() if key != name})


def changed(name: str, value: str) -> Callable[[dict[str, str]], str]:
    return lambda form: urlencode({**form, name: value})


def signed_with_sha1(form: dict[str, str]) -> str:
    weak = {**form, "sign_type": "RSA"}
    signature = keys.alipay().sign(rsa2.notice_text(weak).encode(), PKCS1v15(), SHA1())
    return urlencode({**weak, "sign": b64encode(signature).decode()})


def signed_by_nobody(form: dict[str, str]) -> str:
    return urlencode({**form, "sign": rsa2.sign(rsa2.notice_text(form), keys.forger())})


def for_another_app(form: dict[str, str]) -> str:
    theirs = {**form, "app_id": "2021000000009999"}
    return urlencode({**theirs, "sign": rsa2.sign(rsa2.notice_text(theirs), keys.alipay())})


def without_id(form: dict[str, str]) -> str:
    bare = {key: value for key, value in form.items() if key not in ("notify_id", "sign")}
    return urlencode({**bare, "sign": rsa2.sign(rsa2.notice_text(bare), keys.alipay())})


def signed_again(**changes: str) -> Callable[[dict[str, str]], str]:
    """Truly theirs, with other values."""

    def made(form: dict[str, str]) -> str:
        said = {**form, **changes}
        return urlencode({**said, "sign": rsa2.sign(rsa2.notice_text(said), keys.alipay())})

    return made


BAD: dict[str, Callable[[dict[str, str]], str]] = {
    "no signature": without("sign"),
    "empty signature": changed("sign", ""),
    "signature that is no base64": changed("sign", "*" * 344),
    "signed by nobody we know": signed_by_nobody,
    "SHA-1": signed_with_sha1,
    "amount changed": changed("total_amount", "1.00"),
    "receiver changed": changed("seller_id", "2088"),
    "parameter added": changed("fund_bill_list", "[]"),
    "parameter removed": without("subject"),
    "parameter twice": lambda form: urlencode([*form.items(), ("total_amount", "1.00")]),
    "for another app": for_another_app,
    "without an id": without_id,
    "with an id too long to keep": signed_again(notify_id="9" * 129),
    "with a NUL in its id": signed_again(notify_id="9\0"),
    "no form at all": lambda _form: '{"trade_no": 1}',
    "empty": lambda _form: "",
    "broken encoding": lambda form: urlencode(form) + "&x=%FF%FE",
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())
def test_a_notice_that_is_not_genuine_is_refused_and_leaves_no_row(
    form: dict[str, str], spoil: Callable[[dict[str, str]], str]
) -> None:
    body = spoil(form)
    with walks.nothing_changes():
        answer = post(body)
    assert answer.status_code == 400
    assert b"success" not in answer.content


@pytest.mark.parametrize(
    "change", [{"trade_no": "9" * 100}, {"out_trade_no": "P\0"}, {"gmt_payment": "0001-01-01 00:00:00"}]
)
def test_a_genuine_notice_of_nonsense_is_kept_as_unreadable(form: dict[str, str], change: dict[str, str]) -> None:
    answer = post(signed_again(**change)(form))
    assert (answer.status_code, answer.content) == (200, b"success")
    make.drain(make.AT)
    assert InboxNotice.objects.get().outcome == "unreadable"


def test_one_changed_byte_anywhere_is_refused(form: dict[str, str]) -> None:
    body = urlencode(form).encode()
    tried = 0
    with walks.nothing_changes():
        for place in range(0, len(body), max(1, len(body) // 40)):
            spoilt = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            assert post(spoilt).status_code == 400, spoilt[max(0, place - 9) : place + 9]
            tried += 1
    assert tried >= 40


def test_a_notice_beyond_its_size_is_refused_unread(form: dict[str, str]) -> None:
    with walks.nothing_changes():
        assert post(urlencode({**form, "x": "a" * 70_000})).status_code == 413


@pytest.mark.parametrize("verb", ["get", "put", "delete", "head"])
def test_only_a_post_is_a_notice(verb: str) -> None:
    assert getattr(Client(), verb)(URL).status_code == 405


def test_health_is_answered_when_the_database_answers() -> None:
    answer = Client().get("/api/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert Client().post("/api/health/").status_code == 405
