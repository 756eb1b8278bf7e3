"""Settling with merchants: every fen in one statement, ever; what the ledger owes is what the statements say."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Merchant
from billing import jobs
from billing.invariants import INVARIANTS
from billing.models import Allocation, Lease, MerchantStatement, Payment, Posting, Refund, SettlementLine
from billing.rules.postings import Kind
from billing.rules.settlement import Parts
from billing.services import ledger, refunds, settlements
from core import invariants
from core.calendar import add_months, instant
from core.errors import DomainError
from tests import things
from tests.faults.together import at_once

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
START = date(2026, 3, 2)
RATE = Decimal("0.1")
BILL = Decimal("551.83")


def after(month: date, hour: int = 10) -> Any:
    """The morning on which the month is settled."""
    return instant(add_months(month, 1), hour)


def running(commission: Decimal | None = RATE) -> Lease:
    """A lease since March whose first bill is paid; its merchant's commission counts since January."""
    lease = things.lease(start=START)
    if commission is not None:
        settlements.set_commission(lease.merchant, commission, date(2026, 1, 1), things.operator())
    things.paid(things.bill(lease), at=instant(START, 11))
    return lease


def issued(lease: Lease, month: date) -> MerchantStatement:
    found = settlements.issue(lease.merchant_id, month, after(month))
    assert found is not None
    return found


def give_back(lease: Lease, amount: Decimal, on: date) -> Refund:
    payment = Payment.objects.get(allocations__bill=things.bill(lease), allocations__part="RENT")
    return refunds.request(payment.pk, amount, "test", instant(on, 12), lease)


def payable(merchant: Merchant) -> Decimal:
    """What the ledger says."""
    found = ledger.account(Kind.MERCHANT_PAYABLE, merchant=merchant.pk)
    return found.credits - found.debits


def sums(of: MerchantStatement) -> tuple[str, ...]:
    named = (of.gross, of.refunded, of.brought_forward, of.commission, of.payable, of.carried_forward)
    return tuple(str(amount) for amount in named)


def broken() -> list[str]:
    return [each.number for each in INVARIANTS if invariants.violations(each)]


def test_a_month_is_settled_once() -> None:
    lease = running()
    first, second = issued(lease, MARCH), issued(lease, MARCH)
    assert first == second
    assert sums(first) == ("551.83", "0.00", "0.00", "55.18", "496.65", "0.00")
    assert payable(lease.merchant) == Decimal("496.65")
    assert ledger.account(Kind.COMMISSION_INCOME).amount == Decimal("55.18")
    assert ledger.account(Kind.RENT_INCOME).amount == ledger.account(Kind.COVER_INCOME).amount == 0
    assert SettlementLine.objects.count() == Allocation.objects.count() == 2
    assert settlements.parts(first) == (Parts(Decimal("541.83"), Decimal("10.00")), Parts())
    assert broken() == []


def test_what_comes_after_midnight_is_of_the_next_month() -> None:
    lease = running()
    things.paid(things.bill(lease, 2), at=instant(APRIL) - timedelta(seconds=1))
    things.paid(things.bill(lease, 3), at=instant(APRIL))
    assert issued(lease, MARCH).gross == 2 * BILL
    assert issued(lease, APRIL).gross == BILL
    assert broken() == []


def test_a_refund_of_the_same_month_lowers_it() -> None:
    lease = running()
    give_back(lease, Decimal(100), date(2026, 3, 20))
    statement = issued(lease, MARCH)
    assert sums(statement) == ("551.83", "100.00", "0.00", "45.18", "406.65", "0.00")
    assert settlements.parts(statement)[1] == Parts(Decimal(90), Decimal(10))
    assert broken() == []


def test_a_refund_after_the_settlement_is_carried_into_better_months() -> None:
    lease = running()
    march = issued(lease, MARCH)
    give_back(lease, BILL, date(2026, 4, 5))
    april = issued(lease, APRIL)
    assert sums(april) == ("0.00", "551.83", "0.00", "0.00", "0.00", "551.83")
    assert payable(lease.merchant) == march.payable - BILL
    assert broken() == []
    things.paid(things.bill(lease, 2), things.bill(lease, 3), at=instant(MAY, 12))
    may = issued(lease, MAY)
    came_in = sum(row.amount for row in Allocation.objects.filter(at=instant(MAY, 12)))
    assert (may.brought_forward, may.gross) == (BILL, came_in)
    assert may.commission + may.payable == came_in - BILL
    assert payable(lease.merchant) == march.payable + may.payable
    assert broken() == []


