"""Giving money back (reliability.md 15, 16)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Payment, Refund
from billing.rules.limits import Deed
from billing.rules.postings import Kind
from billing.services import failed_refunds, leases, ledger, limits, payments, refunds, settlements
from billing.services.failed_refunds import Transfer
from core.calendar import instant
from core.invariants import all_invariants, violations
from core.models import Approval, OutboxMessage
from core.services import approvals, events
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import RefundFact, RefundStatus
from notices.models import Message
from tests import things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
LATER = things.AT + timedelta(minutes=5)


class Bank:
    """A provider whose answers to refunds are set by the test, the last one for ever; it keeps what it was asked."""

    merchant_id = "-"

    def __init__(self, *answers: RefundStatus | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str, Decimal | None]] = []

    def refund(self, request_no: str, refund_no: str, amount: Decimal, reason: str) -> RefundFact:
        self.requests.append(("refund", refund_no, amount))
        return self._answer(request_no, refund_no, amount)

    def query_refund(self, request_no: str, refund_no: str) -> RefundFact:
        self.requests.append(("query", refund_no, None))
        return self._answer(request_no, refund_no, Refund.objects.get(number=refund_no).amount)

    def _answer(self, request_no: str, refund_no: str, amount: Decimal) -> RefundFact:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return RefundFact(request_no, refund_no, answer, amount, LATER)


@pytest.fixture
def paid() -> Payment:
    return things.paid(things.bill(things.lease()))


def bank(monkeypatch: pytest.MonkeyPatch, *answers: RefundStatus | Exception) -> Bank:
    made = Bank(*answers)
    monkeypatch.setattr(registry, "payments", lambda name: made)
    return made


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


# failed days later


def failed(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> Refund:
    """Accepted first and turned back three days later, as WeChat Pay does with a closed bank account."""
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, paid.items.get().bill.lease)
    bank(monkeypatch, RefundStatus.PENDING, RefundStatus.FAILED)
    assert refunds.send(refund.pk, LATER).state == "REQUESTED"
    assert refunds.ask(refund.pk, LATER + timedelta(days=3)).state == "FAILED"
    return things.again(refund)


FOUR_DAYS = LATER + timedelta(days=4)


def transfer(of: Refund) -> Transfer:
    return Transfer(of.number, of.amount, "B-2026-0007", FOUR_DAYS, "to his account at ICBC, slip 7")


def told(of: Payment, template: str) -> int:
    return Message.objects.filter(user=of.customer.user, template=template, channel="IN_APP").count()


def sound() -> bool:
    return not [one.number for one in all_invariants() if violations(one)]


def test_a_refund_turned_back_days_later_is_told_to_the_customer_once(
    paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = failed(paid, monkeypatch)
    refunds.apply(RefundFact(paid.number, refund.number, RefundStatus.FAILED, refund.amount, None), FOUR_DAYS)
    assert told(paid, "refund_failed") == 1
    assert things.again(paid).refunded == Decimal(100)


def test_it_is_tried_again_under_a_new_number_for_the_same_money(
    paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = failed(paid, monkeypatch)
    bank(monkeypatch, RefundStatus.FAILED, RefundStatus.SUCCEEDED)
    again = failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    assert again.number != refund.number
    assert (again.replaces, again.amount, again.lease, again.payment) == (refund, refund.amount, refund.lease, paid)
    assert things.again(refund).state == "REPLACED"
    assert things.again(paid).refunded == Decimal(100)  # it is the same money
    assert sound()
    assert refunds.send(again.pk, FOUR_DAYS).state == "SUCCEEDED"
    assert ledger.account(Kind.REFUNDS_PAYABLE).amount == 0
    assert refunds.give_back(refund.lease_id or 0, "cancelled", FOUR_DAYS)[0].amount == paid.amount - 100
    assert sound()


def test_one_that_came_after_all_is_not_sent_again(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    provider = bank(monkeypatch, RefundStatus.SUCCEEDED)
    with pytest.raises(failed_refunds.RefundNotFailed):
        failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    assert things.again(refund).state == "SUCCEEDED"
    assert [request[0] for request in provider.requests] == ["query"]
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("answer", [RefundStatus.PENDING, ProviderUnavailable("down")])
def test_as_long_as_nothing_is_known_nothing_is_sent_again(
    paid: Payment, monkeypatch: pytest.MonkeyPatch, answer: RefundStatus | Exception
) -> None:
    refund = failed(paid, monkeypatch)
    bank(monkeypatch, answer)
    with pytest.raises((failed_refunds.RefundNotFailed, ProviderUnavailable)):
        failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    assert things.again(refund).state == "FAILED"
    assert Refund.objects.count() == 1


def test_only_one_successor_and_a_late_success_of_the_old_one_is_an_event(
    paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = failed(paid, monkeypatch)
    bank(monkeypatch, RefundStatus.FAILED, RefundStatus.FAILED)
    failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    with pytest.raises(failed_refunds.RefundNotFailed):
        failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    fact = RefundFact(paid.number, refund.number, RefundStatus.SUCCEEDED, refund.amount, FOUR_DAYS)
    for _ in range(2):
        assert refunds.apply(fact, FOUR_DAYS).state == "REPLACED"
    assert events.of(refund).filter(kind="refund_twice").count() == 1


def test_a_person_pays_it_another_way_and_says_how(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    done = things.again(refund)
    assert (done.state, done.reference, done.refunded_at) == ("SUCCEEDED", "B-2026-0007", FOUR_DAYS)
    assert told(paid, "refund_by_hand") == 1
    assert ledger.account(Kind.CLEARING, channel="offline").credits == Decimal(100)
    assert events.of(refund).get(kind="refund_paid_by_hand").facts["note"] == "to his account at ICBC, slip 7"
    with pytest.raises(failed_refunds.RefundNotFailed):
        failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    assert sound()


def test_what_the_provider_paid_meanwhile_is_not_paid_by_hand(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    bank(monkeypatch, RefundStatus.SUCCEEDED)
    with pytest.raises(failed_refunds.RefundCame):
        failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    done = things.again(refund)
    assert (done.state, done.reference) == ("SUCCEEDED", "")
    assert ledger.account(Kind.CLEARING, channel="offline").credits == 0
    assert ledger.account(Kind.CLEARING, channel="alipay").credits == Decimal(100)
    assert sound()


def test_nor_by_a_second_persons_yes(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    limits.set_most(Deed.BY_HAND, Decimal(0), things.operator(), LATER)
    asked = failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    bank(monkeypatch, RefundStatus.SUCCEEDED)
    with pytest.raises(failed_refunds.RefundCame):
        failed_refunds.carry_out(asked.pk, "operator:2", FOUR_DAYS)
    assert (things.again(refund).state, things.again(refund).reference) == ("SUCCEEDED", "")
    assert things.again(asked).state == Approval.State.REQUESTED
    assert sound()


@pytest.mark.parametrize("answer", [RefundStatus.PENDING, ProviderUnavailable("down")])
def test_as_long_as_nothing_is_known_nothing_is_paid_by_hand(
    paid: Payment, monkeypatch: pytest.MonkeyPatch, answer: RefundStatus | Exception
) -> None:
    refund = failed(paid, monkeypatch)
    bank(monkeypatch, answer)
    with pytest.raises((failed_refunds.RefundPending, ProviderUnavailable)):
        failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    assert (things.again(refund).state, things.again(refund).reference) == ("FAILED", "")


def test_where_the_provider_refuses_to_say_a_second_person_vouches_whatever_the_amount(
    paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our account there was closed: it will never answer, and the customer still waits for his money."""
    refund = failed(paid, monkeypatch)
    bank(monkeypatch, ProviderRefused("ACCESS_FORBIDDEN"))
    with pytest.raises(ProviderRefused):
        failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    asked = failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    assert isinstance(asked, Approval)
    assert things.again(refund).state == "FAILED"
    assert failed_refunds.carry_out(asked.pk, "operator:2", FOUR_DAYS).state == "SUCCEEDED"
    assert sound()


