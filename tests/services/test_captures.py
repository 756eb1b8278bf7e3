"""A part of the deposit is kept for what an ended lease owes (G5, H5, domain.md §7, reliability.md 21, 22)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Deposit, DepositDeduction, DepositFreeze, DepositRelease, Payment, PaymentChannel, Refund
from billing.rules.postings import Kind
from billing.services import captures, ledger, statements
from billing.services.deductions import BeingDeducted
from billing.services.payments import AttemptOpen
from billing.services.reductions import Wish
from core import calendar
from core.models import Approval
from core.services import approvals
from desk import queues
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import FreezeFact, PaymentFact, Status
from notices.models import Message
from orders.models import Order, State
from orders.services import deposit_deductions, inspections, payments, polling, reductions, returns
from sandbox.models import Freeze, Trade
from tests import make, things, walks
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
ONE, OTHER = "operator:1", "operator:2"
OVER = make.AT + timedelta(days=96)
LATER = OVER + timedelta(days=2)


def settling(**how: object) -> Order:
    """Returned and inspected, the last rent unpaid, less than is held; by default with a frozen deposit."""
    order = make.order(State.ACTIVE, slug="mini-4", months=3, **how)  # type: ignore[arg-type]
    make.pay_bill(order, 2, make.AT + timedelta(days=30))
    with make.moment(OVER):
        returns.open_return(order.pk, f"customer:{order.customer_id}", OVER)
        returns.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), OVER)
        inspections.arrive(order.pk, "merchant:1", OVER + timedelta(days=1))
        inspections.pass_device(
            order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=OVER + timedelta(days=1)
        )
    found = Order.objects.get(pk=order.pk)
    assert found.state == State.SETTLING
    return found


@pytest.fixture
def frozen() -> Order:
    return settling()


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with make.moment(LATER):
        yield


def owed(of: Order, at: datetime = LATER) -> Decimal:
    return sum((view.owed_now for view in statements.statement(of.lease, calendar.business_date(at))), Decimal(0))


def freeze_of(of: Order) -> DepositFreeze:
    return DepositFreeze.objects.get(deposit__lease=of.lease, state="FROZEN")


def approved(of: Order, most: str = "") -> DepositDeduction:
    asked = deposit_deductions.propose(of, Decimal(most) if most else None, "the last rent is open", ONE, LATER)
    return deposit_deductions.carry_out(asked.pk, OTHER, LATER)


def again(of: Order) -> Order:
    return Order.objects.get(pk=of.pk)


def test_it_is_asked_for_told_to_the_customer_and_decided_by_another(frozen: Order) -> None:
    asked = deposit_deductions.propose(frozen, None, "the last rent is open", ONE, LATER)
    grown = owed(frozen, LATER + timedelta(days=7))
    assert grown < freeze_of(frozen).held
    assert asked.payload == {
        "lease": frozen.lease.number, "kind": "DUES", "most": str(grown), "reason": "the last rent is open"
    }  # fmt: skip
    assert Message.objects.filter(template="deposit_deduction_planned").exists()
    with pytest.raises(approvals.SamePerson):
        deposit_deductions.carry_out(asked.pk, ONE, LATER)
    with pytest.raises(approvals.AlreadyAsked):
        deposit_deductions.propose(frozen, None, "once more", ONE, LATER)
    assert not DepositDeduction.objects.exists()


def test_what_is_owed_is_captured_the_rest_goes_back_and_the_order_is_completed(frozen: Order) -> None:
    due, held = owed(frozen), freeze_of(frozen).held
    assert Decimal(0) < due < held
    deduction = approved(frozen)
    assert (deduction.payment.amount, deduction.payment.state, deduction.payment.freeze) == (
        due, "OPEN", freeze_of(frozen)
    )  # fmt: skip
    assert freeze_of(frozen).captured == 0
    make.drain(LATER)
    freeze = DepositFreeze.objects.get(deposit__lease=frozen.lease)
    assert (freeze.held, freeze.captured, freeze.released) == (Decimal(0), due, held - due)
    assert again(frozen).state == State.COMPLETED
    assert not owed(frozen)
    assert Deposit.objects.get(lease=frozen.lease).state == "RELEASED"
    trade = Trade.objects.get(out_trade_no=deduction.payment.number)
    assert (trade.total_amount, trade.freeze_id is None) == (due, False)
    assert Message.objects.filter(template="deposit_deducted").exists()
    make.deliver_notices(LATER)  # the provider tells of it too
    assert Payment.objects.filter(deposit_deduction__isnull=False).count() == 1
    assert walks.broken() == {}


def test_less_may_be_taken_and_the_shortfall_stays_a_bill(frozen: Order) -> None:
    due = owed(frozen)
    approved(frozen, "100.00")
    make.drain(LATER)
    assert freeze_of(frozen).captured == Decimal(100)
    assert owed(frozen) == due - 100
    assert again(frozen).state == State.SETTLING
    approved(frozen)
    make.drain(LATER)
    assert again(frozen).state == State.COMPLETED
    assert walks.broken() == {}


def test_no_more_than_is_owed_when_it_is_carried_out(frozen: Order) -> None:
    asked = deposit_deductions.propose(frozen, None, "the last rent is open", ONE, LATER)
    reductions.give(frozen, Wish(frozen.lease.number, 3, "RENT", Decimal(50), "a goodwill"), ONE, LATER)
    due = owed(frozen)
    assert deposit_deductions.carry_out(asked.pk, OTHER, LATER).payment.amount == due


def test_nothing_is_taken_once_everything_is_paid(frozen: Order) -> None:
    asked = deposit_deductions.propose(frozen, None, "the last rent is open", ONE, LATER)
    for view in statements.statement(frozen.lease, calendar.business_date(LATER)):
        if view.owed_now:
            make.pay_bill(frozen, view.bill.number, LATER)
    assert again(frozen).state == State.COMPLETED
    with pytest.raises(deposit_deductions.NotSettling):
        deposit_deductions.carry_out(asked.pk, OTHER, LATER)
    assert Approval.objects.get(pk=asked.pk).state == "REQUESTED"
    with pytest.raises(deposit_deductions.NotSettling):
        deposit_deductions.propose(again(frozen), None, "the last rent is open", ONE, LATER)


def test_while_the_customer_pays_nothing_is_taken(frozen: Order) -> None:
    asked = deposit_deductions.propose(frozen, None, "the last rent is open", ONE, LATER)
    payments.pay_bills(frozen, [frozen.lease.bills.get(number=3).pk], LATER)
    with pytest.raises(AttemptOpen):
        deposit_deductions.carry_out(asked.pk, OTHER, LATER)
    assert Approval.objects.get(pk=asked.pk).state == "REQUESTED"


def test_while_it_is_taken_the_customer_pays_nothing_twice(frozen: Order) -> None:
    deduction = approved(frozen)
    with pytest.raises(AttemptOpen):
        payments.pay_bills(frozen, [frozen.lease.bills.get(number=3).pk], LATER)
    with pytest.raises(BeingDeducted):
        payments.page(deduction.payment, "http://testserver/")


def test_lease_deposit_freeze_bill_payment_are_locked_in_this_order(frozen: Order) -> None:
    asked = deposit_deductions.propose(frozen, None, "the last rent is open", ONE, LATER)
    with CaptureQueriesContext(connection) as queries:
        deduction = deposit_deductions.carry_out(asked.pk, OTHER, LATER)
    order = list(dict.fromkeys(locks(queries)))
    assert order[:6] == [
        "core_approval", "orders_order", "billing_lease", "billing_deposit", "billing_depositfreeze", "billing_bill"
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        deposit_deductions.send(deduction.pk, LATER)
    order = [table for table in dict.fromkeys(locks(queries)) if not table.startswith("sandbox_")]
    assert order[:6] == [
        "orders_order", "billing_lease", "billing_deposit", "billing_depositfreeze", "billing_bill", "billing_payment"
    ]  # fmt: skip


class Bank:
    """A provider whose answers to captures and questions are set by the test."""

    still_holds = True

    def __init__(self, deduction: DepositDeduction, captures: list[object], queries: list[object]) -> None:
        self.real = registry.holds("alipay")
        self.merchant_id, self.number = self.real.merchant_id, deduction.payment.number
        self.amount, self.captures, self.queries, self.sent = deduction.payment.amount, captures, queries, list[str]()

    def capture(self, auth_no: str, request_no: str, amount: Decimal, subject: str, final: bool) -> PaymentFact:
        self.sent.append(request_no)
        return self._answer(self.captures.pop(0))

    def query(self, request_no: str) -> PaymentFact:
        return self._answer(self.queries.pop(0))

    def query_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        freeze = DepositFreeze.objects.get(number=order_no)
        return things.frozen(freeze, rest=freeze.held if self.still_holds else Decimal(0))

    def _answer(self, answer: object) -> PaymentFact:
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Status)
        done = answer is Status.SUCCEEDED
        return PaymentFact(
            self.number, "T-1" if done else "", answer, self.amount if done else None, "CNY", "", LATER,
            self.merchant_id,
        )  # fmt: skip


def bank(
    monkeypatch: pytest.MonkeyPatch, deduction: DepositDeduction, captures: list[object], queries: list[object]
) -> Bank:
    made = Bank(deduction, captures, queries)
    monkeypatch.setattr(registry, "payments", lambda name: made)
    monkeypatch.setattr(registry, "holds", lambda name: made)
    return made


def test_a_time_out_is_asked_about_and_sent_again_with_its_number(
    frozen: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    deduction = approved(frozen)
    there = bank(monkeypatch, deduction, [ProviderUnavailable("time-out"), Status.SUCCEEDED], [Status.NOT_FOUND])
    with pytest.raises(ProviderUnavailable):
        deposit_deductions.send(deduction.pk, LATER)
    assert captures.to_ask(LATER + timedelta(minutes=3)) == [deduction.pk]
    assert polling.ask_open(LATER + timedelta(minutes=3)) >= 1
    assert there.sent == [deduction.payment.number] * 2
    assert freeze_of(frozen).captured == deduction.payment.amount
    assert captures.to_ask(LATER + timedelta(minutes=9)) == []
    deposit_deductions.send(deduction.pk, LATER)
    assert len(there.sent) == 2


def test_a_final_no_takes_nothing_and_waits_at_the_desk(frozen: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    deduction, due = approved(frozen), owed(frozen)
    bank(monkeypatch, deduction, [ProviderRefused("no", "no")], [Status.NOT_FOUND])
    deposit_deductions.send(deduction.pk, LATER)
    assert Payment.objects.get(pk=deduction.payment_id).state == "CLOSED"
    assert (freeze_of(frozen).captured, owed(frozen)) == (Decimal(0), due)
    queue = queues.get("deductions")
    assert queue is not None
    (row,) = queues.show(queue, LATER).rows
    assert row.amount == deduction.payment.amount
    assert approved(frozen).payment.state == "OPEN"
    assert queues.show(queue, LATER).rows == []


def test_a_final_no_because_the_freeze_is_gone_says_so_at_once(frozen: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a freeze of before its end was kept: nobody was warned, and the provider gave it back by itself."""
    DepositFreeze.objects.update(ends_at=None)
    deduction = approved(frozen)
    bank(monkeypatch, deduction, [ProviderRefused("gone", "gone")], [Status.NOT_FOUND]).still_holds = False
    deposit_deductions.send(deduction.pk, LATER)
    assert Deposit.objects.get(lease=frozen.lease).state == Deposit.State.LAPSED
    assert freeze_of(frozen).held == 0
    with pytest.raises(captures.NothingToDeduct):
        deposit_deductions.propose(frozen, None, "once more", ONE, LATER)
    assert walks.broken() == {}