def test_refunds_in_steps_give_back_the_parts_once() -> None:
    lease = running()
    give_back(lease, Decimal(4), date(2026, 3, 20))
    issued(lease, MARCH)
    give_back(lease, Decimal(100), date(2026, 4, 20))
    give_back(lease, BILL - 104, date(2026, 4, 21))
    issued(lease, APRIL)
    lines = SettlementLine.objects.exclude(refund=None).order_by("pk")
    assert [(line.rent, line.cover) for line in lines] == [
        (Decimal(0), Decimal(4)), (Decimal(94), Decimal(6)), (BILL - 104, Decimal(0)),
    ]  # fmt: skip
    assert broken() == []


def test_nothing_is_settled_without_commission_and_nothing_is_lost_by_it() -> None:
    lease = running(commission=None)
    with pytest.raises(settlements.CommissionUnknown):
        settlements.issue(lease.merchant_id, MARCH, after(MARCH))
    assert settlements.issue_all(MARCH, after(MARCH)) == {"statements issued": 0, "merchants without commission": 1}
    settlements.set_commission(lease.merchant, RATE, APRIL, things.operator())
    assert issued(lease, APRIL).gross == BILL
    assert broken() == []


def test_a_month_that_is_not_over_or_is_empty_is_not_settled() -> None:
    lease = running()
    with pytest.raises(settlements.MonthNotOver):
        settlements.issue(lease.merchant_id, MARCH, instant(APRIL) - timedelta(seconds=1))
    issued(lease, MARCH)
    assert settlements.issue(lease.merchant_id, APRIL, after(APRIL)) is None
    assert settlements.issue(things.merchant().pk, MARCH, after(MARCH)) is None


def test_a_later_month_takes_what_was_left_and_the_earlier_one_stays_away() -> None:
    lease = running()
    assert issued(lease, APRIL).gross == BILL
    assert settlements.issue(lease.merchant_id, MARCH, after(APRIL)) is None
    assert broken() == []


def test_another_merchants_money_is_not_in_it() -> None:
    one, other = running(), running(Decimal("0.08"))
    assert {line.allocation.bill.lease_id for line in settlements.lines(issued(one, MARCH)) if line.allocation} == {
        one.pk
    }
    assert issued(other, MARCH).commission == Decimal("44.15")
    assert (payable(one.merchant), payable(other.merchant)) == (Decimal("496.65"), Decimal("507.68"))
    assert broken() == []


def test_a_new_commission_counts_from_its_month_and_never_for_a_settled_one() -> None:
    lease = running()
    issued(lease, MARCH)
    with pytest.raises(settlements.MonthSettled):
        settlements.set_commission(lease.merchant, Decimal(0), MARCH, things.operator())
    settlements.set_commission(lease.merchant, Decimal("0.05"), MAY, things.operator())
    things.paid(things.bill(lease, 2), at=instant(APRIL, 12))
    things.paid(things.bill(lease, 3), at=instant(MAY, 12))
    assert [issued(lease, month).commission_rate for month in (APRIL, MAY)] == [RATE, Decimal("0.05")]