def test_a_transfer_is_recorded_once_and_not_ahead_of_time(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    with pytest.raises(failed_refunds.TransferInFuture):
        failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS - timedelta(minutes=1))
    failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    other = refunds.request(paid.pk, Decimal(50), "test", things.AT, things.lease_of(paid))
    bank(monkeypatch, ProviderRefused("no"))
    refunds.send(other.pk, LATER)
    with pytest.raises(failed_refunds.ReferenceUsed):
        failed_refunds.pay(transfer(other), "operator:1", FOUR_DAYS)


def test_above_the_limit_a_second_person_records_it(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    limits.set_most(Deed.BY_HAND, Decimal("99.99"), things.operator(), LATER)
    asked = failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    assert isinstance(asked, Approval)
    assert things.again(refund).state == "FAILED"
    with pytest.raises(approvals.SamePerson):
        failed_refunds.carry_out(asked.pk, "operator:1", FOUR_DAYS)
    assert failed_refunds.carry_out(asked.pk, "operator:2", FOUR_DAYS).state == "SUCCEEDED"
    assert events.of(refund).get(kind="refund_paid_by_hand").actor == "operator:1"
    with pytest.raises(approvals.ApprovalOver):
        failed_refunds.carry_out(asked.pk, "operator:2", FOUR_DAYS)
    assert sound()


def test_what_was_approved_is_void_once_the_refund_came(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    refund = failed(paid, monkeypatch)
    limits.set_most(Deed.BY_HAND, Decimal(0), things.operator(), LATER)
    asked = failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)
    refunds.apply(RefundFact(paid.number, refund.number, RefundStatus.SUCCEEDED, refund.amount, LATER), FOUR_DAYS)
    with pytest.raises(failed_refunds.RefundNotFailed):
        failed_refunds.carry_out(asked.pk, "operator:2", FOUR_DAYS)
    assert things.again(refund).reference == ""


def test_one_under_way_is_not_paid_by_hand(paid: Payment) -> None:
    refund = refunds.request(paid.pk, Decimal(100), "test", things.AT, things.lease_of(paid))
    with pytest.raises(failed_refunds.RefundNotFailed):
        failed_refunds.pay(transfer(refund), "operator:1", FOUR_DAYS)


def test_the_merchant_is_charged_once_for_money_that_went_back_at_the_second_try(
    paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = failed(paid, monkeypatch)
    assert refund.lease is not None
    settlements.set_commission(refund.lease.merchant, Decimal("0.1"), date(2026, 1, 1), things.operator())
    bank(monkeypatch, RefundStatus.FAILED)
    failed_refunds.try_again(refund.pk, "operator:1", FOUR_DAYS)
    made = settlements.issue(refund.lease.merchant_id, date(2026, 3, 1), instant(date(2026, 4, 1), 10))
    assert made is not None
    assert made.refunded == Decimal(100)
    assert sound()