def test_a_no_after_a_lost_yes_is_a_yes(frozen: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    deduction = approved(frozen)
    bank(monkeypatch, deduction, [ProviderRefused("twice", "twice")], [Status.SUCCEEDED])
    deposit_deductions.send(deduction.pk, LATER)
    assert Payment.objects.get(pk=deduction.payment_id).state == "SUCCEEDED"


def test_a_bill_that_was_paid_meanwhile_gives_the_captured_money_back(frozen: Order) -> None:
    deduction = approved(frozen)
    auth_no = freeze_of(frozen).auth_number or ""
    paid = deduction.payment.amount
    registry.holds("alipay").capture(auth_no, deduction.payment.number, paid, "x", final=False)
    reductions.give(frozen, Wish(frozen.lease.number, 3, "RENT", Decimal(50), "a goodwill"), ONE, LATER)
    deposit_deductions.ask(deduction.pk, LATER)
    back = Refund.objects.get(payment=deduction.payment)
    assert back.amount >= Decimal(50)
    assert walks.broken() == {}


# a paid deposit


@pytest.fixture
def paid() -> Order:
    PaymentChannel.objects.filter(code="alipay").update(is_open=False)
    order = settling()
    assert order.lease.deposit.kind == Deposit.Kind.PAID
    return order


def test_a_paid_deposit_gives_its_part_at_once(paid: Order) -> None:
    due = owed(paid)
    holding = Payment.objects.get(deposit__lease=paid.lease, holds=True)
    deduction = approved(paid)
    assert (deduction.payment.channel, deduction.payment.state, deduction.payment.amount) == (
        "deposit", "SUCCEEDED", due
    )  # fmt: skip
    assert again(paid).state == State.COMPLETED
    back = Refund.objects.get(payment=holding)
    assert back.amount == holding.amount - due
    assert ledger.account(Kind.DEPOSIT_HELD, customer=paid.customer_id).amount == 0
    assert ledger.account(Kind.CLEARING, channel="deposit").amount == 0
    assert not DepositRelease.objects.exists()
    assert walks.broken() == {}


def test_of_a_frozen_deposit_the_sandbox_knows_what_was_taken(frozen: Order) -> None:
    approved(frozen, "100.00")
    make.drain(LATER)
    there = Freeze.objects.get(out_order_no=freeze_of(frozen).number)
    assert sum(trade.total_amount for trade in there.captures.all()) == Decimal(100)
