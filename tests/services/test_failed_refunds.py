"""Refunds that the provider turned back: tried again, or paid by a person (reliability.md 15, 16)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.models import Payment, Refund
from billing.rules.limits import Deed
from billing.rules.postings import Kind
from billing.services import failed_refunds, ledger, limits, refunds, settlements
from billing.services.failed_refunds import Transfer
from core.calendar import instant
from core.invariants import all_invariants, violations
from core.models import Approval
from core.services import approvals, events
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import RefundFact, RefundStatus
from notices.models import Message
from tests import things
from tests.bank import LATER, bank

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid() -> Payment:
    return things.paid(things.bill(things.lease()))


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
