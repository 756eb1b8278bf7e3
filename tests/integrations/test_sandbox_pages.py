"""The pages that people use, and the sandbox as a guest in the platform's process."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from wsgiref.util import setup_testing_defaults

import httpx
import pytest
from django.urls import get_urlconf, set_urlconf
from django.utils import translation

from core import clock
from core.fields import mask_middle
from integrations import registry
from integrations.payments import FreezeIntent, PayIntent, Status
from sandbox import conf, courier, magic, visitors
from sandbox.models import Complaint, FaultOrder, OutgoingNotice
from sandbox.services import invented, notices
from sandbox.services.notices import Answer, Letter
from sandbox.wsgi import application, transport
from tests.integrations.adapters import PAYMENTS, PHONE

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/back/"
EVERY_PAGE = [
    "/",
    "/sms/",
    "/mail/",
    "/person/",
    "/complaints/",
    "/parcels/",
    "/faults/",
    "/oauth2/publicAppAuthorize.htm",
]


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        yield client


def cashier(web: httpx.Client) -> str:
    intent = PayIntent("P1", Decimal("541.83"), "手机 <b>", clock.now() + timedelta(hours=1), BACK)
    return web.get(PAYMENTS["alipay"].page(intent)).headers["location"]


def test_the_cashier_asks_who_then_how_then_tells(web: httpx.Client) -> None:
    page = cashier(web)
    first = web.get(page).text
    assert 'name="phone"' in first
    assert 'value="yes"' not in first
    assert "手机 &lt;b&gt;" in first
    web.post(f"{page}sign-in/", data={"phone": "+86 138-0001 0001"})
    second = web.get(page).text
    assert 'value="yes"' in second
    assert "138****01" in second
    assert web.post(f"{page}answer/", data={"answer": "yes"}).headers["location"].startswith(BACK)
    third = web.get(page).text
    assert 'value="yes"' not in third
    assert f'href="{BACK}"' in third


def test_the_phone_is_remembered_for_the_next_time(web: httpx.Client) -> None:
    web.post(f"{cashier(web)}sign-in/", data={"phone": PHONE})
    freeze = FreezeIntent("O1", "F1", Decimal("3000.00"), "押金", clock.now() + timedelta(hours=1), BACK)
    assert f'value="{PHONE}"' in web.get(registry.holds("alipay").freeze(freeze).url).text


@pytest.mark.parametrize("phone", ["", "abc", "12", "1" * 16])
def test_a_phone_that_is_none_signs_nobody_in(web: httpx.Client, phone: str) -> None:
    page = cashier(web)
    answer = web.post(f"{page}sign-in/", data={"phone": phone})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert registry.payments().query("P1").status is Status.NOT_FOUND


def test_nobody_pays_without_signing_in(web: httpx.Client) -> None:
    page = cashier(web)
    assert web.post(f"{page}answer/", data={"answer": "yes"}).headers["location"] == page
    assert registry.payments().query("P1").status is Status.NOT_FOUND


@pytest.mark.parametrize("path", ["/cashier/trade/404/", "/cashier/freeze/404/", "/cashier/odd/1/", "/admin/", "/no"])
def test_what_does_not_exist_is_not_found(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 404
    assert "沙箱" in answer.text


@pytest.mark.parametrize("path", EVERY_PAGE)
@pytest.mark.parametrize(("language", "switch"), [("zh-hans", "English"), ("en", "中文")])
def test_every_page_says_sandbox_and_offers_the_other_language(
    web: httpx.Client, path: str, language: str, switch: str
) -> None:
    web.post("/language/", data={"language": language, "next": "/"})
    page = web.get(path)
    assert f'<html lang="{language}">' in page.text
    assert "沙箱" in page.text
    assert "Sandbox" in page.text
    assert switch in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_foreign_app_or_a_strange_address_gets_no_consent_page(web: httpx.Client) -> None:
    good = registry.credit().authorize_url("s", BACK)
    assert web.get(good).status_code == 200
    assert web.get(good.replace(conf.app_id(), "2021000000009999")).status_code == 400
    assert web.get(registry.credit().authorize_url("s", "javascript:alert(1)")).status_code == 400


def test_the_inbox_shows_the_newest_first_and_one_phone_when_asked(web: httpx.Client) -> None:
    registry.sms().send(PHONE, "SMS_LOGIN", {"code": "111111"}, "1")
    registry.sms().send("13900020002", "SMS_LOGIN", {"code": "222222"}, "2")
    page = web.get("/sms/").text
    assert page.index("222222") < page.index("111111")
    for wanted in (PHONE, mask_middle(PHONE)):
        one = web.get("/sms/", params={"phone": wanted}).text
        assert "111111" in one
        assert "222222" not in one
    [message] = web.get("/sms.json", params={"phone": PHONE}).json()["messages"]
    assert (message["params"], message["template"]) == ({"code": "111111"}, "SMS_LOGIN")


def test_messages_read_as_their_template_when_it_is_known(web: httpx.Client, settings: Any) -> None:
    settings.SANDBOX_SMS_TEMPLATES = {"SMS_LOGIN": "验证码${code}，5分钟内有效。${rest}"}
    registry.sms().send(PHONE, "SMS_LOGIN", {"code": "111111"}, "1")
    [message] = web.get("/sms.json").json()["messages"]
    assert message["text"] == "【信租】验证码111111，5分钟内有效。${rest}"


def test_faults_are_ordered_and_forgotten_on_their_page(web: httpx.Client) -> None:
    order = {"target": "alipay.trade.refund", "kind": "LOSE_REPLY", "times": "2", "argument": ""}
    assert web.post("/faults/", data=order).status_code == 302
    fault = FaultOrder.objects.get()
    assert (fault.target, fault.kind, fault.remaining) == ("alipay.trade.refund", "LOSE_REPLY", 2)
    assert "alipay.trade.refund · LOSE_REPLY" in web.get("/faults/").text
    for wrong in ({"kind": "ODD"}, {"target": ""}, {"times": "0"}, {"times": "x"}):
        assert web.post("/faults/", data=order | wrong).status_code == 422
    web.post("/faults/", data={"forget": "yes"})
    assert not FaultOrder.objects.exists()


def test_a_payer_complains_and_the_platform_decides_on_one_page(web: httpx.Client) -> None:
    intent = PayIntent("P1", Decimal("541.83"), "手机 <b>", clock.now() + timedelta(hours=1), BACK, "phone")
    visitors.pay(PAYMENTS["wechat"].page(intent), PHONE)
    page = web.get("/complaints/", params={"phone": PHONE}).text
    assert "手机 &lt;b&gt;" in page
    [path] = re.findall(r'action="(/complaints/\d+/)"', page)
    answer = web.post(path, data={"words": "<i>碎了"})
    assert answer.headers["location"] == f"/complaints/?phone={PHONE}"
    page = web.get("/complaints/", params={"phone": PHONE}).text
    assert "&lt;i&gt;碎了" in page
    assert path not in page  # one at a time
    [path] = re.findall(r'action="(/complaints/\d+/decision/)"', page)
    for _ in range(2):  # a second press changes nothing
        web.post(path, data={"answer": "back"})
    page = web.get("/complaints/", params={"phone": PHONE}).text
    assert "<button class" not in page.split("<section")[1]
    assert Complaint.objects.get().refund_id
    assert web.get("/complaints/", params={"phone": "13900009999"}).text.count("<section") == 1
    assert web.post("/complaints/404/").status_code == 404
    assert web.post("/complaints/404/decision/").status_code == 404


# a guest in the process


def test_a_call_in_process_leaves_language_and_addresses_of_the_caller_alone(web: httpx.Client) -> None:
    set_urlconf("tests.integrations.nowhere")
    with translation.override("en"):
        assert web.get("/", headers={"accept-language": "zh-hans"}).status_code == 200
        assert translation.get_language() == "en"
    assert get_urlconf() == "tests.integrations.nowhere"
    set_urlconf(None)


@pytest.mark.parametrize(("server", "starts"), [("gunicorn/27.0.1", 1), ("WSGIServer/0.2", 0), ("", 0)])
def test_a_courier_starts_only_where_the_sandbox_has_the_process(
    monkeypatch: pytest.MonkeyPatch, server: str, starts: int
) -> None:
    started: list[None] = []
    monkeypatch.setattr(courier, "start", lambda: started.append(None))
    environ: dict[str, Any] = {"SERVER_SOFTWARE": server} if server else {}
    setup_testing_defaults(environ)
    application(environ, lambda *_: None)
    assert len(started) == starts


@pytest.mark.django_db(transaction=True)
def test_a_running_courier_posts_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    posted = threading.Event()

    def post(_letter: Letter) -> Answer:
        posted.set()
        return Answer(200, "success")

    monkeypatch.setattr(notices, "default_post", post)
    intent = PayIntent("P1", Decimal("541.83"), "手机", clock.now() + timedelta(hours=1), BACK)
    visitors.pay(PAYMENTS["alipay"].page(intent), PHONE)
    with courier.running(every_s=0.02):
        assert posted.wait(10)
    assert OutgoingNotice.objects.get().delivered_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_visit_outside_a_transaction_is_answered_too() -> None:
    intent = PayIntent("P1", Decimal("541.83"), "手机", clock.now() + timedelta(hours=1), BACK)
    visitors.pay(PAYMENTS["alipay"].page(intent), PHONE)
    assert registry.payments().query("P1").status is Status.SUCCEEDED


def test_two_couriers_post_a_notice_once() -> None:
    intent = PayIntent("P1", Decimal("541.83"), "手机", clock.now() + timedelta(hours=1), BACK)
    visitors.pay(PAYMENTS["alipay"].page(intent), PHONE)
    at, posts = clock.now(), []

    def post(letter: Letter) -> Answer:
        posts.append(letter.url)
        assert notices.deliver_due(at, post) == 0  # the other courier comes while this post is under way
        return Answer(200, "success")

    assert notices.deliver_due(at, post) == 1
    assert len(posts) == 1


def test_a_platform_that_does_not_answer_is_asked_again() -> None:
    intent = PayIntent("P1", Decimal("541.83"), "手机", clock.now() + timedelta(hours=1), BACK)
    visitors.pay(PAYMENTS["alipay"].page(intent), PHONE)

    def broken(_letter: Letter) -> Answer:
        raise httpx.ConnectError("refused")

    at = clock.now()
    assert notices.deliver_due(at, broken) == 0
    assert notices.deliver_due(at + timedelta(minutes=4), lambda _: Answer(200, "success")) == 1


def test_an_invented_person_is_another_one_each_time_and_passes_the_registers(web: httpx.Client) -> None:
    made = [invented.person() for _ in range(20)]
    assert len({card for _name, card in made}) == 20
    assert all(magic.is_valid(card) and not magic.quirk(card) and magic.score(card) >= 700 for _name, card in made)
    assert web.get("/person/").text != web.get("/person/").text
