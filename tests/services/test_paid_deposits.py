"""A deposit that cannot be frozen is paid: held for the customer, nobody's income, given back once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.invariants import INVARIANTS
from billing.models import Deposit, Lease, Payment, Refund
from billing.rules.postings import Kind
from billing.services import deposits, holding, leases, ledger, payments, refunds, standing, statements
from core import invariants
from core.models import OutboxMessage
from integrations.payments import RefundFact, RefundStatus
from tests import things

pytestmark = pytest.mark.django_db
LATER = things.AT + timedelta(minutes=5)


@pytest.fixture
def lease() -> Lease:
    return things.lease(deposit="2000", waived="500")


def attempt(lease: Lease) -> Payment:
    deposit = Deposit.objects.get(lease=lease)
    return payments.open_deposit(deposit.pk, "wechat", at=things.AT, expires_at=things.AT + timedelta(minutes=30))


def paid(lease: Lease) -> Payment:
    payment = attempt(lease)
    payments.capture("wechat", things.success(payment), LATER)
    return Payment.objects.get(pk=payment.pk)


def given_back(refund: Refund, status: RefundStatus = RefundStatus.SUCCEEDED) -> None:
    refunds.apply(RefundFact(refund.payment.number, refund.number, status, refund.amount, LATER), LATER)


def released(lease: Lease) -> None:
    deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    refunds.give_back_deposit(lease.pk, "settled", LATER)


def state(lease: Lease) -> str:
    return str(Deposit.objects.get(lease=lease).state)


def held(lease: Lease) -> Decimal:
    return ledger.account(Kind.DEPOSIT_HELD, customer=lease.customer_id).amount


def test_a_paid_deposit_is_secured_and_stands_in_the_ledger_as_held(lease: Lease) -> None:
    payment = paid(lease)
    assert (payment.amount, payment.holds, state(lease)) == (Decimal(1500), True, Deposit.State.SECURED)
    assert held(lease) == Decimal(1500)
    assert ledger.account(Kind.CLEARING, channel="wechat").amount == Decimal(1500)
    assert statements.credit_balance(lease.customer) == 0


def test_one_attempt_at_a_time(lease: Lease) -> None:
    first = attempt(lease)
    with pytest.raises(payments.AttemptOpen) as refusal:
        attempt(lease)
    assert refusal.value.payment == first


def test_nothing_is_paid_for_a_deposit_that_is_waived_secured_or_not_signed(lease: Lease) -> None:
    with pytest.raises(holding.DepositNotDue):
        attempt(things.lease(deposit="2000", waived="2000"))
    with pytest.raises(holding.DepositNotSigned):
        attempt(things.lease(deposit="2000", signed=False))
    paid(lease)
    with pytest.raises(holding.DepositNotDue):
        attempt(lease)


def test_the_notice_told_twice_is_posted_once(lease: Lease) -> None:
    payment = paid(lease)
    assert not payments.capture("wechat", things.success(payment), LATER).news
    assert held(lease) == Decimal(1500)


def test_a_deposit_paid_after_the_lease_was_void_goes_back_by_itself(lease: Lease) -> None:
    payment = attempt(lease)
    leases.void(lease.pk, things.AT)
    captured = payments.capture("wechat", things.success(payment), LATER)
    assert captured.refund is not None
    assert captured.refund.amount == Decimal(1500)
    assert state(lease) == Deposit.State.DUE
    assert held(lease) == 0


def test_a_deposit_paid_when_it_was_frozen_meanwhile_goes_back_by_itself(lease: Lease) -> None:
    payment = attempt(lease)
    freeze = things.freeze(lease)
    deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER)
    refund = payments.capture("wechat", things.success(payment), LATER).refund
    assert refund is not None
    assert (refund.deposit, refund.amount) == (None, Decimal(1500))
    assert held(lease) == 0


def test_it_is_given_back_once_and_released_when_the_refund_arrived(lease: Lease) -> None:
    paid(lease)
    for _ in range(2):
        released(lease)
    refund = Refund.objects.get()
    assert (refund.amount, refund.deposit, state(lease)) == (Decimal(1500), lease.deposit, Deposit.State.RELEASING)
    assert held(lease) == 0
    given_back(refund)
    given_back(refund)
    assert state(lease) == Deposit.State.RELEASED
    assert ledger.account(Kind.CLEARING, channel="wechat").amount == 0


def test_a_refund_turned_back_days_later_leaves_the_deposit_with_an_operator(lease: Lease) -> None:
    paid(lease)
    released(lease)
    given_back(Refund.objects.get(), RefundStatus.FAILED)
    assert (Refund.objects.get().state, state(lease)) == (Refund.State.FAILED, Deposit.State.RELEASING)
    assert ledger.account(Kind.REFUNDS_PAYABLE).amount == Decimal(1500)
    given_back(Refund.objects.get())  # paid out again under its number
    assert state(lease) == Deposit.State.RELEASED


def test_an_abandoned_lease_has_its_open_attempt_closed(lease: Lease) -> None:
    payment = attempt(lease)
    standing.abandon(lease.pk, things.AT)
    asked = OutboxMessage.objects.filter(topic="attempt.close_requested").values_list("payload", flat=True)
    assert list(asked) == [{"payment_id": payment.pk}]


def test_every_invariant_holds_at_every_step(lease: Lease) -> None:
    def broken() -> list[str]:
        return [one.number for one in INVARIANTS if invariants.violations(one)]

    attempt_of = attempt(lease)
    assert broken() == []
    payments.capture("wechat", things.success(attempt_of), LATER)
    assert broken() == []
    released(lease)
    assert broken() == []
    given_back(Refund.objects.get())
    assert broken() == []
