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
from billing.rules.extension import Terms
from billing.services import (
    autopay,
    balance,
    chargebacks,
    deposits,
    extensions,
    offline,
    reconciliation,
    refunds,
    settlements,
)
from billing.services.offline import Receipt
from catalog.invariants import INVARIANTS as CATALOG
from catalog.services import plans, units
from core import invariants
from core.calendar import instant
from core.invariants import Invariant
from integrations.payments import AgreementFact, AgreementStatus, DisputeFact, DisputeStatus
from tests import things
from tests.breaks import BREAKS, Break

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
    _replanned(things.lease(lease.customer, at=instant(START, 10), start=START))
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
    _disputed(payment)
    reconciled(payment)
    StatementGap.objects.create(channel="wechat", day=START, opened_at=things.AT)
    return Scene(lease, payment, refund, DepositRelease.objects.get(), plan.pk)


def _replanned(lease: Lease) -> None:
    """Two late bills are in a plan of two parts."""
    on, terms = date(2026, 4, 10), Terms((1, 2), 2, date(2026, 4, 20))
    extensions.begin(lease.pk, terms, extensions.preview(lease.pk, terms, on).proposal.total, on, instant(on, 10))


def _overpaid(lease: Lease) -> None:
    """A hundred came too much, by bank, and pay a part of the second bill."""
    bill, at = things.bill(lease), instant(START, 11)
    offline.record(lease.customer, [bill.pk], Receipt(Decimal("651.83"), at, "B-9", "-"), "operator:1", at)
    balance.use(lease.customer, [things.bill(lease, 2).pk], BalanceUse.Why.ASKED, instant(START, 12))


def _disputed(payment: Payment) -> None:
    """A tenth of it was taken back, which opens the first bill again."""
    fact = DisputeFact(
        "D-1", payment.number, DisputeStatus.LOST, Decimal(50), True, "-", things.AT, None, things.AT
    )  # fmt: skip
    chargebacks.apply(payment.channel, fact, things.AT)


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
