"""Disputes (docs/domain/disputes.md): opened, won, lost; each fen once, whatever comes twice or in which order."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Bill, Chargeback, Lease, Payment, Reversal
from billing.rules.postings import Kind
from billing.services import (
    autopay,
    balance,
    chargebacks,
    deductions,
    history,
    ledger,
    offline,
    payments,
    refunds,
    settlements,
    statements,
)
from billing.services.offline import Receipt
from core.calendar import instant
from core.invariants import all_invariants, violations
from core.money import ZERO
from core.services import events
from integrations.payments import AgreementFact, AgreementStatus, DisputeFact, DisputeStatus
from notices.models import Message
from tests import things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
START, DUE = date(2026, 2, 28), date(2026, 3, 28)  # of bill 2
OPENED, DECIDED = instant(date(2026, 5, 2), 9), instant(date(2026, 5, 10), 9)
WHOLE = Decimal("551.83")


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards(db: None) -> Iterator[None]:
    yield
    assert [one.number for one in all_invariants() if violations(one)] == []


@pytest.fixture
def lease() -> Lease:
    made = things.lease(at=instant(START, 10), start=START)
    things.paid(things.bill(made), at=instant(START, 11))
    return made


@pytest.fixture
def paid(lease: Lease) -> Payment:
    """Bill 2, on its due date."""
    return things.paid(things.bill(lease, 2), at=instant(DUE, 11))


def opened(of: Payment, amount: Decimal = WHOLE, **other: object) -> DisputeFact:
    fact = DisputeFact(
        f"D{of.number}", of.number, DisputeStatus.OPEN, amount, True, "not recognised", OPENED,
        OPENED + timedelta(days=7), None,
    )  # fmt: skip
    return replace(fact, **other)  # type: ignore[arg-type]


def lost(of: Payment, amount: Decimal = WHOLE, **other: object) -> DisputeFact:
    return opened(of, amount, status=DisputeStatus.LOST, decided_at=DECIDED, **other)


def won(of: Payment, amount: Decimal = WHOLE) -> DisputeFact:
    return opened(of, amount, status=DisputeStatus.WON, decided_at=DECIDED)


def told(fact: DisputeFact, at: datetime = DECIDED) -> chargebacks.Outcome:
    return chargebacks.apply(things.ALIPAY, fact, at)


def stands(kind: Kind, **owner: object) -> Decimal:
    """Debits less credits."""
    found = ledger.account(kind, **owner)  # type: ignore[arg-type]
    return found.debits - found.credits


def test_an_open_one_leaves_the_bill_paid_and_withholds_the_money(lease: Lease, paid: Payment) -> None:
    outcome = told(opened(paid), OPENED)
    assert (outcome.news, outcome.wrong) == (True, "")
    bill = things.bill(lease, 2)
    assert (bill.state, bill.paid, things.again(paid).state) == ("PAID", WHOLE, "SUCCEEDED")
    assert stands(Kind.DISPUTES) == WHOLE
    assert stands(Kind.CLEARING, channel=things.ALIPAY) == WHOLE  # of bill 1
    assert things.again(paid).charged_back == WHOLE
    assert Message.objects.filter(template="dispute_opened", channel="IN_APP").count() == 1


def test_a_lost_one_opens_the_bill_from_its_own_day(lease: Lease, paid: Payment) -> None:
    things.paid(things.bill(lease, 3), at=instant(date(2026, 4, 28), 11))
    told(opened(paid), OPENED)
    told(lost(paid))
    bill = things.bill(lease, 2)
    assert (bill.state, bill.paid, bill.paid_at) == ("OPEN", ZERO, None)
    assert stands(Kind.DISPUTES) == ZERO
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == WHOLE
    on = date(2026, 5, 12)  # 10 and 11 May: 2 × 541.83 × 0.0003
    view = statements.view(bill, on)
    assert (view.owed_now, view.fee_now) == (Decimal("552.16"), Decimal("0.33"))
    assert history.of(lease.customer, instant(on, 12)).days_overdue == 2
    things.paid(bill, at=instant(on, 12))
    assert things.bill(lease, 2).state == "PAID"
    assert stands(Kind.RECEIVABLE, customer=lease.customer_id) == ZERO


def test_a_won_one_leaves_nothing_behind(lease: Lease, paid: Payment) -> None:
    told(opened(paid), OPENED)
    told(won(paid))
    assert things.bill(lease, 2).state == "PAID"
    assert (stands(Kind.DISPUTES), things.again(paid).charged_back) == (ZERO, ZERO)
    assert not Reversal.objects.exists()


FACTS = {"opened": opened, "lost": lost, "won": won}


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(["opened", "opened", "lost", "lost"], 3))))
def test_twice_and_in_any_order_it_is_posted_once(lease: Lease, paid: Payment, order: tuple[str, ...]) -> None:
    for name in order:
        told(FACTS[name](paid))
    made = Chargeback.objects.get()
    assert made.state == ("LOST" if "lost" in order else "OPEN")
    assert things.again(paid).charged_back == WHOLE
    assert things.bill(lease, 2).paid == (ZERO if "lost" in order else WHOLE)


def test_a_decision_is_final(paid: Payment) -> None:
    told(won(paid))
    assert not told(lost(paid)).news
    assert Chargeback.objects.get().state == "WON"


def test_without_withholding_the_money_leaves_with_the_decision(paid: Payment) -> None:
    told(opened(paid, withheld=False), OPENED)
    assert stands(Kind.CLEARING, channel=things.ALIPAY) == 2 * WHOLE
    told(lost(paid, withheld=False))
    assert (stands(Kind.CLEARING, channel=things.ALIPAY), stands(Kind.DISPUTES)) == (WHOLE, ZERO)


@pytest.mark.parametrize("back", ["0.01", "100", "551.83"])
def test_after_a_refund_only_the_rest_can_be_disputed(paid: Payment, lease: Lease, back: str) -> None:
    refunds.request(paid.pk, Decimal(back), "test", OPENED, lease)
    refused = told(opened(paid), OPENED)
    assert (refused.wrong, refused.chargeback) == ("amount", None)
    told(opened(paid), OPENED)
    assert events.of(paid).filter(kind="dispute_mismatch").count() == 1
    with pytest.raises(chargebacks.DisputeTooLarge):
        chargebacks.require_fits(things.again(paid), WHOLE)


def test_what_is_disputed_is_not_refunded_too(paid: Payment) -> None:
    told(opened(paid, Decimal(500)), OPENED)
    with pytest.raises(refunds.RefundTooLarge) as refusal:
        refunds.request(paid.pk, Decimal("51.84"), "test", OPENED, things.lease_of(paid))
    assert refusal.value.params == {"most": Decimal("51.83")}
    told(won(paid, Decimal(500)))
    refund = refunds.request(paid.pk, Decimal("51.84"), "test", DECIDED, things.lease_of(paid))
    assert refund.amount == Decimal("51.84")


def test_the_database_holds_the_sum(paid: Payment) -> None:
    told(opened(paid, Decimal(500)), OPENED)
    with pytest.raises(IntegrityError, match="disputes_within"), transaction.atomic():
        Payment.objects.filter(pk=paid.pk).update(refunded=Decimal("51.84"))


def test_another_amount_or_a_second_dispute_meanwhile_posts_nothing(paid: Payment) -> None:
    told(opened(paid, Decimal(100)), OPENED)
    assert told(lost(paid, Decimal(101))).wrong == "amount"
    assert told(opened(paid, Decimal(10), dispute_no="another")).wrong == "another"
    assert Chargeback.objects.get().is_open


def test_an_unpaid_or_unknown_payment_is_not_disputed(lease: Lease) -> None:
    attempt = things.attempt(things.bill(lease, 2), at=instant(DUE, 9))
    assert told(opened(attempt, attempt.amount)).wrong == "payment"
    with pytest.raises(payments.PaymentUnknown):
        chargebacks.apply(things.ALIPAY, replace(opened(attempt), request_no="P0"), OPENED)


def test_a_part_takes_the_balance_first_and_then_what_was_laid_last(lease: Lease) -> None:
    """600.00 for bill 2: 48.17 is credit. 100.00 lost: 48.17, 10.00 of cover, 41.83 of rent."""
    bill, at = things.bill(lease, 2), instant(DUE, 11)
    made = offline.record(lease.customer, [bill.pk], Receipt(Decimal(600), at, "B", "-"), "operator:1", at).payment
    fact = lost(made, Decimal(100), withheld=False)
    chargebacks.apply("offline", fact, DECIDED)
    off = {back.allocation.part: back.amount for back in Reversal.objects.all()}
    assert off == {"COVER": Decimal("10.00"), "RENT": Decimal("41.83")}
    assert things.bill(lease, 2).paid == Decimal("500.00")
    assert statements.credit_balance(lease.customer) == ZERO


def test_disputed_money_is_neither_used_nor_paid_out(lease: Lease) -> None:
    bill, at = things.bill(lease, 2), instant(DUE, 11)
    made = offline.record(lease.customer, [bill.pk], Receipt(Decimal(600), at, "B", "-"), "operator:1", at).payment
    chargebacks.apply("offline", opened(made, Decimal(600), withheld=False), OPENED)
    with pytest.raises(balance.BalanceEmpty):
        balance.pay_out(lease.customer, OPENED)
    assert balance.use_due(date(2026, 5, 2), OPENED) == 0
    chargebacks.apply("offline", won(made, Decimal(600)), DECIDED)
    assert balance.pay_out(lease.customer, DECIDED)[0].amount == Decimal("48.17")


def test_the_same_bill_is_paid_again_from_the_balance(lease: Lease, paid: Payment) -> None:
    told(lost(paid))
    bill, at = things.bill(lease, 3), instant(date(2026, 5, 11), 9)
    owed = statements.view(bill, date(2026, 5, 11)).owed_now
    offline.record(lease.customer, [bill.pk], Receipt(owed + 600, at, "B-8", "-"), "operator:1", at)
    balance.use(lease.customer, [things.bill(lease, 2).pk], "ASKED", at)  # type: ignore[arg-type]
    assert things.bill(lease, 2).state == "PAID"


def agreed(lease: Lease) -> None:
    """Automatic payment is on for every bill from 28 March on."""
    made = autopay.open(lease.pk, things.ALIPAY, on=START, at=instant(START, 8))
    autopay.apply(things.ALIPAY, AgreementFact(made.number, "A1", AgreementStatus.ACTIVE, "2088"), instant(START, 9))


@pytest.mark.parametrize(("fact", "tried"), [(opened, 0), (lost, 0), (won, 1)])
def test_a_disputed_bill_is_never_deducted(lease: Lease, fact: object, tried: int) -> None:
    """A part of bill 2 was paid and is disputed on the same day; its due date is today."""
    agreed(lease)
    bill, at = things.bill(lease, 2), instant(DUE, 9)
    part = payments.open(lease.customer, [bill.pk], things.ALIPAY, at=at, expires_at=at + timedelta(minutes=30),
                         amount=Decimal(100))  # fmt: skip
    payments.capture(things.ALIPAY, things.success(part, at), at)
    told(fact(part, Decimal(100)), instant(DUE, 9, 30))  # type: ignore[operator]
    assert deductions.due(DUE, instant(DUE, 10)) == tried


def test_a_cancelled_lease_gives_back_what_is_not_disputed_and_the_rest_when_it_is_won() -> None:
    from billing.services import leases

    lease = things.lease()
    payment = things.paid(things.bill(lease))
    told(opened(payment, Decimal(500)), OPENED)
    leases.void(lease.pk, OPENED)
    assert [one.amount for one in refunds.give_back(lease.pk, "cancelled", OPENED)] == [Decimal("51.83")]
    told(won(payment, Decimal(500)))
    assert things.again(payment).refunded == WHOLE


def test_a_paid_deposit_that_is_taken_back_is_held_no_more() -> None:
    from billing.models import Deposit

    lease = things.lease(deposit="2000")
    Deposit.objects.filter(lease=lease).update(kind=Deposit.Kind.PAID) if lease.frozen_at is None else None
    until = things.AT + timedelta(minutes=30)
    payment = payments.open_deposit(lease.deposit.pk, things.ALIPAY, at=things.AT, expires_at=until)
    payments.capture(things.ALIPAY, things.success(payment), things.AT)
    told(opened(payment, Decimal(2000)), OPENED)
    assert refunds.give_back_deposit(lease.pk, "settled", OPENED) is None
    told(lost(payment, Decimal(2000)))
    assert stands(Kind.DEPOSIT_HELD, customer=lease.customer_id) == ZERO


def test_the_merchant_gives_it_back_in_his_next_statement(lease: Lease, paid: Payment) -> None:
    settlements.set_commission(lease.merchant, Decimal("0.1"), date(2026, 1, 1), things.operator())
    for month in (2, 3):
        settlements.issue(lease.merchant_id, date(2026, month, 1), instant(date(2026, month + 1, 1), 10))
    told(lost(paid))
    made = settlements.issue(lease.merchant_id, date(2026, 5, 1), instant(date(2026, 6, 1), 10))
    assert made is not None
    assert (made.gross, made.refunded, made.carried_forward) == (ZERO, WHOLE, WHOLE)
    [line] = settlements.settled(settlements.lines(made))
    assert (line.is_refund, line.number) == (True, Chargeback.objects.get().number)


def test_it_locks_leases_bills_the_payment_and_then_the_dispute(lease: Lease, paid: Payment) -> None:
    told(opened(paid), OPENED)
    with CaptureQueriesContext(connection) as seen:
        told(lost(paid))
    order = ["billing_lease", "billing_bill", "billing_payment", "billing_chargeback"]
    assert locks(seen)[:4] == order


def test_what_was_answered_is_kept_until_it_is_decided(paid: Payment) -> None:
    made = told(opened(paid), OPENED).chargeback
    assert made is not None
    chargebacks.answer(made.pk, "agreement and receipt sent", "operator:1", OPENED)
    assert list(chargebacks.waiting()) == [made]
    told(won(paid))
    with pytest.raises(chargebacks.DisputeDecided):
        chargebacks.answer(made.pk, "more", "operator:1", DECIDED)


def test_a_bill_that_is_void_is_not_opened_again(lease: Lease, paid: Payment) -> None:
    bill = things.bill(lease, 2)
    assert Bill.objects.get(pk=bill.pk).state == "PAID"
    told(lost(paid, Decimal(10)))
    assert things.bill(lease, 2).paid == Decimal("541.83")
