"""Stripe's wire: our client and the sandbox, each against the vendor's own SDK; then what is particular about it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import stripe as sdk
import time_machine
from django.core.cache import cache
from stripe._encode import _api_encode

from core import clock
from integrations import keypairs, registry
from integrations.errors import BadSignature, CallRefused, ProviderRefused, ProviderUnavailable
from integrations.payments import (
    FreezeIntent,
    PayIntent,
    PaymentFact,
    RefundStatus,
    ReleaseFact,
    Status,
    stripe_objects,
)
from integrations.payments.stripe import Stripe
from integrations.stripe import VERSION, _flat
from sandbox import conf, keys, visitors
from sandbox import stripe as theirs
from sandbox.cards import CardPayment, CardRefund, KnownKey
from sandbox.services import faults
from sandbox.services.faults import Kind
from sandbox.wsgi import transport
from tests.integrations.adapters import PHONE, posted

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
RENT, DEPOSIT, BACK = Decimal("541.83"), Decimal("3000.00"), "http://127.0.0.1:8000/bills/7/"


class InProcess(sdk.HTTPClient):
    """The SDK's own requests, carried to the sandbox in this process."""

    name = "in-process"

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        with httpx.Client(transport=transport()) as web:
            reply = web.request(method, url, headers=dict(headers or {}), content=post_data)
        return reply.text, reply.status_code, dict(reply.headers)


@pytest.fixture
def ours() -> Stripe:
    keys.make_all()
    adapter = registry.get("payments", "stripe")
    assert isinstance(adapter, Stripe)
    return adapter


@pytest.fixture
def client(ours: Stripe) -> sdk.StripeClient:
    http = InProcess()
    return sdk.StripeClient(
        keys.stripe_key(), base_addresses={"api": f"{conf.url()}/stripe"}, http_client=http, max_network_retries=0
    )


def page(ours: Stripe, number: str = "P1", amount: Decimal = RENT) -> str:
    return ours.pay(PayIntent(number, amount, "租金 & 更多", clock.now() + timedelta(minutes=30), BACK)).url


def paid(ours: Stripe, number: str = "P1") -> PaymentFact:
    visitors.pay(page(ours, number), PHONE)
    return ours.query(number)


def held(ours: Stripe) -> str:
    intent = FreezeIntent("O1", "F1", DEPOSIT, "押金", clock.now() + timedelta(hours=2), BACK)
    visitors.pay(ours.freeze(intent).url, PHONE)
    return ours.query_freeze("O1", "F1").auth_no


# our client against the SDK


def test_forms_nest_as_the_sdk_nests_them() -> None:
    content = {"a": {"b": {"c": "租金 & 1"}}, "list": [{"x": 1}, {"x": 2}], "plain": ["card"], "n": 54183}
    assert dict(_flat(content)) == {name: str(value) for name, value in _api_encode(content)}
    assert theirs.nested(_flat({"a": {"b": 1}})) == {"a": {"b": "1"}}


def test_the_version_is_the_one_whose_shapes_were_compared() -> None:
    assert sdk.api_version == VERSION == conf.stripe_version()


def test_the_sdk_verifies_the_sandboxs_events_and_we_verify_the_sdks(ours: Stripe) -> None:
    paid(ours)
    [letter] = posted(clock.now())
    secret, header = keypairs.shared_secret(ours.webhook_secret), letter.headers["Stripe-Signature"]
    event = sdk.Webhook.construct_event(letter.body, header, secret)
    assert (event.type, event.data.object["object"]) == ("charge.succeeded", "charge")
    at = int(clock.machine().timestamp())
    made = sdk.WebhookSignature.generate_signature_header(letter.body.decode(), secret, at)
    notice = ours.parse_notice(letter.body, {"stripe-signature": made}, datetime.fromtimestamp(at, UTC))
    assert notice.fact == ours.query("P1")
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.Webhook.construct_event(letter.body + b" ", header, secret)


def test_the_sdk_pays_holds_takes_and_refunds_at_the_sandbox(ours: Stripe, client: sdk.StripeClient) -> None:
    """Its own words for its own calls: what it sends is understood, and what comes back is what it knows."""
    expires = int((clock.now() + timedelta(hours=1)).timestamp())
    price: Any = {"currency": "cny", "unit_amount": 300000, "product_data": {"name": "押金"}}
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "client_reference_id": "F1",
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": {"capture_method": "manual", "metadata": {"number": "F1", "order": "O1"}},
            "expires_at": expires,
            "success_url": BACK,
        },
        {"idempotency_key": "F1"},
    )
    assert session.url
    visitors.pay(session.url, PHONE)
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    intent = found.payment_intent
    assert isinstance(intent, sdk.PaymentIntent)
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 300000)
    taken = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 50000})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 50000, 0)
    assert isinstance(intent.latest_charge, sdk.Charge)
    back = client.v1.refunds.create({"charge": intent.latest_charge.id, "amount": 100, "metadata": {"number": "R1"}})
    assert (back.status, back.amount) == ("succeeded", 100)
    assert client.v1.charges.search({"query": "metadata['number']:'F1'"}).data[0].amount_refunded == 100
    assert client.v1.balance.retrieve().livemode is False


