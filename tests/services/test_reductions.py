"""Something is taken off a bill: what it does to the bill, the late fee, the books and the order (G10)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Bill, Lease, Posting, Reduction
from billing.rules.limits import Deed
from billing.services import limits, portfolio, reductions, statements
from billing.services.reductions import ReductionTooLarge, Wish
from core import calendar, invariants
from core.models import Approval
from core.services import approvals, events
from notices.models import Message
from orders.models import Order, State
from orders.services import inspections, returns
from orders.services import reductions as order_reductions
from tests import make, things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
START = date(2026, 2, 28)  # bill 2 is due 28 March, free until 31 March
ONE, OTHER = "operator:1", "operator:2"


def at(day: date, hour: int = 12) -> datetime:
    return calendar.instant(day, hour)


@pytest.fixture
def lease() -> Lease:
    return things.lease(start=START, at=calendar.instant(START, 9))


def wish(of: Lease, amount: str, part: str = "RENT", number: int = 2) -> Wish:
    return Wish(of.number, number, part, Decimal(amount), "it was in repair for ten days")


def owed(of: Lease, on: date, number: int = 2) -> Decimal:
    return statements.view(Bill.objects.select_related("lease").get(lease=of, number=number), on).owed_now


def healthy() -> bool:
    return not [each for each in invariants.all_invariants() if invariants.violations(each)]


def test_the_rent_is_lower_and_the_fee_is_counted_on_what_is_left(lease: Lease) -> None:
    late = date(2026, 4, 6)  # 1 to 5 April: 5 × 541.83 × 0.0003 = 0.81; cover 10.00
    assert owed(lease, late) == Decimal("552.64")
    made = reductions.give(wish(lease, "100.00"), ONE, at(date(2026, 4, 3)))
    # 1 and 2 April on 541.83, 3 to 5 April on 441.83: 0.0003 × 2,409.15 = 0.72
    assert owed(lease, late) == Decimal("452.55")
    bill = things.bill(lease, 2)
    assert (bill.rent, bill.reduced, bill.amount, bill.state) == (
        Decimal("541.83"), Decimal(100), Decimal("451.83"), "OPEN"
    )  # fmt: skip
    assert (made.requested_by, made.approval) == (ONE, None)
    assert healthy()


def test_it_is_charged_and_taken_off_in_the_books(lease: Lease) -> None:
    made = reductions.give(wish(lease, "100.00"), ONE, at(date(2026, 3, 20)))
    assert Posting.objects.filter(key=f"bill:{made.bill_id}").exists()
    entries = Posting.objects.get(key=f"reduction:{made.pk}").entries.order_by("pk")
    assert [(entry.account.kind, entry.side, entry.amount) for entry in entries] == [
        ("RENT_INCOME", "DEBIT", Decimal(100)), ("RECEIVABLE", "CREDIT", Decimal(100)),
    ]  # fmt: skip
    paid = things.paid(things.bill(lease, 2), at=at(date(2026, 3, 28)))
    assert paid.amount == Decimal("451.83")
    assert things.bill(lease, 2).state == "PAID"
    assert healthy()


def test_a_fee_that_nobody_posted_is_lower_when_it_is_paid(lease: Lease) -> None:
    late = date(2026, 5, 1)
    fee = owed(lease, late) - Decimal("551.83")
    reductions.give(wish(lease, "1.00", "FEE"), ONE, at(late))
    assert owed(lease, late) == Decimal("550.83") + fee
    assert not Posting.objects.filter(key__startswith="reduction:").exists()
    things.paid(things.bill(lease, 2), at=at(late))
    assert things.bill(lease, 2).fee == fee - 1
    assert healthy()


def test_a_posted_fee_that_is_taken_off_settles_the_bill(lease: Lease) -> None:
    late = date(2026, 5, 1)
    whole = owed(lease, late)
    things.paid_part(things.bill(lease, 2), whole - Decimal("2.00"), at(late))
    assert owed(lease, late) == Decimal("2.00")
    reductions.give(wish(lease, "2.00", "FEE"), ONE, at(late, 13))
    bill = things.bill(lease, 2)
    assert (bill.state, bill.paid_at, bill.amount) == ("PAID", at(late, 13), whole - 2)
    assert healthy()


def test_no_more_than_what_is_open_is_taken_off(lease: Lease) -> None:
    on = at(date(2026, 3, 20))
    things.paid_part(things.bill(lease, 2), Decimal("500.00"), on)
    with pytest.raises(ReductionTooLarge) as refusal:
        reductions.give(wish(lease, "41.84"), ONE, on)
    assert refusal.value.params == {"most": "¥41.83"}
    with pytest.raises(ReductionTooLarge):
        reductions.give(wish(lease, "0.01", "FEE"), ONE, on)
    reductions.give(wish(lease, "41.83"), ONE, on)
    assert owed(lease, date(2026, 3, 20)) == Decimal("10.00")
    assert healthy()


def test_nothing_is_taken_off_what_is_paid(lease: Lease) -> None:
    things.paid(things.bill(lease), at=at(START))
    with pytest.raises(ReductionTooLarge):
        reductions.give(wish(lease, "1.00", number=1), ONE, at(START, 13))
    assert not Reduction.objects.exists()


def test_the_customer_reads_the_reason_and_the_log_says_who(lease: Lease) -> None:
    made = reductions.give(wish(lease, "10.00"), ONE, at(date(2026, 3, 20)))
    told = Message.objects.get(template="reduced")
    assert told.params["reason"] == "it was in repair for ten days"
    event = events.of(made.bill).get(kind="bill_reduced")
    assert (event.actor, event.facts["amount"]) == (ONE, "10.00")


def test_arrears_are_those_of_the_reduced_rent(lease: Lease) -> None:
    late = date(2026, 4, 6)
    things.paid(things.bill(lease), at=at(START))
    before = portfolio.arrears_and_cohorts(late, portfolio.M1)[0].overdue
    limits.set_most(Deed.REDUCTION, Decimal(1000), things.operator(), at(START))
    things.paid_part(things.bill(lease, 2), Decimal("541.83"), at(date(2026, 3, 28)))
    assert portfolio.arrears_and_cohorts(late, portfolio.M1)[0].overdue == Decimal("10.00")
    assert before == Decimal("551.83")
    reductions.give(wish(lease, "541.83", number=3), ONE, at(date(2026, 4, 1)))
    third = Bill.objects.select_related("lease").get(lease=lease, number=3)
    assert statements.view(third, date(2026, 5, 10)).owed_now == Decimal("10.00")


def test_above_the_limit_of_a_lease_another_one_decides(lease: Lease) -> None:
    on = at(date(2026, 3, 20))
    reductions.give(wish(lease, "150.00"), ONE, on)
    small = wish(lease, "50.01", number=3)
    assert reductions.needs_second_person(small)
    with pytest.raises(approvals.ApprovalNeeded):
        reductions.give(small, ONE, on)
    assert Reduction.objects.count() == 1


def test_rows_are_append_only(lease: Lease) -> None:
    reductions.give(wish(lease, "10.00"), ONE, at(date(2026, 3, 20)))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_reduction SET amount = 1")


def test_lease_then_bill_are_locked(lease: Lease) -> None:
    with CaptureQueriesContext(connection) as queries:
        reductions.give(wish(lease, "10.00"), ONE, at(date(2026, 3, 20)))
    assert locks(queries)[:2] == ["billing_lease", "billing_bill"]


# with its order


@pytest.fixture
def settling() -> Order:
    """Returned and inspected, the last two rents are open."""
    order = make.order(State.ACTIVE, slug="mini-4", months=3)
    over = make.AT + timedelta(days=96)
    returns.open_return(order.pk, f"customer:{order.customer_id}", over)
    returns.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), over)
    inspections.arrive(order.pk, "merchant:1", over + timedelta(days=1))
    inspections.pass_device(
        order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=over + timedelta(days=1)
    )
    found = Order.objects.get(pk=order.pk)
    assert found.state == State.SETTLING
    return found


def test_the_last_thing_taken_off_completes_the_order(settling: Order) -> None:
    later = make.AT + timedelta(days=98)
    on = calendar.business_date(later)
    limits.set_most(Deed.REDUCTION, Decimal(100000), make.operator(), later)
    for view in statements.statement(settling.lease, on):
        for part, amount in (("RENT", view.owed_now - view.fee_owed - view.bill.cover), ("FEE", view.fee_owed)):
            if amount:
                made = order_reductions.give(
                    settling, Wish(settling.lease.number, view.bill.number, part, amount, "a goodwill"), ONE, later
                )
                assert isinstance(made, Reduction)
    left = statements.statement(Order.objects.get(pk=settling.pk).lease, on)
    assert not any(view.owed_now for view in left)
    assert Order.objects.get(pk=settling.pk).state == State.COMPLETED
    assert healthy()


def test_a_second_person_reduces_and_the_order_goes_on(settling: Order) -> None:
    later = make.AT + timedelta(days=98)
    big = Wish(settling.lease.number, 2, "RENT", Decimal("200.01"), "a goodwill of the house")
    asked = order_reductions.give(settling, big, ONE, later)
    assert isinstance(asked, Approval)
    with pytest.raises(approvals.AlreadyAsked):
        order_reductions.give(settling, big, ONE, later)
    with pytest.raises(approvals.SamePerson):
        order_reductions.carry_out(asked.pk, ONE, later)
    made = order_reductions.carry_out(asked.pk, OTHER, later)
    assert (made.amount, made.requested_by, made.approval) == (Decimal("200.01"), ONE, asked)
    assert healthy()
