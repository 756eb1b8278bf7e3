"""What every payment adapter promises, asked of each (integrations/payments)."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core import clock
from integrations.errors import BadSignature, ProviderRefused
from integrations.payments import (
    FreezeFact,
    FreezeIntent,
    Notice,
    PayIntent,
    PaymentFact,
    PaymentProvider,
    RefundStatus,
    ReleaseFact,
    Status,
)
from sandbox.visitors import TurnedAway
from tests.integrations.adapters import PHONE, PaymentRig

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/bills/7/"
RENT = Decimal("541.83")
DEPOSIT = Decimal("3000.00")


def rent(number: str = "P1", amount: Decimal = RENT, lives: timedelta = timedelta(minutes=30)) -> PayIntent:
    return PayIntent(number, amount, "租金 第1期 & more=yes", clock.now() + lives, BACK)


def deposit(number: str = "F1") -> FreezeIntent:
    return FreezeIntent("O1", number, DEPOSIT, "押金", clock.now() + timedelta(hours=2), BACK)


def paid(rig: PaymentRig, number: str = "P1") -> PaymentFact:
    rig.agree(rig.make().pay(rent(number)).url, PHONE)
    return rig.make().query(number)


def frozen(rig: PaymentRig) -> FreezeFact:
    rig.agree(rig.make().freeze(deposit()).url, PHONE)
    return rig.make().query_freeze("O1", "F1")


def told(rig: PaymentRig, at: datetime | None = None) -> list[Notice]:
    return [rig.make().parse_notice(body, {}) for body in rig.post(at or clock.now())]


# payments


def test_a_number_that_nobody_paid_on_is_not_found(payments: PaymentProvider) -> None:
    assert payments.query("P404").status is Status.NOT_FOUND


def test_a_page_that_the_customer_opened_is_open(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    url = provider.pay(rent()).url
    assert provider.query("P1").status is Status.NOT_FOUND
    payment_rig.look(url, PHONE)
    fact = provider.query("P1")
    assert (fact.status, fact.amount, fact.paid_at) == (Status.OPEN, RENT, None)


@pytest.mark.parametrize("channel", ["page", "wap"])
def test_a_paid_page_is_a_success_with_amount_payer_and_time(payment_rig: PaymentRig, channel: str) -> None:
    provider = payment_rig.make()
    intent = PayIntent("P1", RENT, "租金", clock.now() + timedelta(minutes=30), BACK, channel)  # type: ignore[arg-type]
    back = payment_rig.agree(provider.pay(intent).url, PHONE)
    assert back.startswith(BACK)
    fact = provider.query("P1")
    assert (fact.status, fact.amount, fact.currency) == (Status.SUCCEEDED, RENT, "CNY")
    assert fact.payer
    assert fact.trade_no
    assert fact.merchant_id == provider.merchant_id
    assert fact.paid_at is not None
    assert abs(fact.paid_at - clock.now()) < timedelta(seconds=30)


def test_two_customers_are_two_payers(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    payment_rig.agree(provider.pay(rent("P1")).url, PHONE)
    payment_rig.agree(provider.pay(rent("P2")).url, "13900020002")
    assert provider.query("P1").payer != provider.query("P2").payer


def test_the_notice_says_what_the_query_says(payment_rig: PaymentRig) -> None:
    asked = paid(payment_rig)
    [notice] = told(payment_rig)
    assert notice.kind == "payment"
    assert notice.fact == asked


def test_a_page_pressed_twice_is_paid_once(payment_rig: PaymentRig) -> None:
    first, second = paid(payment_rig), paid(payment_rig)
    assert first == second
    assert len(told(payment_rig)) == 1


def test_closing_ends_an_open_payment(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    url = provider.pay(rent()).url
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
    with pytest.raises(TurnedAway, match="did not open"):
        payment_rig.look(payment_rig.make().pay(rent("P1", RENT + 1)).url, PHONE)


# refunds


def test_a_refund_moves_money_once_for_one_number(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    paid(payment_rig)
    first = provider.refund("P1", "R1", Decimal("100.00"), "早还")
    again = provider.refund("P1", "R1", Decimal("100.00"), "早还")
    assert (first.status, first.amount) == (RefundStatus.SUCCEEDED, Decimal("100.00"))
    assert (again.status, again.amount) == (RefundStatus.SUCCEEDED, Decimal("100.00"))
    assert provider.query_refund("P1", "R1") == again
    rest = provider.refund("P1", "R2", RENT - Decimal("100.00"), "rest")  # fails if R1 had moved 200
    assert rest.status is RefundStatus.SUCCEEDED


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
    after = provider.query("P1")
    [notice] = told(payment_rig)
    assert (after.status, after.amount, after.paid_at) == (Status.SUCCEEDED, RENT, before.paid_at)
    assert isinstance(notice.fact, PaymentFact)
    assert (notice.fact.status, notice.fact.amount, notice.fact.trade_no) == (Status.SUCCEEDED, RENT, before.trade_no)
    assert notice.fact.refunded == part


# deposits


def test_a_freeze_holds_the_amount(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    url = provider.freeze(deposit()).url
    assert provider.query_freeze("O1", "F1").status is Status.NOT_FOUND
    payment_rig.look(url, PHONE)
    assert provider.query_freeze("O1", "F1").status is Status.OPEN
    payment_rig.agree(url, PHONE)
    fact = provider.query_freeze("O1", "F1")
    assert (fact.status, fact.amount, fact.mode, fact.rest) == (Status.SUCCEEDED, DEPOSIT, "FUND", DEPOSIT)
    assert fact.merchant_id == provider.merchant_id
    assert fact.auth_no
    assert fact.payer
    assert fact.frozen_at is not None
    [notice] = told(payment_rig)
    assert (notice.kind, notice.fact) == ("freeze", fact)


def test_a_freeze_asked_for_twice_is_one_page(payments: PaymentProvider) -> None:
    assert payments.freeze(deposit()) == payments.freeze(deposit())


def test_a_release_gives_back_once_for_one_number(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    auth_no = frozen(payment_rig).auth_no
    told(payment_rig)
    assert provider.query_release(auth_no, "U1").status is Status.NOT_FOUND
    first = provider.unfreeze(auth_no, "U1", Decimal("1000.00"), "归还")
    assert provider.unfreeze(auth_no, "U1", Decimal("1000.00"), "归还") == first
    assert (first.status, first.amount, first.order_no) == (Status.SUCCEEDED, Decimal("1000.00"), "O1")
    assert provider.query_release(auth_no, "U1") == first
    assert provider.query_freeze("O1", "F1").rest == Decimal("2000.00")
    [notice] = told(payment_rig)
    assert isinstance(notice.fact, ReleaseFact)
    assert (notice.kind, notice.fact) == ("release", first)


def test_a_release_number_keeps_its_amount(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    auth_no = frozen(payment_rig).auth_no
    provider.unfreeze(auth_no, "U1", Decimal("1000.00"), "归还")
    with pytest.raises(ProviderRefused):
        provider.unfreeze(auth_no, "U1", Decimal("999.00"), "归还")


def test_no_more_is_released_than_is_held(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    auth_no = frozen(payment_rig).auth_no
    provider.unfreeze(auth_no, "U1", Decimal("2999.99"), "归还")
    with pytest.raises(ProviderRefused):
        provider.unfreeze(auth_no, "U2", Decimal("0.02"), "归还")


def test_a_capture_is_a_payment_out_of_the_hold(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    auth_no = frozen(payment_rig).auth_no
    told(payment_rig)
    fact = provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False)
    assert (fact.status, fact.amount) == (Status.SUCCEEDED, Decimal("500.00"))
    assert provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False) == fact
    assert provider.query_freeze("O1", "F1").rest == Decimal("2500.00")
    assert [notice.fact for notice in told(payment_rig)] == [fact]


def test_a_final_capture_gives_the_rest_back(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    auth_no = frozen(payment_rig).auth_no
    told(payment_rig)
    provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=True)
    assert provider.query_freeze("O1", "F1").rest == Decimal("0.00")
    assert sorted(notice.kind for notice in told(payment_rig)) == ["payment", "release"]


def test_no_more_is_captured_than_is_held(payment_rig: PaymentRig) -> None:
    auth_no = frozen(payment_rig).auth_no
    with pytest.raises(ProviderRefused):
        payment_rig.make().capture(auth_no, "C1", DEPOSIT + Decimal("0.01"), "屏幕", final=True)


def test_cancelling_before_the_customer_agrees_ends_it(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    url = provider.freeze(deposit()).url
    assert provider.cancel_freeze("O1", "F1").status is Status.CLOSED
    with pytest.raises(TurnedAway):
        payment_rig.agree(url, PHONE)
    assert provider.query_freeze("O1", "F1").status is not Status.SUCCEEDED


def test_cancelling_after_it_gives_everything_back(payment_rig: PaymentRig) -> None:
    provider = payment_rig.make()
    frozen(payment_rig)
    assert provider.cancel_freeze("O1", "F1").status is Status.CLOSED
    assert provider.query_freeze("O1", "F1").rest == Decimal("0.00")


def test_cancelling_the_unknown_says_not_found(payments: PaymentProvider) -> None:
    assert payments.cancel_freeze("O404", "F404").status is Status.NOT_FOUND


# notices


def test_a_notice_with_one_byte_changed_is_refused(payment_rig: PaymentRig) -> None:
    paid(payment_rig)
    [body] = payment_rig.post(clock.now())
    changed = body.replace(b"541.83", b"541.84")
    assert changed != body
    with pytest.raises(BadSignature):
        payment_rig.make().parse_notice(changed, {})


@pytest.mark.parametrize("body", [b"", b"a=1", b"\xff\xfe", b"sign=x&sign_type=RSA2&notify_id=1", b"{}"])
def test_what_is_no_notice_is_refused(payments: PaymentProvider, body: bytes) -> None:
    with pytest.raises(BadSignature):
        payments.parse_notice(body, {})


def test_the_provider_repeats_a_notice_under_the_same_id_until_it_is_answered(payment_rig: PaymentRig) -> None:
    assert payment_rig.make().acknowledgement()
    paid(payment_rig)
    first = told(payment_rig)
    assert len(first) == 1
    assert told(payment_rig, clock.now() + timedelta(days=2)) == []  # answered, so it is not repeated