def test_the_sdk_reads_the_sandboxs_errors(client: sdk.StripeClient) -> None:
    with pytest.raises(sdk.InvalidRequestError) as missing:
        client.v1.payment_intents.retrieve("pi_404")
    assert (missing.value.code, missing.value.http_status) == ("resource_missing", 404)
    with pytest.raises(sdk.AuthenticationError):
        client.v1.balance.retrieve({}, {"api_key": "sk_test_another"})
    with pytest.raises(sdk.IdempotencyError):
        for amount in (1000, 2000):
            _session(client, amount)


def _session(client: sdk.StripeClient, amount: int) -> None:
    price: Any = {"currency": "cny", "unit_amount": amount, "product_data": {"name": "x"}}
    client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": {"metadata": {"number": "K1"}},
            "expires_at": int((clock.now() + timedelta(hours=1)).timestamp()) // 60 * 60,
            "success_url": BACK,
        },
        {"idempotency_key": "K1"},
    )


# signatures


def signed(body: bytes, at: datetime, secret: bytes, scheme: str = "v1") -> dict[str, str]:
    stamp = int(at.timestamp())
    made = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},{scheme}={made}"}


def test_a_published_way_of_signing_by_hand(ours: Stripe) -> None:
    body = json.dumps({"id": "evt_1", "object": "event", "type": "x", "data": {"object": {}}}).encode()
    secret = keypairs.shared_secret(ours.webhook_secret).encode()
    good = signed(body, AT, secret)
    assert ours.parse_notice(body, good, AT).kind == "other"
    two = {"Stripe-Signature": good["Stripe-Signature"].replace(",", ",v1=00,")}  # while the secret is being changed
    assert ours.parse_notice(body, two, AT).notice_id == "evt_1"
    stamp = f"t={int(AT.timestamp())}"
    for headers in (
        signed(body, AT - timedelta(minutes=6), secret),
        signed(body, AT + timedelta(minutes=6), secret),
        signed(body, AT, b"whsec_another"),
        signed(body, AT, secret, "v0"),
        {"Stripe-Signature": good["Stripe-Signature"].removeprefix(f"{stamp},")},
        {"Stripe-Signature": f"{stamp},{good['Stripe-Signature']}"},  # two instants: which one was signed?
        {"Stripe-Signature": f"{stamp},v1=é"},
        {},
    ):
        with pytest.raises(BadSignature):
            ours.parse_notice(body, headers, AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_captured": "54183"}, {"amount_captured": -1}, {"amount_captured": True}, {"created": "now"},
        {"created": 0}, {"created": 9_999_999_999_999}, {"payment_intent": None}, {"payment_intent": "pi_" + "1" * 99},
    ],
)  # fmt: skip
def test_a_true_event_whose_fields_make_no_sense_is_kept_as_unreadable(ours: Stripe, changes: dict[str, Any]) -> None:
    paid(ours)
    [letter] = posted(clock.now())
    event = json.loads(letter.body)
    event["data"]["object"].update(changes)
    body = json.dumps(event).encode()
    secret = keypairs.shared_secret(ours.webhook_secret).encode()
    notice = ours.parse_notice(body, signed(body, AT, secret), AT)
    assert (notice.kind, notice.fact, notice.notice_id) == ("unreadable", None, event["id"])


def test_what_somebody_else_made_at_the_account_is_none_of_ours(ours: Stripe) -> None:
    paid(ours)
    [letter] = posted(clock.now())
    event = json.loads(letter.body)
    event["data"]["object"]["metadata"] = {"shop": "another"}
    body = json.dumps(event).encode()
    secret = keypairs.shared_secret(ours.webhook_secret).encode()
    assert ours.parse_notice(body, signed(body, AT, secret), AT).kind == "other"


# the page


def test_a_page_asked_for_again_with_other_words_is_the_same_page(ours: Stripe) -> None:
    first = page(ours)
    again = PayIntent("P1", RENT, "Rent & more", clock.now() + timedelta(minutes=29), BACK)  # another language, later
    assert ours.pay(again).url == first
    assert CardPayment.objects.count() == 1


def test_a_page_that_is_over_opens_no_more(ours: Stripe) -> None:
    paid(ours)
    with pytest.raises(ProviderRefused):
        ours.pay(PayIntent("P1", RENT, "other words", clock.now() + timedelta(minutes=30), BACK))


def test_a_page_is_found_without_the_cache(ours: Stripe) -> None:
    """It is forgotten at any time; then the list of recent pages tells, over more than one page of it."""
    page(ours, "P1")
    row = CardPayment.objects.get()
    for number in range(101):
        row.pk, row.number, row.reference = None, f"9{number:023d}", f"X{number}"
        row.save(force_insert=True)
    cache.clear()
    fact = ours.query("P1")
    assert (fact.status, fact.amount) == (Status.OPEN, RENT)
    cache.clear()
    assert ours.close("P1").status is Status.CLOSED


