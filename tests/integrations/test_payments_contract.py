"""What every payment adapter promises, asked of each (integrations/payments)."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core import clock
from integrations.errors import BadSignature, ProviderRefused
from integrations.payments import (
    Code,
    Device,
    Notice,
    PayIntent,
    PaymentFact,
    PaymentProvider,
    RefundFact,
    RefundStatus,
    Status,
)
from sandbox.visitors import TurnedAway
from tests.integrations.adapters import PHONE, PaymentRig

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/bills/7/"
RENT = Decimal("541.83")


def rent(number: str = "P1", amount: Decimal = RENT, lives: timedelta = timedelta(minutes=30)) -> PayIntent:
    return PayIntent(number, amount, "租金 第1期 & more=yes", clock.now() + lives, BACK)


def paid(rig: PaymentRig, number: str = "P1") -> PaymentFact:
    rig.agree(rig.page(rent(number)), PHONE)
    return rig.make().query(number)


def told(rig: PaymentRig, at: datetime | None = None) -> list[Notice]:
    return rig.told(at or clock.now())


def settled(rig: PaymentRig, refund_no: str, request_no: str = "P1") -> RefundFact:
    """A refund once the banks have done their part."""
    rig.settle(clock.now() + timedelta(minutes=1))
    return rig.make().query_refund(request_no, refund_no)


# payments


def test_a_number_that_nobody_paid_on_is_not_found(payments: PaymentProvider) -> None:
    assert payments.query("P404").status is Status.NOT_FOUND


def test_a_page_that_the_customer_opened_is_open(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    url = payment_rig.page(rent())
    assert provider.query("P1").status in (Status.NOT_FOUND, Status.OPEN)  # some know it before the customer comes
    payment_rig.look(url, PHONE)
    fact = provider.query("P1")
    assert (fact.status, fact.amount, fact.paid_at) == (Status.OPEN, RENT, None)


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_paid_page_is_a_success_with_amount_payer_and_time(payment_rig: PaymentRig, device: Device) -> None:
    provider = payment_rig.make()
    intent = PayIntent("P1", RENT, "租金", clock.now() + timedelta(minutes=30), BACK, device)
    back = payment_rig.agree(payment_rig.page(intent), PHONE)
    assert back.startswith(BACK) or isinstance(
        provider.pay(replace(intent, request_no="P2")), Code
    )  # a code leads nowhere
    fact = provider.query("P1")
    assert (fact.status, fact.amount, fact.currency) == (Status.SUCCEEDED, RENT, "CNY")
    assert fact.payer
    assert fact.trade_no
    assert fact.merchant_id == provider.merchant_id
    assert fact.paid_at is not None
    assert abs(fact.paid_at - clock.now()) < timedelta(seconds=30)


def test_two_customers_are_two_payers(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    payment_rig.agree(payment_rig.page(rent("P1")), PHONE)
    payment_rig.agree(payment_rig.page(rent("P2")), "13900020002")
    assert provider.query("P1").payer != provider.query("P2").payer


def test_the_notice_says_what_the_query_says(payment_rig: PaymentRig) -> None:
    asked = paid(payment_rig)
    [notice] = told(payment_rig)
    assert notice.kind == "payment"
    assert notice.fact == asked


def test_a_page_pressed_twice_is_paid_once(payment_rig: PaymentRig) -> None:
    page = payment_rig.page(rent())
    payment_rig.agree(page, PHONE)
    first = payment_rig.make().query("P1")
    payment_rig.agree(page, PHONE)
    assert payment_rig.make().query("P1") == first
    assert len(told(payment_rig)) == 1


def test_closing_ends_an_open_payment(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    url = payment_rig.page(rent())
    payment_rig.look(url, PHONE)
    assert provider.close("P1").status is Status.CLOSED
    assert provider.close("P1").status is Status.CLOSED
    with pytest.raises(TurnedAway):
        payment_rig.agree(url, PHONE)
    assert provider.query("P1").status is Status.CLOSED


def test_closing_what_was_paid_tells_of_the_payment(payment_rig: PaymentRig) -> None:
    asked = paid(payment_rig)
    assert payment_rig.make().close("P1") == asked


def test_closing_what_nobody_opened_says_not_found(payments: PaymentProvider) -> None:
    assert payments.close("P404").status is Status.NOT_FOUND


def test_the_same_number_with_another_amount_opens_no_page(payment_rig: PaymentRig) -> None:
    paid(payment_rig)
    with pytest.raises((TurnedAway, ProviderRefused)):
        payment_rig.look(payment_rig.page(rent("P1", RENT + 1)), PHONE)


# refunds


def test_a_refund_moves_money_once_for_one_number(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    paid(payment_rig)
    first = provider.refund("P1", "R1", Decimal("100.00"), "早还")
    done = settled(payment_rig, "R1")
    again = provider.refund("P1", "R1", Decimal("100.00"), "早还")
    assert first.status in (RefundStatus.SUCCEEDED, RefundStatus.PENDING)
    assert (done.status, done.amount) == (RefundStatus.SUCCEEDED, Decimal("100.00"))
    assert (again.status, again.amount) == (RefundStatus.SUCCEEDED, Decimal("100.00"))
    assert provider.query_refund("P1", "R1") == again
    provider.refund("P1", "R2", RENT - Decimal("100.00"), "rest")  # fails if R1 had moved 200
    assert settled(payment_rig, "R2").status is RefundStatus.SUCCEEDED


def test_a_refund_number_keeps_its_amount(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    paid(payment_rig)
    provider.refund("P1", "R1", Decimal("100.00"), "")
    with pytest.raises(ProviderRefused):
        provider.refund("P1", "R1", Decimal("100.01"), "")


def test_no_more_is_refunded_than_was_paid(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    paid(payment_rig)
    with pytest.raises(ProviderRefused):
        provider.refund("P1", "R1", RENT + Decimal("0.01"), "")
    assert provider.query_refund("P1", "R1").status is RefundStatus.NOT_FOUND


def test_an_unknown_refund_is_not_found(payment_rig: PaymentRig) -> None:
    paid(payment_rig)
    assert payment_rig.make().query_refund("P1", "R404").status is RefundStatus.NOT_FOUND
    assert payment_rig.make().query_refund("P404", "R1").status is RefundStatus.NOT_FOUND


@pytest.mark.parametrize("part", [Decimal("100.00"), RENT], ids=["a part", "all"])
def test_a_refunded_payment_is_still_a_payment_that_came_in(payment_rig: PaymentRig, part: Decimal) -> None:
    provider = payment_rig.make()
    before = paid(payment_rig)
    told(payment_rig)
    provider.refund("P1", "R1", part, "")
    done = settled(payment_rig, "R1")
    after = provider.query("P1")
    [notice] = told(payment_rig, clock.now() + timedelta(minutes=2))
    assert (after.status, after.amount, after.paid_at) == (Status.SUCCEEDED, RENT, before.paid_at)
    if isinstance(notice.fact, RefundFact):
        assert notice.fact == done
        return
    assert isinstance(notice.fact, PaymentFact)  # some tell of it as of the payment
    assert (notice.fact.status, notice.fact.amount, notice.fact.trade_no) == (Status.SUCCEEDED, RENT, before.trade_no)
    assert notice.fact.refunded == part


# notices


def test_a_notice_with_one_byte_changed_is_refused(payment_rig: PaymentRig) -> None:
    paid(payment_rig)
    at = clock.now()
    [letter] = payment_rig.post(at)
    provider = payment_rig.make()
    provider.parse_notice(letter.body, letter.headers, at)
    for place in range(0, len(letter.body), 37):
        changed = letter.body[:place] + bytes([letter.body[place] ^ 1]) + letter.body[place + 1 :]
        with pytest.raises(BadSignature):
            provider.parse_notice(changed, letter.headers, at)


@pytest.mark.parametrize("body", [b"", b"a=1", b"\xff\xfe", b"sign=x&sign_type=RSA2&notify_id=1", b"{}"])
def test_what_is_no_notice_is_refused(payments: PaymentProvider, body: bytes) -> None:
    with pytest.raises(BadSignature):
        payments.parse_notice(body, {}, clock.now())


def test_the_provider_repeats_a_notice_under_the_same_id_until_it_is_answered(payment_rig: PaymentRig) -> None:
    paid(payment_rig)
    first = told(payment_rig)
    assert len(first) == 1
    assert told(payment_rig, clock.now() + timedelta(days=2)) == []  # answered, so it is not repeated
