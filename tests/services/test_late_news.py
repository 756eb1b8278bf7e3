"""A success that is told after its bill went another way: what was paid when decides, not when we heard (ADR 34)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.models import Bill, Lease, Payment, Reduction, Refund, WriteOff
from billing.rules.extension import Terms
from billing.services import extensions, payments, statements, write_offs
from core.calendar import instant
from integrations.payments import Status
from tests import things, walks

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 31)  # of bill 3, the last one; free until 3 April
PAID = instant(date(2026, 4, 6), 12)  # what the provider says later: two days of late fee, 0.33
HEARD = instant(date(2026, 4, 22), 9)


@pytest.fixture
def lease() -> Lease:
    made = things.lease(start=date(2026, 1, 31))
    things.paid(things.bill(made), things.bill(made, 2), at=instant(date(2026, 2, 1), 12))
    return made


@pytest.fixture
def unheard(lease: Lease) -> Payment:
    """An attempt on bill 3 that the customer paid; its notice was lost, and it was closed here."""
    bill = things.bill(lease, 3)
    assert bill.due_date == DUE
    payment = things.attempt(bill, at=PAID)
    payments.capture(things.ALIPAY, things.without_success(payment, Status.CLOSED), PAID + timedelta(hours=1))
    return things.again(payment)


def hear(payment: Payment, at: datetime = HEARD) -> None:
    for _ in range(2):  # told twice, posted once
        payments.capture(things.ALIPAY, things.success(payment, PAID), at)


def owed(lease: Lease, on: date) -> Decimal:
    return sum((view.owed_now for view in statements.statement(lease, on)), Decimal(0))


def test_paid_twice_the_fee_of_the_days_after_the_first_money_comes_back(lease: Lease, unheard: Payment) -> None:
    """The second payment, of 20 April, brought 2.60 of late fee; by the first one's pay time it is 0.33."""
    second = things.paid(things.bill(lease, 3), at=instant(date(2026, 4, 20), 12))
    assert (things.bill(lease, 3).fee, second.amount) == (Decimal("2.60"), Decimal("554.43"))
    hear(unheard)
    bill = things.bill(lease, 3)
    assert (bill.state, bill.fee, bill.fee_reduced, bill.paid) == (
        "PAID", Decimal("0.33"), Decimal("2.27"), Decimal("552.16"),
    )  # fmt: skip
    assert Refund.objects.get().amount == unheard.amount
    assert statements.credit_balance(lease.customer) == Decimal("2.27")
    assert Reduction.objects.get().requested_by == "platform"
    assert walks.broken() == {}


def test_paid_before_a_plan_began_it_pays_the_plan_and_the_fee_falls(lease: Lease, unheard: Payment) -> None:
    began = date(2026, 4, 20)
    terms = Terms((3,), 2, began + timedelta(days=7))
    agreed = extensions.preview(lease.pk, terms, began).proposal.total
    plan = extensions.begin(lease.pk, terms, agreed, began, instant(began, 12))
    assert agreed == Decimal("554.43")
    hear(unheard)
    assert {part.state for part in lease.bills.filter(kind=Bill.Kind.PART)} == {"PAID"}
    assert owed(lease, date(2026, 4, 22)) == 0
    assert not Refund.objects.exists()
    assert sum(Reduction.objects.values_list("amount", flat=True)) == Decimal("2.27")
    assert extensions.look(date(2026, 4, 22), HEARD)["plans kept"] == 1
    assert things.again(plan).state == "KEPT"
    assert walks.broken() == {}


def test_a_plan_that_was_paid_by_then_sends_the_money_back(lease: Lease, unheard: Payment) -> None:
    began = date(2026, 4, 20)
    terms = Terms((3,), 2, began)
    agreed = extensions.preview(lease.pk, terms, began).proposal.total
    extensions.begin(lease.pk, terms, agreed, began, instant(began, 12))
    for part in lease.bills.filter(kind=Bill.Kind.PART).order_by("number"):
        things.paid(part, at=instant(began, 13))
    hear(unheard)
    assert Refund.objects.get().amount == unheard.amount
    assert owed(lease, date(2026, 4, 22)) == 0
    assert walks.broken() == {}


def test_money_of_before_a_write_off_is_a_recovery_and_posts_once(lease: Lease, unheard: Payment) -> None:
    given_up = date(2026, 4, 20)
    write_offs.write_off(lease.pk, given_up, instant(given_up, 12))
    assert things.again(lease).state == Lease.State.CLOSED
    hear(unheard)
    assert WriteOff.objects.get().recovered == unheard.amount
    assert not Refund.objects.exists()
    assert walks.broken() == {}


def test_what_lowers_nothing_takes_nothing_off(lease: Lease, unheard: Payment) -> None:
    """The second payment came within the same day: its fee is right, and only the money that is too much goes back."""
    things.paid(things.bill(lease, 3), at=PAID + timedelta(hours=2))
    hear(unheard)
    assert not Reduction.objects.exists()
    assert Refund.objects.get().amount == unheard.amount
    assert walks.broken() == {}
