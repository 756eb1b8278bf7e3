"""Giving money back (reliability.md 15, 16)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Payment, Refund
from billing.services import leases, payments, refunds
from core.models import OutboxMessage
from core.services import events
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import RefundFact, RefundStatus
from tests import things
from tests.bank import LATER, bank
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid() -> Payment:
    return things.paid(things.bill(things.lease()))


def test_a_request_is_an_intent_with_its_work_in_the_outbox(paid: Payment) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    assert (refund.state, refund.amount) == ("REQUESTED", Decimal(100))
    assert OutboxMessage.objects.get(topic="refund.requested").payload == {"refund_id": refund.pk}


def test_refunds_never_come_to_more_than_was_received(paid: Payment) -> None:
    refunds.request(paid.pk, Decimal(500), "test", things.AT, things.lease_of(paid))
    with pytest.raises(refunds.RefundTooLarge) as refusal:
        refunds.request(paid.pk, Decimal("51.84"), "test", things.AT, things.lease_of(paid))
    assert refusal.value.params == {"most": Decimal("51.83")}
    assert Refund.objects.count() == 1


def test_only_received_money_goes_back() -> None:
    payment = things.attempt(things.bill(things.lease()))
    with pytest.raises(refunds.PaymentNotReceived):
        refunds.request(payment.pk, Decimal(1), "test", things.AT, things.lease_of(payment))


@pytest.mark.parametrize("column", ["amount = 1", "number = 'another'"])
def test_the_database_keeps_an_intents_number_and_amount(paid: Payment, column: str) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    with pytest.raises(IntegrityError, match="keeps"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_refund SET {column} WHERE id = %s", [refund.pk])


def test_everything_laid_on_a_lease_goes_back_once() -> None:
    lease = things.lease()
    things.paid(things.bill(lease))
    things.paid(things.bill(lease, 2), at=LATER)
    leases.void(lease.pk, LATER)
    assert [refund.amount for refund in refunds.give_back(lease.pk, "cancelled", LATER)] == [Decimal("551.83")] * 2
    assert refunds.give_back(lease.pk, "cancelled", LATER) == []


def test_a_payment_for_two_leases_gives_back_the_share_of_one() -> None:
    of = things.customer()
    one, two = things.lease(of), things.lease(of)
    payment = things.paid(things.bill(one), things.bill(two), things.bill(two, 2))
    (refund,) = refunds.give_back(one.pk, "cancelled", LATER)
    assert (refund.payment, refund.amount, refund.lease) == (payment, Decimal("551.83"), one)
    (other,) = refunds.give_back(two.pk, "cancelled", LATER)
    assert other.amount == Decimal("1103.66")


def test_late_money_that_went_back_by_itself_does_not_go_back_again() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    leases.void(lease.pk, things.AT)
    payments.capture(things.ALIPAY, things.success(payment), LATER)
    assert refunds.give_back(lease.pk, "cancelled", LATER) == []
    assert Refund.objects.count() == 1


def test_a_refund_of_an_earlier_reason_is_counted(paid: Payment) -> None:
    lease = paid.items.get().bill.lease
    refunds.request(paid.pk, Decimal(51), "reduction", things.AT, lease)
    (refund,) = refunds.give_back(lease.pk, "cancelled", LATER)
    assert refund.amount == Decimal("500.83")


def test_a_time_out_is_sent_again_with_the_same_number(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    provider = bank(monkeypatch, ProviderUnavailable("time-out"), RefundStatus.SUCCEEDED)
    with pytest.raises(ProviderUnavailable):
        refunds.send(refund.pk, LATER)
    assert refunds.send(refund.pk, LATER).state == "SUCCEEDED"
    assert provider.requests == [("refund", refund.number, Decimal(100))] * 2
    refunds.send(refund.pk, LATER)
    assert len(provider.requests) == 2  # done is done


def test_a_pending_refund_is_asked_about_until_it_came(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    bank(monkeypatch, RefundStatus.PENDING, RefundStatus.PENDING, RefundStatus.SUCCEEDED)
    assert refunds.send(refund.pk, LATER).state == "REQUESTED"
    assert refunds.to_ask(LATER) == [refund.pk]
    assert refunds.ask(refund.pk, LATER).state == "REQUESTED"
    assert refunds.ask(refund.pk, LATER).refunded_at == LATER
    assert refunds.to_ask(LATER) == []


def test_a_refund_that_never_arrived_is_sent_again(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    provider = bank(monkeypatch, RefundStatus.NOT_FOUND, RefundStatus.SUCCEEDED)
    assert refunds.ask(refund.pk, LATER).state == "SUCCEEDED"
    assert [request[0] for request in provider.requests] == ["query", "refund"]


def test_a_final_no_is_left_to_an_operator(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    bank(monkeypatch, ProviderRefused("ACQ.TRADE_HAS_FINISHED"))
    assert refunds.send(refund.pk, LATER).state == "FAILED"
    assert events.of(refund).reverse()[0].facts == {"provider_code": "ACQ.TRADE_HAS_FINISHED"}
    paid = things.again(paid)
    assert paid.refunded == Decimal(100)  # it is still owed to the customer, another way


def test_another_amount_than_ours_is_an_event_and_no_success(paid: Payment) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    fact = RefundFact(paid.number, refund.number, RefundStatus.SUCCEEDED, Decimal(99), LATER)
    assert refunds.apply(fact, LATER).state == "REQUESTED"
    assert events.of(refund).reverse()[0].kind == "refund_mismatch"


def test_giving_back_locks_the_lease_before_its_payments(paid: Payment) -> None:
    lease = paid.items.get().bill.lease
    with CaptureQueriesContext(connection) as seen:
        refunds.give_back(lease.pk, "cancelled", LATER)
    assert locks(seen) == ["billing_lease", "billing_payment", "billing_payment"]


@things.at_work
def test_a_refund_over_the_wire() -> None:
    lease = things.lease()
    payment = things.attempt(things.bill(lease))
    things.pay_at_cashier(payment)
    payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER)
    refund = refunds.request(payment.pk, Decimal(100), "test", LATER, things.lease_of(payment))
    assert refunds.send(refund.pk, LATER).state == "SUCCEEDED"
    # Alipay tells of a partial refund with TRADE_SUCCESS again: nothing new
    assert not payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER).news
    rest = refunds.request(payment.pk, payment.amount - 100, "test", LATER, things.lease_of(payment))
    assert refunds.ask(rest.pk, LATER).state == "SUCCEEDED"
    # and of a full one with TRADE_CLOSED: the money did come in
    assert not payments.capture(things.ALIPAY, payments.ask(payment.pk), LATER).news
    assert Payment.objects.get(pk=payment.pk).state == "SUCCEEDED"