def test_more_pages_than_can_be_looked_through_say_nothing(ours: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
    page(ours, "P1")
    page(ours, "P2")
    cache.clear()
    monkeypatch.setattr("integrations.stripe.PAGE", 1)
    monkeypatch.setattr("integrations.stripe.PAGES_MAX", 1)
    with pytest.raises(ProviderUnavailable):
        ours.query("P1")


def test_an_old_payment_is_found_by_its_mark(ours: Stripe) -> None:
    fact = paid(ours)
    with time_machine.travel(clock.now() + timedelta(days=200), tick=False):
        cache.clear()
        assert ours.query("P1") == fact
        assert ours.refund("P1", "R1", Decimal("10.00"), "早还").status is RefundStatus.SUCCEEDED


# numbers


def test_a_known_number_is_answered_again_and_another_body_is_refused(ours: Stripe) -> None:
    content = {"mode": "payment"}
    with pytest.raises(ProviderRefused):
        ours._api.post("/v1/refunds", content, "K1")  # a call that was not valid keeps no answer
    assert not KnownKey.objects.exists()
    charge = CardPayment.objects.get(reference=paid(ours).request_no)
    asked = {"charge": f"ch_{charge.number}", "amount": 100, "metadata": {"number": "R1", "payment": "P1"}}
    first = ours._api.post("/v1/refunds", asked, "R1")
    assert ours._api.post("/v1/refunds", asked, "R1") == first
    with pytest.raises(ProviderRefused) as refusal:
        ours._api.post("/v1/refunds", {**asked, "amount": 101}, "R1")
    assert refusal.value.provider_code == "idempotency_error"
    assert CardRefund.objects.count() == 1


def test_a_refund_moves_once_though_its_number_is_forgotten(ours: Stripe) -> None:
    """Stripe keeps a number for a day only."""
    paid(ours)
    ours.refund("P1", "R1", Decimal("10.00"), "")
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        again = ours.refund("P1", "R1", Decimal("10.00"), "")
    assert again.status is RefundStatus.SUCCEEDED
    assert CardRefund.objects.count() == 1


def test_a_capture_takes_once_though_its_number_is_forgotten(ours: Stripe) -> None:
    auth_no = held(ours)
    first = ours.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False)
    KnownKey.objects.all().delete()
    assert ours.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False) == first


# errors


def test_a_wrong_key_is_our_mistake_and_no_word_about_the_money(ours: Stripe) -> None:
    page(ours)
    other = Stripe(ours.url, ours.account, "another-stripe-key", ours.webhook_secret)
    keypairs.shared_secret("another-stripe-key")
    with pytest.raises(CallRefused):
        other.query("P1")


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}, ProviderUnavailable),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}, ProviderUnavailable),
        (403, {"error": {"type": "invalid_request_error", "message": "permissions"}}, CallRefused),
        (402, {"error": {"type": "card_error", "code": "card_declined"}}, ProviderRefused),
        (400, {"error": "odd"}, ProviderRefused),
        (200, [], ProviderUnavailable),
    ],
)
def test_what_an_answer_says_of_the_call(
    ours: Stripe, monkeypatch: pytest.MonkeyPatch, status: int, content: Any, error: type[Exception]
) -> None:
    answer = httpx.MockTransport(lambda _request: httpx.Response(status, json=content))
    monkeypatch.setattr("integrations.http.client", lambda _url: httpx.Client(transport=answer))
    with pytest.raises(error) as raised:
        ours._api.get("/v1/balance")
    assert raised.type is error


# holds


def test_a_hold_ends_by_itself_after_seven_days_and_is_told_of(ours: Stripe) -> None:
    auth_no = held(ours)
    assert ours.longest_hold_days == 7
    posted(clock.now())
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=False):
        fact = ours.query_freeze("O1", "F1")
        [letter] = posted(clock.now())
        notice = ours.parse_notice(letter.body, letter.headers, clock.now())
    assert (fact.status, fact.rest) == (Status.SUCCEEDED, Decimal("0.00"))
    assert isinstance(notice.fact, ReleaseFact)
    assert (notice.kind, notice.fact.auth_no, notice.fact.request_no) == ("release", auth_no, f"auto-{auth_no}")


def test_a_release_that_was_marked_and_not_made_is_not_done(ours: Stripe) -> None:
    auth_no = held(ours)
    faults.order("stripe.cancel", Kind.DOWN, times=9)
    with pytest.raises(ProviderUnavailable):
        ours.unfreeze(auth_no, "U1", DEPOSIT, "归还")
    assert ours.query_release(auth_no, "U1").status is Status.NOT_FOUND
    faults.forget()
    assert ours.unfreeze(auth_no, "U1", DEPOSIT, "归还").status is Status.SUCCEEDED


def test_play_money_is_nobodys_where_real_money_is_expected(ours: Stripe) -> None:
    charge = {"livemode": True}
    assert ours._receiver(charge) != ours.merchant_id
    assert ours._receiver({"livemode": False}) == ours.merchant_id


def test_a_state_that_nobody_knows_says_nothing() -> None:
    with pytest.raises(ProviderUnavailable):
        stripe_objects.refund({"status": "odd"})
    with pytest.raises(ProviderUnavailable):
        stripe_objects.session_status({"status": "odd"})