@pytest.mark.parametrize(("since", "rate"), [(date(2026, 3, 2), "0.1"), (APRIL, "1"), (APRIL, "-0.1")])
def test_the_database_refuses_a_term_that_is_no_share_or_begins_within_a_month(since: date, rate: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        settlements.set_commission(things.merchant(), Decimal(rate), since, things.operator())


def test_the_first_of_the_month_settles_everybody() -> None:
    running(), running()
    assert jobs.settle(date(2026, 4, 2), instant(date(2026, 4, 2), 10)) == {}
    told = [jobs.settle(APRIL, instant(APRIL, 10)) for _ in range(2)]
    assert [one["statements issued"] for one in told] == [2, 0]


def test_paying_out_twice_pays_once() -> None:
    lease = running()
    statement = issued(lease, MARCH)
    paid = [settlements.pay_out(statement.pk, "B-0042", "operator:1", after(MARCH, 15)) for _ in range(2)]
    assert {one.state for one in paid} == {"PAID_OUT"}
    with pytest.raises(settlements.PaidOutAlready, match="B-0042"):
        settlements.pay_out(statement.pk, "B-0043", "operator:1", after(MARCH, 16))
    assert payable(lease.merchant) == 0
    assert ledger.account(Kind.CLEARING, channel="bank").credits == statement.payable
    assert Posting.objects.filter(key__startswith="statement:").count() == 2
    assert not settlements.to_pay_out().exists()
    assert broken() == []


def test_a_month_below_zero_is_not_paid_out() -> None:
    lease = running()
    issued(lease, MARCH)
    give_back(lease, BILL, date(2026, 4, 5))
    april = issued(lease, APRIL)
    with pytest.raises(settlements.NothingToPayOut):
        settlements.pay_out(april.pk, "B-0042", "operator:1", after(APRIL))
    assert things.again(april).state == "ISSUED"


def test_a_page_shows_the_parts_of_one_payment_and_bill_as_one() -> None:
    lease = running()
    give_back(lease, Decimal(100), date(2026, 3, 20))
    shown = list(settlements.settled(settlements.lines(issued(lease, MARCH)).order_by("pk")))
    assert [(one.is_refund, one.parts.total) for one in shown] == [(False, BILL), (True, Decimal(100))]
    assert {one.lease for one in shown} == {lease}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_merchantstatement SET payable = payable + 1, gross = gross + 1",
        "UPDATE billing_merchantstatement SET month = month - interval '1 month'",
        "UPDATE billing_settlementline SET rent = rent + 1",
        "DELETE FROM billing_settlementline",
        "UPDATE billing_commissionterm SET commission_rate = 0",
        "INSERT INTO billing_settlementline (statement_id, allocation_id, rent, cover, fee)"
        " SELECT statement_id, allocation_id, rent, cover, fee FROM billing_settlementline LIMIT 1",
        "UPDATE billing_merchantstatement SET state = 'PAID_OUT'",
    ],
)
def test_the_database_keeps_what_was_settled(statement: str) -> None:
    issued(running(), MARCH)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("bills", [1, 3])
def test_a_months_queries_do_not_grow_with_its_payments(bills: int, django_assert_max_num_queries: Any) -> None:
    lease = running()
    for number in range(2, bills + 1):
        things.paid(things.bill(lease, number), at=instant(START, 12 + number))
    for _ in range(bills):
        give_back(lease, Decimal(10), date(2026, 3, 20))
    with django_assert_max_num_queries(22):
        issued(lease, MARCH)


@pytest.mark.django_db(transaction=True)
def test_many_beats_at_once_settle_a_month_once() -> None:
    lease = running()
    done = at_once([partial(issued, lease, MARCH) for _ in range(8)])
    assert len({one.pk for one in done}) == 1
    assert MerchantStatement.objects.count() == 1
    assert payable(lease.merchant) == Decimal("496.65")


@pytest.mark.django_db(transaction=True)
def test_two_months_at_once_settle_each_fen_once() -> None:
    lease = running()
    things.paid(things.bill(lease, 2), at=instant(APRIL, 12))
    at_once([partial(settlements.issue, lease.merchant_id, month, after(APRIL)) for month in (APRIL, MARCH)])
    assert sum(one.gross for one in MerchantStatement.objects.all()) == 2 * BILL
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_pay_out_once() -> None:
    lease = running()
    statement = issued(lease, MARCH)
    acts = [partial(settlements.pay_out, statement.pk, f"B-{n:04}", "operator:1", after(MARCH, 15)) for n in range(6)]
    done = at_once(acts)
    assert sum(isinstance(one, MerchantStatement) for one in done) == 1
    assert all(isinstance(one, MerchantStatement | DomainError) for one in done)
    assert payable(lease.merchant) == 0
    assert broken() == []
