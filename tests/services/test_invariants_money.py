"""Each invariant of catalogue and billing: the guard dropped, one violation planted, and it is counted."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.invariants import INVARIANTS as BILLING
from billing.models import (
    AutopayAgreement,
    AutopayTry,
    BalanceUse,
    DepositRelease,
    Lease,
    Payment,
    Refund,
    StatementFile,
    StatementGap,
    StatementLine,
)
from billing.services import autopay, balance, deposits, offline, reconciliation, refunds, settlements
from billing.services.offline import Receipt
from catalog.invariants import INVARIANTS as CATALOG
from catalog.services import plans, units
from core import invariants
from core.calendar import instant
from core.invariants import Invariant
from integrations.payments import AgreementFact, AgreementStatus
from tests import things

pytestmark = pytest.mark.django_db
START = date(2026, 2, 28)


@dataclass(frozen=True)
class Scene:
    """A healthy installation with one of everything."""

    lease: Lease
    payment: Payment
    refund: Refund
    release: DepositRelease
    plan_id: int

    def values(self) -> dict[str, Any]:
        return {
            "lease": self.lease.pk,
            "payment": self.payment.pk,
            "refund": self.refund.pk,
            "freeze": self.release.freeze_id,
            "release": self.release.pk,
            "bill": things.bill(self.lease).pk,
            "late_bill": things.bill(self.lease, 2).pk,
            "open_bill": things.bill(self.lease, 3).pk,
            "plan": self.plan_id,
        }


@pytest.fixture
def scene() -> Scene:
    lease = things.lease(deposit="2000", waived="500", at=instant(START, 10), start=START)
    payment = things.paid(things.bill(lease), at=instant(START, 11))
    _deducted(lease, payment)
    things.paid(things.bill(lease, 2), at=instant(date(2026, 4, 3), 9))
    refund = refunds.request(payment.pk, Decimal(100), "test", things.AT, lease)
    _overpaid(things.lease(lease.customer, at=instant(START, 10), start=START))
    freeze = things.freeze(lease)
    deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), things.AT)
    settlements.set_commission(lease.merchant, Decimal("0.08"), date(2026, 2, 1), things.operator())
    february, _march, _april = [
        settlements.issue(lease.merchant_id, date(2026, month, 1), instant(date(2026, month + 1, 1), 10))
        for month in (2, 3, 4)
    ]
    assert february is not None
    settlements.pay_out(february.pk, "B-0001", "operator:1", instant(date(2026, 3, 2), 10))
    deposits.release(lease.pk, "test", on=things.ON, at=things.AT)
    plan = plans.publish(things.draft_plan(things.merchant(), things.priced_sku()).pk, "operator:1", things.AT)
    units.add(plan.merchant, plan.sku, "SN-001", "490154203237518", things.AT)
    reconciled(payment)
    StatementGap.objects.create(channel="wechat", day=START, opened_at=things.AT)
    return Scene(lease, payment, refund, DepositRelease.objects.get(), plan.pk)


def _overpaid(lease: Lease) -> None:
    """A hundred came too much, by bank, and pay a part of the second bill."""
    bill, at = things.bill(lease), instant(START, 11)
    offline.record(lease.customer, [bill.pk], Receipt(Decimal("651.83"), at, "B-9", "-"), "operator:1", at)
    balance.use(lease.customer, [things.bill(lease, 2).pk], BalanceUse.Why.ASKED, instant(START, 12))


def reconciled(payment: Payment) -> None:
    """The statement of its day, with one line."""
    assert payment.paid_at is not None
    told: dict[str, Any] = {"channel": payment.channel, "day": START, "sha256": "0" * 64, "content": b"-"}
    file = StatementFile.objects.create(**told, fetched_at=payment.paid_at)
    StatementLine.objects.create(
        file=file, number=1, kind="PAYMENT", trade_number=str(payment.trade_number), payment_number=payment.number,
        amount=payment.amount, moved_at=payment.paid_at, raw=[],
    )  # fmt: skip
    reconciliation.reconcile(payment.channel, START, instant(date(2026, 4, 20)))


def _deducted(lease: Lease, payment: Payment) -> None:
    """The first bill was paid on an agreement, which has ended since."""
    made = autopay.open(lease.pk, things.ALIPAY, on=START, at=instant(START, 8))
    autopay.apply(things.ALIPAY, AgreementFact(made.number, "A1", AgreementStatus.ACTIVE, "2088"), instant(START, 9))
    bill = things.bill(lease)
    due = bill.due_date
    assert due is not None
    AutopayAgreement.objects.update(first_on=due)
    AutopayTry.objects.create(
        agreement=made,
        bill=bill,
        payment=payment,
        on=due,
        sent_at=instant(START, 10),
    )
    autopay.revoke(lease.pk, instant(START, 12))


@dataclass(frozen=True)
class Break:
    """`guard`: the DDL that takes away what the database holds against it; "" where only services guard."""

    number: str
    guard: str
    plant: str
    rows: int = 1


TRIGGER = "ALTER TABLE {0} DISABLE TRIGGER {1}"


def trigger(table: str, name: str) -> str:
    return TRIGGER.format(table, name)


def constraint(table: str, name: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}"


BREAKS = [
    Break("14b", "", "UPDATE billing_autopaytry SET sent_at = sent_at - interval '2 hours'"),
    Break("14b", "", "UPDATE billing_autopaytry SET sent_at = sent_at + interval '3 hours'"),
    Break("14b", "", "UPDATE billing_autopaytry SET sent_at = NULL"),
    Break("14b", "", "UPDATE billing_autopaytry SET bill_id = %(late_bill)s"),
    Break("14b", "", 'UPDATE billing_autopaytry SET "on" = "on" + 2'),
    Break("14b", "", "UPDATE billing_autopayagreement SET most = 1"),
    Break("14b", "", "UPDATE billing_autopayagreement SET first_on = first_on + 1"),
    Break("14b", "", "UPDATE billing_autopayagreement SET activated_at = NULL"),
    Break("14b", "", "DELETE FROM billing_paymentitem WHERE bill_id = %(bill)s", rows=1),
    Break("14c", "", "DELETE FROM core_outboxmessage WHERE topic = 'autopay.unsign_requested'"),
    Break(
        "11",
        constraint("billing_payment", "billing_payment_trade_once"),
        "UPDATE billing_payment SET trade_number = 'T'",
    ),
    Break("11", "", "UPDATE billing_payment SET posted_at = NULL WHERE id = %(payment)s"),
    Break(
        "12",
        trigger("billing_payment", "billing_payment_edge"),
        "UPDATE billing_payment SET state = 'QUARANTINED' WHERE id = %(payment)s",
    ),
    Break(
        "12",
        trigger("billing_allocation", "billing_allocation_append_only"),
        "UPDATE billing_allocation SET amount = amount + 1 WHERE payment_id = %(payment)s AND part = 'RENT'",
    ),
    Break(
        "13",
        trigger("billing_payment", "billing_payment_edge"),
        "UPDATE billing_payment SET state = 'CLOSED' WHERE id = %(payment)s",
    ),
    Break("14", "", "UPDATE billing_paymentitem SET open = true WHERE payment_id = %(payment)s"),
    Break(
        "14",
        "DROP INDEX billing_bill_one_open_attempt",
        "WITH copy AS (INSERT INTO billing_paymentitem (payment_id, bill_id, amount, open)"
        " SELECT id, %(open_bill)s, 1, true FROM billing_payment RETURNING 1) SELECT 1 FROM copy",
        rows=4,  # the bill, and three marks on payments that are not open
    ),
    Break(
        "14",
        "DROP INDEX billing_freeze_one_open",
        "INSERT INTO billing_depositfreeze (deposit_id, channel, number, request_number, state, amount, frozen, held,"
        " captured, released, payer, mode, created_at, expires_at)"
        " SELECT deposit_id, channel, number || n, request_number || n, 'OPEN', 1, 0, 0, 0, 0, '', '', created_at,"
        " expires_at FROM billing_depositfreeze, generate_series(1, 2) AS n",
    ),
    Break("15", "", "UPDATE billing_payment SET refunded = 0 WHERE id = %(payment)s"),
    Break(
        "15",
        constraint("billing_payment", "billing_payment_refunds_within"),
        "UPDATE billing_payment SET refunded = amount + 1 WHERE id = %(payment)s",
    ),
    Break(
        "16b",
        trigger("billing_refund", "billing_refund_edge"),
        "UPDATE billing_refund SET state = 'REPLACED' WHERE id = %(refund)s",
    ),
    Break(
        "40b",
        trigger("billing_statementgap", "billing_statementgap_edge"),
        "UPDATE billing_statementgap SET state = 'CLOSED', closed_at = now()",
    ),
    Break("40b", "", "UPDATE billing_statementgap SET channel = 'alipay', day = '2026-02-28'"),
    Break("16", trigger("billing_refund", "billing_refund_intent"), "UPDATE billing_refund SET amount = 99"),
    Break("16", trigger("billing_refund", "billing_refund_intent"), "UPDATE billing_refund SET number = 'R'"),
    Break(
        "16",
        trigger("billing_depositrelease", "billing_depositrelease_intent"),
        "UPDATE billing_depositrelease SET amount = 99",
    ),
    Break(
        "17",
        trigger("billing_ledgerentry", "billing_ledgerentry_append_only"),
        "UPDATE billing_ledgerentry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM billing_ledgerentry)",
    ),
    Break(
        "17",
        trigger("billing_posting", "billing_posting_balances"),
        "INSERT INTO billing_posting (key, what, day, posted_at) VALUES ('x', 'x', now(), now());"
        " SET CONSTRAINTS ALL IMMEDIATE",
    ),
    Break(
        "17",
        trigger("billing_ledgerentry", "billing_ledgerentry_balances"),
        "INSERT INTO billing_ledgerentry (posting_id, account_id, side, amount)"
        " SELECT min(posting_id), min(account_id), 'DEBIT', 1 FROM billing_ledgerentry; SET CONSTRAINTS ALL IMMEDIATE",
    ),
    Break("19", "", "UPDATE billing_ledgeraccount SET debits = debits + 1 WHERE kind = 'RECEIVABLE'"),
    Break(
        "20",
        trigger("billing_ledgerentry", "billing_ledgerentry_append_only"),
        "UPDATE billing_ledgerentry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM billing_ledgerentry)",
    ),
    Break("20b", "", "UPDATE billing_ledgeraccount SET credits = credits + 1 WHERE kind = 'RECEIVABLE'"),
    Break(
        "21b",
        "",
        "UPDATE billing_payment SET holds = true, deposit_id = (SELECT min(id) FROM billing_deposit)"
        " WHERE id = %(payment)s",
    ),
    Break(
        "25b",
        trigger("billing_balanceuse", "billing_balanceuse_append_only"),
        "UPDATE billing_balanceuse SET amount = amount + 1",
    ),
    Break(
        "25b",
        trigger("billing_balanceuse", "billing_balanceuse_append_only"),
        "UPDATE billing_balanceuse SET at = at - interval '9 days'",
    ),
    Break(
        "25b",
        trigger("billing_allocation", "billing_allocation_append_only"),
        "UPDATE billing_allocation SET amount = amount + 100 WHERE use_id IS NOT NULL",
        rows=2,
    ),
    Break("20m", "", "UPDATE billing_ledgeraccount SET credits = credits + 1 WHERE kind = 'MERCHANT_PAYABLE'"),
    Break(
        "20n",
        trigger("billing_merchantstatement", "billing_merchantstatement_kept"),
        "UPDATE billing_merchantstatement SET gross = gross + 1, payable = payable + 1 WHERE state = 'PAID_OUT'",
    ),
    Break(
        "20n",
        trigger("billing_merchantstatement", "billing_merchantstatement_kept")
        + ";"
        + constraint("billing_merchantstatement", "billing_statement_adds_up"),
        "UPDATE billing_merchantstatement SET carried_forward = carried_forward + 1 WHERE carried_forward > 0",
        rows=2,  # its own sums, and where the next one begins
    ),
    Break(
        "20o",
        trigger("billing_settlementline", "billing_settlementline_append_only"),
        "UPDATE billing_settlementline SET rent = rent + 1 WHERE refund_id IS NOT NULL",
    ),
    Break(
        "20o",
        constraint("billing_settlementline", "billing_settlementline_refund_id_key"),
        "INSERT INTO billing_settlementline (statement_id, refund_id, rent, cover, fee)"
        " SELECT statement_id, refund_id, rent, cover, fee FROM billing_settlementline WHERE refund_id IS NOT NULL",
    ),
    Break(
        "20o",
        "",
        "UPDATE billing_lease SET merchant_id = (SELECT max(id) FROM accounts_merchant)",
        rows=6,  # every line of the lease's statements
    ),
    Break(
        "20c",
        trigger("billing_posting", "billing_posting_append_only"),
        "UPDATE billing_posting SET key = 'x' WHERE key = 'bill:%(bill)s'",
    ),
    Break(
        "21",
        constraint("billing_depositfreeze", "billing_freeze_adds_up"),
        "UPDATE billing_depositfreeze SET held = 1",
    ),
    Break("21", "", "UPDATE billing_depositfreeze SET held = 0, released = frozen"),
    Break("22", "", "UPDATE billing_depositfreeze SET held = held - 1, captured = 1"),
    Break(
        "22",
        "",
        "UPDATE billing_payment SET freeze_id = %(freeze)s WHERE id = %(payment)s",
        rows=2,  # the payment without a deduction, and a freeze that says nothing of it
    ),
    Break(
        "23",
        trigger("billing_bill", "billing_bill_frozen"),
        "UPDATE billing_bill SET number = 9 WHERE id = %(open_bill)s",
    ),
    Break(
        "23",
        trigger("billing_bill", "billing_bill_frozen"),
        "UPDATE billing_bill SET rent = rent + 1 WHERE id = %(open_bill)s",
    ),
    Break("23", "", "DELETE FROM billing_bill WHERE id = %(open_bill)s"),
    Break("23b", "", "UPDATE billing_bill SET due_date = due_date + 1 WHERE id = %(open_bill)s"),
    Break("23b", "", "UPDATE billing_bill SET due_date = NULL WHERE id = %(open_bill)s"),
    Break(
        "24",
        constraint("billing_bill", "billing_bill_paid_is_whole"),
        "UPDATE billing_bill SET paid = paid - 1 WHERE id = %(bill)s",
    ),
    Break("24", "", "UPDATE billing_bill SET paid_at = now() WHERE id = %(open_bill)s"),
    Break("25", "", "UPDATE billing_bill SET paid = 1 WHERE id = %(open_bill)s"),
    Break("25", "", "UPDATE billing_bill SET reduced = 1 WHERE id = %(open_bill)s"),
    Break("25", "", "UPDATE billing_bill SET fee_reduced = 1 WHERE id = %(open_bill)s"),
    Break(
        "25",
        constraint("billing_bill", "billing_bill_paid_within_amount"),
        "UPDATE billing_bill SET fee = 0 WHERE id = %(late_bill)s",
    ),
    Break("26", "", "UPDATE billing_bill SET fee = 108.37 WHERE id = %(open_bill)s"),
    Break("26", "", "UPDATE billing_payment SET paid_at = paid_at - interval '5 days'"),
    Break("27", "", "UPDATE billing_bill SET paid_at = paid_at + interval '1 second' WHERE id = %(bill)s"),
    Break(
        "37",
        trigger("billing_refund", "billing_refund_intent"),
        "UPDATE billing_refund SET number = (SELECT number FROM billing_depositrelease)",
    ),
    Break("40", trigger("billing_match", "billing_match_append_only"), "DELETE FROM billing_match", rows=2),
    Break(
        "40",
        trigger("billing_statementline", "billing_statementline_append_only"),
        "UPDATE billing_statementline SET payment_number = 'P-OTHER'",
    ),
    Break(
        "20d",
        trigger("billing_statementline", "billing_statementline_append_only"),
        "UPDATE billing_statementline SET amount = amount + 1",
    ),
    Break(
        "41",
        constraint("billing_deposit", "billing_deposit_total_check")
        + ";"
        + constraint("billing_deposit", "billing_deposit_to_hold_check")
        + ";",
        "UPDATE billing_deposit SET total = total + 0.001, to_hold = to_hold + 0.001",
        rows=4,
    ),
    Break(
        "6b",
        constraint("catalog_stocklevel", "catalog_stock_not_oversold"),
        "UPDATE catalog_stocklevel SET reserved = 2",
    ),
    Break("6b", "", "UPDATE catalog_stocklevel SET on_hand = 2"),
    Break(
        "23p",
        trigger("catalog_leaseplan", "catalog_leaseplan_published"),
        "UPDATE catalog_leaseplan SET signed_value = cash_price + 1",
    ),
    Break(
        "23p",
        trigger("catalog_planterm", "catalog_planterm_published"),
        "UPDATE catalog_planterm SET total_to_own = NULL",
    ),
]


def named(number: str) -> Invariant:
    return next(invariant for invariant in [*BILLING, *CATALOG] if invariant.number == number)


def settle_constraints() -> None:
    """Tables with pending checks of foreign keys cannot be altered."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def run(sql: str, values: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_healthy_scene_breaks_nothing(scene: Scene) -> None:
    assert {i.number: invariants.violations(i) for i in [*BILLING, *CATALOG]} == {
        i.number: 0 for i in [*BILLING, *CATALOG]
    }


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: f"{b.number}-{b.plant[:60]}")
def test_a_planted_violation_is_counted(scene: Scene, broken: Break) -> None:
    settle_constraints()
    if broken.guard:
        run(broken.guard)
    run(broken.plant, scene.values())
    settle_constraints()
    assert invariants.violations(named(broken.number)) == broken.rows


@pytest.mark.parametrize("broken", [b for b in BREAKS if b.guard], ids=lambda b: f"{b.number}-{b.plant[:60]}")
def test_the_guard_refuses_what_is_planted(scene: Scene, broken: Break) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        run(broken.plant, scene.values())


def test_every_invariant_is_broken_by_some_test() -> None:
    assert {b.number for b in BREAKS} == {i.number for i in [*BILLING, *CATALOG]}
