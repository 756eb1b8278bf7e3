"""The goodbyes without a browser: a dispute, a shortfall and a paid rest; thirty days unpaid and a late recovery."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from billing.models import Bill, WriteOff
from billing.rules.postings import Kind
from billing.services import holding, ledger
from core import invariants
from core.models import Approval
from credit.models import Hold
from orders.models import Order, State
from orders.services import claims, deposit_deductions, waits
from tests import make, walks
from tests.services.test_captures import settling
from tests.services.test_claims import BACK, BATTERY, DAY, FOUND, SCRATCH, arrived, line, merchant, settled, who

pytestmark = pytest.mark.django_db
CODES = ("scratch", "battery")
END = BACK + DAY + timedelta(days=30)


@pytest.fixture
def waived() -> Order:
    """Returned, damaged, accepted, and nothing is held."""
    order = arrived(make.customer(812))
    claims.propose(order.pk, merchant(), FOUND, [line(code) for code in CODES], BACK + timedelta(hours=1))
    claims.accept(order.pk, who(order), BACK + DAY)
    return walks.read(order)


def test_thirty_days_unpaid_are_written_off_and_what_comes_later_is_a_recovery(waived: Order) -> None:
    amount = SCRATCH + BATTERY
    with walks.nothing_changes():
        waits.end(waived, END - timedelta(seconds=1))
    waits.end(waived, END)
    order = walks.read(waived)
    assert (order.state, order.reason, order.waits_until) == (State.WRITTEN_OFF, "unpaid", None)
    assert order.lease.bills.get(kind=Bill.Kind.DAMAGE).state == Bill.State.WRITTEN_OFF
    assert WriteOff.objects.get(lease=order.lease).amount == amount
    assert ledger.account(Kind.WRITE_OFF).amount == amount
    assert ledger.account(Kind.RECEIVABLE, customer=order.customer_id).amount == Decimal(0)
    assert Hold.objects.get(order_number=order.number).state == Hold.State.HELD
    assert walks.told(order, "order_written_off") == 1
    assert walks.broken() == {}
    make.pay_bill(order, 901, END + DAY)
    order = walks.read(order)
    assert order.state == State.WRITTEN_OFF
    assert WriteOff.objects.get(lease=order.lease).is_recovered
    assert ledger.account(Kind.RECOVERY).amount == amount
    assert Hold.objects.get(order_number=order.number).state == Hold.State.RELEASED
    assert walks.broken() == {}


BREAKS = [
    ("20w", "UPDATE billing_writeoff SET amount = amount + 1"),
    ("20w", "UPDATE billing_writeoff SET recovered = 1"),
    ("20b", "UPDATE billing_writeoff SET recovered = 1"),
    ("4w", "DELETE FROM billing_writeoff"),
    ("4w", "UPDATE credit_hold SET state = 'RELEASED'"),
    ("4w", "UPDATE billing_bill SET state = 'OPEN' WHERE state = 'WRITTEN_OFF'"),
]


def test_a_planted_break_of_a_write_off_is_counted(waived: Order) -> None:
    waits.end(waived, END)
    connection.check_constraints()  # nothing deferred may wait when a trigger is switched
    known = {each.number: each for each in invariants.all_invariants()}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_bill DISABLE TRIGGER billing_bill_edge")
        cursor.execute("ALTER TABLE credit_hold DISABLE TRIGGER USER")
        for number, plant in BREAKS:
            cursor.execute("SAVEPOINT planted")
            cursor.execute(plant)
            assert invariants.violations(known[number]) >= 1, plant
            cursor.execute("ROLLBACK TO SAVEPOINT planted")


def test_a_dispute_a_reduction_a_shortfall_and_the_rest_paid() -> None:
    """Held less than the claim came to: a part of the deposit was waived."""
    order = arrived(make.customer(650))
    held = holding.held(order.lease.deposit)
    lines = [line(code) for code in ("screen", "battery")]
    claims.propose(order.pk, merchant(), FOUND, lines, BACK + timedelta(hours=1))
    claims.dispute(order.pk, who(order), "The battery was weak.", [], BACK + DAY)
    award = held + 100
    assert Decimal(0) < held < Decimal("3399.84") - 100
    at = BACK + 2 * DAY
    claims.decide(order.pk, {"screen": award, "battery": Decimal(0)}, "The glass, not the battery.", "operator:1", at)
    order = settled(order, at)
    bill = order.lease.bills.get(kind=Bill.Kind.DAMAGE)
    if bill.paid == 0:
        asked = Approval.objects.get(kind="deposit_deduction", state="REQUESTED")
        deposit_deductions.carry_out(asked.pk, "operator:2", at)
        order = settled(order, at)
        bill = Bill.objects.get(pk=bill.pk)
    assert (order.state, bill.paid, bill.state) == (State.SETTLING, held, Bill.State.OPEN)
    make.pay_bill(order, 901, at + DAY)
    assert walks.read(order).state == State.COMPLETED
    assert walks.broken() == {}


def test_what_is_still_held_after_thirty_days_pays_first() -> None:
    """An unpaid rent beside a held deposit: taken by the agreement, nothing is written off."""
    order = settling(of=make.customer(None))
    end = order.waits_until
    assert end is not None
    waits.end(order, end)
    order = settled(order, end)
    assert order.state == State.COMPLETED
    [taken] = order.lease.deposit.deductions.all()
    assert (taken.approval.requested_by, taken.approval.decided_by) == ("platform", "agreement")
    assert not WriteOff.objects.exists()
    assert walks.broken() == {}
