"""Choosing how to pay: at the pay pages, remembered, stale, by code, in the admin; and money recorded at the desk."""

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import OFFLINE, Deposit, Payment, PaymentChannel
from billing.services import refunds
from core import clock
from core.models import Event, InboxNotice
from orders.models import Order, State
from orders.services import payments
from rental.demo import cast
from sandbox import conf as sandbox
from sandbox import visitors
from sandbox.models import WechatOrder
from sandbox.services import notices, people
from storefront.pages import codes
from tests import make, walks
from tests.integrations import adapters

pytestmark = pytest.mark.django_db
SOON = make.AT + timedelta(minutes=5)
PHONE = {"user-agent": "Mozilla/5.0 (Linux; Android 15) Mobile Safari"}
IN_WECHAT = {"user-agent": "Mozilla/5.0 (Linux; Android 15) Mobile MicroMessenger/8.0"}


@pytest.fixture(scope="module")
def stage(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, Order]]:
    with walks.kept(django_db_blocker):
        yield {
            "year": make.order(State.SIGNED),
            "two years": make.order(State.SIGNED, months=24),
            "renting": make.order(State.ACTIVE, slug="mini-4", months=3),
        }


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    with make.moment(SOON):
        yield


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def post(client: Client, name: str, order: Order, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return client.post(reverse(f"storefront:{name}", args=[order.number]), fields, headers=headers)


def text(answered: Any) -> str:
    return str(answered.content.decode())


def close(code: str) -> None:
    PaymentChannel.objects.filter(code=code).update(is_open=False)


def test_the_pay_page_offers_what_is_open_and_freezes_only_where_that_lasts(stage: dict[str, Order]) -> None:
    order = stage["year"]
    page = text(client_of(order.customer.user).get(f"/orders/{order.number}/pay/"))
    assert page.count('type="radio" name="channel"') == 2  # for the rent; the deposit has one channel only
    assert page.count('type="hidden" name="channel" value="alipay"') == 1
    assert 'value="alipay" checked' in page


def test_a_paid_deposit_is_never_called_frozen(stage: dict[str, Order]) -> None:
    order = stage["two years"]
    client = client_of(order.customer.user)
    for name in ("order", "order_pay"):
        page = text(client.get(reverse(f"storefront:{name}", args=[order.number]))).lower()
        assert "freez" not in page.replace("pay and freeze", "")
        assert "frozen" not in page
    plan = order.plan
    offer = text(client.get(reverse("storefront:device", args=[plan.pk]) + "?months=24"))
    assert "Deposit to pay" in offer
    assert "Deposit to freeze" not in offer


def test_wechat_on_a_phone_leads_to_its_page(stage: dict[str, Order]) -> None:
    order = stage["year"]
    answered = post(client_of(order.customer.user), "order_pay_rent", order, PHONE, channel="wechat")
    assert "/cashier/wechat/" in answered.headers["Location"]
    assert Payment.objects.latest("pk").channel == "wechat"


@pytest.mark.parametrize("headers", [{}, IN_WECHAT])
def test_wechat_elsewhere_is_a_code_that_stays(
    stage: dict[str, Order], headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own browser too, where there is no official account that could tell who holds it."""
    monkeypatch.setitem(settings.PROVIDERS["payments"]["wechat"]["OPTIONS"], "app_secret", "")
    order = stage["year"]
    client = client_of(order.customer.user)
    answered = post(client, "order_pay_rent", order, headers, channel="wechat")
    payment = Payment.objects.latest("pk")
    assert answered.headers["Location"] == f"/payments/{payment.number}/"
    page = text(client.get(f"/payments/{payment.number}/", headers=headers))
    assert "<svg viewBox" in page
    assert "Scan with WeChat Pay" in page
    assert 'http-equiv="refresh"' in page
    assert ("cannot pay this in its own browser" in page) is bool(headers)
    assert "style=" not in page


def to_wechat(client: Client, order: Order) -> str:
    """Where it sends a browser of which it does not know who holds it."""
    answered = post(client, "order_pay_rent", order, IN_WECHAT, channel="wechat")
    page = str(answered.headers["Location"])
    assert "/connect/oauth2/authorize?appid=" in page
    assert page.endswith("#wechat_redirect")
    return page


def test_inside_wechat_its_own_script_pays_and_the_provider_says_whether(stage: dict[str, Order]) -> None:
    order = stage["year"]
    client = client_of(order.customer.user)
    back = visitors.known_to_wechat(to_wechat(client, order), "13900000042")
    payment = Payment.objects.latest("pk")
    assert (
        client.get(back.split("8000", 1)[-1], headers=IN_WECHAT).headers["Location"] == f"/payments/{payment.number}/"
    )
    page = text(client.get(f"/payments/{payment.number}/", headers=IN_WECHAT))
    told = json.loads(html.unescape(re.findall(r'data-wechat-pay="([^"]+)"', page)[0]))
    assert sorted(told) == ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]
    assert ('http-equiv="refresh"' in page, "<svg viewBox" in page) == (False, False)
    prepaid = told["package"].removeprefix("prepay_id=")
    assert WechatOrder.objects.get(prepay_id=prepaid).account is not None  # WeChat knows who holds it
    visitors.pay(f"{sandbox.url()}/cashier/wechat/{prepaid}/", "13900000042")
    assert "Received. Thank you" in text(client.get(f"/payments/{payment.number}/", headers=IN_WECHAT))
    assert Payment.objects.get(pk=payment.pk).payer == f"o{people.account('13900000042').user_id}"


def test_it_asks_once_who_holds_the_browser(stage: dict[str, Order]) -> None:
    order = stage["renting"]
    client = client_of(order.customer.user)
    fields = {"bill": "2", "channel": "wechat"}
    page = str(post(client, "bills_pay", order, IN_WECHAT, **fields).headers["Location"])
    client.get(visitors.known_to_wechat(page, "13900000042").split("8000", 1)[-1], headers=IN_WECHAT)
    payment = Payment.objects.latest("pk")
    again = post(client, "bills_pay", order, IN_WECHAT, **fields)
    assert again.headers["Location"] == f"/payments/{payment.number}/"


def test_nobody_puts_another_persons_number_into_a_session(stage: dict[str, Order]) -> None:
    order = stage["year"]
    client = client_of(order.customer.user)
    page = to_wechat(client, order)
    back = visitors.known_to_wechat(page, "13900000042").split("8000", 1)[-1]
    forged = re.sub("state=[^&]+", "state=other", back)
    number = Payment.objects.latest("pk").number
    assert client.get(forged, headers=IN_WECHAT).headers["Location"] == f"/payments/{number}/"
    client.get(back, headers=IN_WECHAT)  # the state is spent
    assert "data-wechat-pay" not in text(client.get(f"/payments/{number}/", headers=IN_WECHAT))
    stranger = client_of(stage["renting"].customer.user)
    assert stranger.get(back).status_code == 404


def test_where_wechat_will_not_say_a_code_remains(stage: dict[str, Order]) -> None:
    order = stage["year"]
    client = client_of(order.customer.user)
    state = parse_qs(urlsplit(to_wechat(client, order)).query)["state"][0]
    number = Payment.objects.latest("pk").number
    client.get(f"/payments/{number}/payer/?code=spent&state={state}", headers=IN_WECHAT)
    assert "<svg viewBox" in text(client.get(f"/payments/{number}/", headers=IN_WECHAT))


def test_what_was_begun_on_another_device_is_closed_and_begun_again(stage: dict[str, Order]) -> None:
    order = stage["year"]
    client = client_of(order.customer.user)
    post(client, "order_pay_rent", order, PHONE, channel="wechat")
    first = Payment.objects.latest("pk")
    answered = post(client, "order_pay_rent", order, channel="wechat")
    assert answered.headers["Location"] == f"/payments/{first.number}/"
    page = text(client.get(answered.headers["Location"]))
    assert "begun on another device" in page
    assert Payment.objects.get(pk=first.pk).state == "CLOSED"
    post(client, "order_pay_rent", order, channel="wechat")
    assert Payment.objects.latest("pk").number != first.number


def test_a_paid_deposit_by_code(stage: dict[str, Order]) -> None:
    order = stage["two years"]
    client = client_of(order.customer.user)
    post(client, "order_pay_deposit", order, channel="wechat")
    payment = Payment.objects.latest("pk")
    assert payment.deposit_id == order.lease.deposit.pk
    page = text(client.get(f"/payments/{payment.number}/"))
    assert "paid, not frozen; refunded within 3 working days" in page
    again = post(client, "order_pay_deposit", order, channel="wechat")
    assert again.headers["Location"] == f"/payments/{payment.number}/"
    assert Payment.objects.filter(deposit=payment.deposit_id).count() == 1


def test_the_last_choice_is_chosen_beforehand(stage: dict[str, Order]) -> None:
    order = stage["renting"]
    client = client_of(order.customer.user)
    post(client, "bills_pay", order, PHONE, bill="2", channel="wechat")
    assert 'value="wechat" form="pay" checked' in text(client.get(f"/leases/{order.number}/bills/3/"))
    post(client, "bills_pay", order, PHONE, bill="3")  # a button without a choice takes it too
    assert Payment.objects.latest("pk").channel == "wechat"
    close("wechat")
    assert 'name="channel" value="alipay"' in text(client.get(f"/leases/{order.number}/bills/3/"))


def test_a_choice_that_was_closed_meanwhile_is_told(stage: dict[str, Order]) -> None:
    order = stage["year"]
    client = client_of(order.customer.user)
    close("wechat")
    answered = post(client, "order_pay_rent", order, channel="wechat")
    assert answered.headers["Location"] == f"/orders/{order.number}/pay/"
    assert "closed at the moment" in text(client.get(answered.headers["Location"]))
    assert not Payment.objects.filter(items__bill__lease=order.lease_id).exists()


def test_another_channel_shows_the_attempt_under_way_first(stage: dict[str, Order]) -> None:
    order = stage["year"]
    client = client_of(order.customer.user)
    post(client, "order_pay_rent", order, PHONE, channel="alipay")
    attempt = Payment.objects.latest("pk")
    answered = post(client, "order_pay_rent", order, PHONE, channel="wechat")
    assert answered.headers["Location"] == f"/payments/{attempt.number}/"
    assert Payment.objects.latest("pk") == attempt


def test_nothing_open_is_said(stage: dict[str, Order]) -> None:
    order = stage["year"]
    PaymentChannel.objects.update(is_open=False)
    client = client_of(order.customer.user)
    assert "Nothing can be paid at the moment" in text(client.get(f"/orders/{order.number}/pay/"))
    assert post(client, "order_pay_rent", order).status_code == 303
    assert not Payment.objects.filter(items__bill__lease=order.lease_id).exists()


def test_the_customer_may_pay_what_could_be_frozen(stage: dict[str, Order]) -> None:
    from re import search

    of, plan = make.customer(), make.plan()
    chosen = make.address(of)
    client, page = client_of(of.user), f"/checkout/{plan.pk}/?months=12"
    shown = text(client.get(page))
    assert 'name="deposit" value="FREEZE" form="order" checked' in shown
    digest, key = (search(f'name="{name}" value="([^"]+)"', shown) for name in ("digest", "request_key"))
    assert digest
    assert key
    fields = {"address": chosen.pk, "digest": digest[1], "request_key": key[1], "deposit": "PAID"}
    assert client.post(page, fields).status_code == 303
    assert Order.objects.latest("pk").lease.deposit.kind == Deposit.Kind.PAID


def test_strangers_and_other_roles_pay_nothing(stage: dict[str, Order]) -> None:
    order = stage["year"]
    for user in (make.customer().user, make.merchant_member(), make.operator()):
        client = client_of(user)
        for name in ("order_pay_rent", "order_pay_deposit"):
            assert post(client, name, order, channel="wechat").status_code in (302, 403, 404)
    assert not Payment.objects.filter(items__bill__lease=order.lease_id).exists()


def test_a_code_is_read_from_its_path() -> None:
    drawn = codes.drawn("weixin://wxpay/bizpayurl?pr=abc")
    assert drawn.size in {25 + 8, 29 + 8}
    assert drawn.path.startswith("M4 4.5h1M5 4.5h1")  # the corner of the first finder


# the admin


def test_operators_open_and_close_and_it_stays_on_record() -> None:
    operator = make.operator()
    client, row = client_of(operator), PaymentChannel.objects.get(code="wechat")
    change = reverse("admin:billing_paymentchannel_change", args=[row.pk])
    fields = {"name": row.name, "name_en": row.name_en, "position": row.position}
    assert client.post(change, fields).status_code == 302
    assert PaymentChannel.objects.get(pk=row.pk).is_open is False
    told = Event.objects.get(kind="channel_closed")
    assert (told.actor, told.facts) == (f"operator:{operator.pk}", {"code": "wechat"})
    assert client.get(reverse("admin:billing_paymentchannel_add")).status_code == 403


def test_the_list_says_what_each_can_do_and_for_how_long_it_freezes() -> None:
    PaymentChannel.objects.create(code="unionpay", name="云闪付", name_en="UnionPay")
    page = text(client_of(make.operator()).get(reverse("admin:billing_paymentchannel_changelist")))
    assert ("freezes a deposit" in page, "410 days" in page, "code to scan" in page) == (True, True, True)


def test_another_gateway_is_a_line_in_the_settings_and_a_tick_in_the_admin(
    stage: dict[str, Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer pays through one that signs forms, from the choice to the posting, and it goes back the same way."""
    chosen = {"BACKEND": "integrations.payments.signed_form.SignedForm", "OPTIONS": adapters.FORM}
    monkeypatch.setitem(settings.PROVIDERS["payments"], "form", chosen)
    adapters.FORMS["form MD5"].make()
    desk, order = client_of(make.operator()), stage["year"]
    desk.get(reverse("admin:billing_paymentchannel_changelist"))
    row = PaymentChannel.objects.get(code="form")
    assert row.is_open is False
    fields = {"name": "某支付", "name_en": "Somepay", "position": 9, "is_open": "on"}
    desk.post(reverse("admin:billing_paymentchannel_change", args=[row.pk]), fields)
    client = client_of(order.customer.user)
    page = str(post(client, "order_pay_rent", order, PHONE, channel="form").headers["Location"])
    visitors.pay(page, "13900000042")
    notices.deliver_due(clock.now(), notices.into(client))
    stored = InboxNotice.objects.get(provider="form")
    payments.apply_notice(stored.pk, clock.now())
    paid = Payment.objects.get(channel="form")
    assert (paid.state, paid.amount, paid.items.count()) == ("SUCCEEDED", order.lease.bills.get(number=1).amount, 1)
    [back] = refunds.give_back(order.lease.pk, "test", clock.now())
    assert refunds.send(back.pk, clock.now()).state == "SUCCEEDED"


def test_none_is_opened_without_a_provider() -> None:
    row = PaymentChannel.objects.create(code="unionpay", name="云闪付", name_en="UnionPay")
    change = reverse("admin:billing_paymentchannel_change", args=[row.pk])
    fields = {"name": row.name, "name_en": row.name_en, "position": 9, "is_open": "on"}
    assert "No provider is configured" in text(client_of(make.operator()).post(change, fields))
    assert PaymentChannel.objects.get(pk=row.pk).is_open is False


# the desk

RECEIVED = {"bills": "2", "amount": "431", "received_at": "2026-03-02T10:00", "reference": "B-7", "note": "statement"}


def received(order: Order) -> str:
    return reverse("desk:act", args=[order.number, "received"])


def test_an_operator_records_money_that_came(stage: dict[str, Order]) -> None:
    order = stage["renting"]
    client = client_of(make.operator())
    assert "Record money received" in text(client.get(reverse("desk:order", args=[order.number])))
    assert client.post(received(order), RECEIVED).status_code == 303
    payment = Payment.objects.get(channel=OFFLINE)
    assert payment.items.get().bill.number == 2
    assert payment.items.get().bill.state == "PAID"
    refused = client.post(received(order), {**RECEIVED, "bills": "3"})
    assert refused.status_code == 422
    assert "recorded already" in text(refused)


@pytest.mark.parametrize(
    ("field", "value"),
    [("bills", "0"), ("bills", "2;3"), ("bills", "99"), ("amount", "0"), ("received_at", "")],
)
def test_what_cannot_be_is_refused(stage: dict[str, Order], field: str, value: str) -> None:
    order = stage["renting"]
    answered = client_of(make.operator()).post(received(order), {**RECEIVED, field: value})
    assert answered.status_code == 422
    assert not Payment.objects.filter(channel=OFFLINE).exists()


def test_more_than_one_may_record_alone_waits_for_a_second_person(stage: dict[str, Order]) -> None:
    answered = client_of(make.operator()).post(received(stage["renting"]), {**RECEIVED, "amount": "9000"})
    assert answered.status_code == 303
    assert answered["Location"].startswith("/desk/second-person/")
    assert not Payment.objects.filter(channel=OFFLINE).exists()


def test_only_operators_record_it(stage: dict[str, Order]) -> None:
    order = stage["renting"]
    former = User.objects.create_user("former-2", cast.PASSWORD, kind=User.Kind.OPERATOR)
    for user in (order.customer.user, make.merchant_member(), former):
        assert client_of(user).post(received(order), RECEIVED).status_code == 404
    assert not Payment.objects.filter(channel=OFFLINE).exists()
