"""A plan in place of late bills: nothing is added, nothing grows, and it ends by what is paid (domain.md §9)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from arrears.models import CollectionCase
from arrears.services import cases
from billing import jobs
from billing.models import Bill, Chargeback, ExtensionPlan, Lease
from billing.rules.extension import Limits, Terms
from billing.services import (
    chargebacks,
    extensions,
    history,
    leases,
    overdue,
    payments,
    portfolio,
    standing,
    statements,
    write_offs,
)
from core import calendar
from core.invariants import all_invariants, violations
from integrations.payments import DisputeFact, DisputeStatus
from notices.models import Message
from tests import things

pytestmark = pytest.mark.django_db
START = date(2026, 3, 2)  # bills 2 and 3 are due on 2 April and 2 May
ON, FIRST = date(2026, 5, 20), date(2026, 6, 1)
BROKEN_ON = date(2026, 6, 5)  # three days of grace
TERMS = Terms((2, 3), 3, FIRST)


def at(on: date, hour: int = 12) -> datetime:
    return calendar.instant(on, hour)


@pytest.fixture
def lease() -> Lease:
    made = things.lease(signed=True)
    things.paid(things.bill(made), at=at(START, 1))
    return leases.begin(made.pk, START, at(START))


def begin(lease: Lease, terms: Terms = TERMS, on: date = ON) -> ExtensionPlan:
    shown = extensions.preview(lease.pk, terms, on)
    return extensions.begin(lease.pk, terms, shown.proposal.total, on, at(on))


def owed(lease: Lease, on: date) -> Decimal:
    return sum((view.owed_now for view in statements.statement(lease, on)), Decimal(0))


def broken_rules() -> list[str]:
    return [one.number for one in all_invariants() if violations(one)]


def parts(lease: Lease) -> list[Bill]:
    return list(lease.bills.filter(kind="PART").order_by("number"))


def test_the_same_sum_in_parts_and_not_a_fen_more(lease: Lease) -> None:
    before = owed(lease, ON)
    assert before == Decimal("1113.09")
    plan = begin(lease)
    assert (owed(lease, ON), owed(lease, FIRST), plan.owed, plan.days_frozen) == (before, before, before, 48)
    assert [(part.number, part.due_date, part.amount) for part in parts(lease)] == [
        (2001, date(2026, 6, 1), Decimal("371.03")),
        (2002, date(2026, 7, 1), Decimal("371.03")),
        (2003, date(2026, 8, 1), Decimal("371.03")),
    ]
    rents = lease.bills.filter(kind="RENT").order_by("number")
    assert [bill.state for bill in rents] == ["PAID", "REPLANNED", "REPLANNED"]
    assert sum(bill.rent + bill.cover for bill in rents) == lease.contract_total
    assert broken_rules() == []


def test_while_it_is_kept_nobody_duns_and_nothing_grows(lease: Lease) -> None:
    cases.open_due(ON, at(ON))
    case = CollectionCase.objects.get()
    case.customer.user.phone = things.PHONE
    case.customer.user.save()
    begin(lease)
    with pytest.raises(cases.PlanKept):
        cases.dial(case.pk, "operator:1", at(ON))
    assert cases.close_settled(ON, at(ON)) == 1
    case = things.again(case)
    assert case.outcome == "REPLANNED"
    in_grace = FIRST + timedelta(days=3)
    assert overdue.of([lease.pk], in_grace) == {}
    assert cases.open_due(in_grace, at(in_grace)) == 0
    assert extensions.look(in_grace, at(in_grace)) == {"plans kept": 0, "plans broken": 0}
    assert owed(lease, in_grace) == Decimal("1113.09")
    with pytest.raises(payments.BillReplanned):
        things.attempt(things.bill(lease, 2), at=at(ON))
    assert history.of(lease.customer, at(ON)).bills_late == 2


def test_kept_it_closes_with_its_last_part(lease: Lease) -> None:
    plan = begin(lease)
    for part in parts(lease):
        assert part.due_date is not None
        things.paid(part, at=at(part.due_date))
        jobs.check_extensions(part.due_date, at(part.due_date))
    plan = things.again(plan)
    assert (plan.state, plan.ended_on) == ("KEPT", date(2026, 8, 1))
    assert owed(lease, date(2027, 1, 1)) == 0
    assert Message.objects.filter(template="extension_kept").count() == 1
    assert broken_rules() == []


def test_broken_all_is_due_and_the_days_of_the_plan_are_never_counted(lease: Lease) -> None:
    plan = begin(lease)
    assert [jobs.check_extensions(BROKEN_ON, at(BROKEN_ON))["plans broken"] for _ in range(2)] == [1, 0]
    plan = things.again(plan)
    assert (plan.state, plan.ended_on) == ("BROKEN", BROKEN_ON)
    assert [part.due_date for part in parts(lease)] == [FIRST, BROKEN_ON, BROKEN_ON]
    assert owed(lease, BROKEN_ON) == Decimal("1113.09")
    assert overdue.of([lease.pk], BROKEN_ON)[lease.pk].days == 48  # as on the day it began
    later = BROKEN_ON + timedelta(days=10)
    assert overdue.of([lease.pk], later)[lease.pk].days == 58
    # ten days of the first part, seven of each other: 361.22 × 0.0003 × 10 = 1.08, × 7 = 0.76
    assert owed(lease, BROKEN_ON + timedelta(days=11)) == Decimal("1113.09") + Decimal("1.19") + 2 * Decimal("0.76")
    assert cases.open_due(BROKEN_ON, at(BROKEN_ON)) == 1
    assert Message.objects.filter(template="extension_broken").count() == 1
    assert broken_rules() == []


def test_a_part_that_is_being_paid_is_waited_for(lease: Lease) -> None:
    plan = begin(lease)
    things.attempt(parts(lease)[0], at=at(FIRST))
    assert extensions.look(BROKEN_ON, at(BROKEN_ON))["plans broken"] == 0
    plan = things.again(plan)
    assert plan.is_running


def test_at_most_two_and_one_at_a_time(lease: Lease) -> None:
    begin(lease)
    with pytest.raises(extensions.PlanRuns):
        extensions.preview(lease.pk, TERMS, ON)
    extensions.look(BROKEN_ON, at(BROKEN_ON))
    second = Terms((2001, 2002, 2003), 2, BROKEN_ON)
    again = begin(lease, second, BROKEN_ON)
    assert (again.number, again.days_frozen) == (2, 48)
    assert owed(lease, BROKEN_ON) == Decimal("1113.09")
    assert [part.number for part in parts(lease)] == [2001, 2002, 2003, 2004, 2005]
    assert broken_rules() == []
    late = BROKEN_ON + timedelta(days=4)
    extensions.look(late, at(late))
    with pytest.raises(extensions.PlansUsedUp):
        extensions.preview(lease.pk, Terms((2004, 2005), 2, late), late)


def test_limits_are_rows_and_refusals_name_them(lease: Lease) -> None:
    with pytest.raises(extensions.NoSuchBills):
        extensions.preview(lease.pk, Terms((1, 2), 3, FIRST), ON)
    with pytest.raises(extensions.FeeTooHigh, match="11"):
        extensions.preview(lease.pk, Terms((2, 3), 3, FIRST, Decimal("11.14")), ON)
    extensions.set_limits(Limits(1, 2, 14, Decimal(0)), things.operator(), at(ON))
    with pytest.raises(extensions.PlanTooLong):
        extensions.preview(lease.pk, TERMS, ON)
    with pytest.raises(extensions.FeeTooHigh):
        extensions.preview(lease.pk, Terms((2, 3), 2, FIRST, Decimal("0.01")), ON)
    with pytest.raises(IntegrityError), transaction.atomic():
        extensions.set_limits(Limits(3, 2, 14, Decimal(0)), things.operator(), at(ON))


def test_other_figures_than_signed_begin_nothing(lease: Lease) -> None:
    shown = extensions.preview(lease.pk, TERMS, ON)
    with pytest.raises(extensions.FiguresChanged):
        extensions.begin(lease.pk, TERMS, shown.proposal.total, ON + timedelta(days=1), at(ON + timedelta(days=1)))
    assert not ExtensionPlan.objects.exists()


def test_an_agreed_fee_is_earned_once_and_stated(lease: Lease) -> None:
    begin(lease, Terms((2, 3), 3, FIRST, Decimal("5.00")))
    assert owed(lease, FIRST) == Decimal("1118.09")
    assert broken_rules() == []


def test_what_a_dispute_takes_back_of_a_replanned_bill_is_owed_again(lease: Lease) -> None:
    payment = things.paid_part(things.bill(lease, 2), Decimal("100.00"), at(ON))
    begin(lease)
    fact = DisputeFact("D-9", payment.number, DisputeStatus.LOST, Decimal(40), True, "-", at(ON), None, at(FIRST))
    chargebacks.apply(payment.channel, fact, at(FIRST))
    assert Chargeback.objects.get().state == "LOST"
    again = things.bill(lease, 2)
    assert (again.state, again.amount - again.paid) == ("OPEN", Decimal("40.00"))
    assert broken_rules() == []


def test_a_lease_that_ends_owes_the_parts_and_writes_them_off(lease: Lease) -> None:
    plan = begin(lease)
    assert standing.dues(lease.pk, FIRST) == Decimal("371.03")
    gone = FIRST + timedelta(days=1)
    made = write_offs.write_off(lease.pk, gone, at(gone))
    assert made is not None
    assert made.amount == Decimal("1113.09")
    extensions.look(gone, at(gone))
    plan = things.again(plan)
    assert plan.state == "BROKEN"
    assert broken_rules() == []


def test_the_portfolio_keeps_it_where_it_was(lease: Lease) -> None:
    begin(lease)
    [first, later] = [portfolio.arrears_and_cohorts(on)[0] for on in (ON, FIRST + timedelta(days=60))]
    assert first.amounts == later.amounts
    assert first.amounts[2] == Decimal("1103.66")  # 48 days: M2
