"""A customer's lease day by day, with explicit dates: reminders, a bill in time, a bill with its late fee, the return.

Three months stand for twelve: the start on the 31st is clamped in February and comes back in March (domain.md §6).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.models import Bill, Deposit, Lease
from billing.services import statements
from billing.services.statements import BillView, Condition
from core import calendar, jobs
from credit.models import Hold
from credit.services import decisions, quota
from notices.models import Message
from notices.services import sending
from orders.models import Order, State
from orders.services import inspections, receipts, returns
from sandbox.models import Release as PretendedRelease
from tests import make, walks

pytestmark = pytest.mark.django_db
ORDERED = calendar.instant(date(2026, 1, 30), 10)
START, LAST = date(2026, 1, 31), date(2026, 4, 29)
RENT = Decimal("431.00")  # mini-4: 4,788 × 0.09 = 430.92, whole yuan
HELD = Decimal("636.81")  # D 3,184.02 less 80 % waived, 2,547.21


def ten(on: date) -> datetime:
    return calendar.instant(on, 10)


def noon(on: date) -> datetime:
    return calendar.instant(on, 12)


def live_through(first: date, last: date) -> None:
    """Every business day in order, as the beat does it at ten: the day's jobs, then what waits to be sent."""
    on = first
    while on <= last:
        with make.moment(ten(on)):
            jobs.run_day(on, ten(on))
            sending.send_due(ten(on))
        make.drain(ten(on))
        on += timedelta(days=1)


def reminders(bill: Bill) -> dict[str, date]:
    """The reminders of a bill that are in the customer's inbox, by step, with their day."""
    found = Message.objects.filter(step__startswith=f"bill:{bill.pk}:", channel=Message.Channel.IN_APP)
    return {row.step.rpartition(":")[2]: calendar.business_date(row.created_at) for row in found}


def bill(order: Order, number: int) -> Bill:
    return Bill.objects.get(lease=order.lease_id, number=number)


def view(order: Order, number: int, on: date) -> BillView:
    return statements.statement(Lease.objects.get(pk=order.lease_id), on)[number - 1]


def test_a_lease_from_sign_up_to_the_returned_deposit() -> None:
    order = make.order(State.SHIPPED, slug="mini-4", months=3, of=make.customer(726, at=ORDERED), at=ORDERED)
    assert quota.available(order.customer) == Decimal("6000.00") - Decimal("2547.21")
    received_on_the_31st(order)
    february_is_paid_in_time(order)
    march_is_paid_late(order)
    live_through(date(2026, 4, 21), LAST)
    with walks.nothing_changes():
        live_through(START, LAST)  # every day again
    returned_and_settled(order)
    assert walks.broken() == {}
    with walks.nothing_changes():
        live_through(START, date(2026, 5, 4))


def received_on_the_31st(order: Order) -> None:
    """Every later due date is counted from the day of receipt, and clamped; bill 1 keeps the checkout's."""
    receipts.confirm(order.pk, f"customer:{order.customer_id}", noon(START))
    lease = Lease.objects.get(pk=order.lease_id)
    assert (lease.start, lease.last_day) == (START, LAST)
    due = [each.due_date for each in lease.bills.order_by("number")]
    assert due == [date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 31)]


def february_is_paid_in_time(order: Order) -> None:
    """Reminded four times, paid on the due date, then silence."""
    live_through(START, date(2026, 2, 28))
    assert reminders(bill(order, 1)) == {}
    reminded = {
        "T-7": date(2026, 2, 21), "T-3": date(2026, 2, 25), "T-1": date(2026, 2, 27), "T+0": date(2026, 2, 28),
    }  # fmt: skip
    assert reminders(bill(order, 2)) == reminded
    make.pay_bill(order, 2, noon(date(2026, 2, 28)))
    live_through(date(2026, 3, 1), date(2026, 3, 8))
    second = bill(order, 2)
    assert (second.state, second.paid, second.fee) == (Bill.State.PAID, RENT, 0)
    assert reminders(second) == reminded


def march_is_paid_late(order: Order) -> None:
    """Grace costs nothing; after it each open day costs 0.03 % of the rent, and after a week the waiver is gone."""
    live_through(date(2026, 3, 9), date(2026, 4, 3))
    assert view(order, 3, date(2026, 4, 3)).condition == Condition.GRACE
    assert view(order, 3, date(2026, 4, 3)).owed_now == RENT  # the last free day
    assert view(order, 3, date(2026, 4, 4)).condition == Condition.LATE
    live_through(date(2026, 4, 4), date(2026, 4, 7))
    assert decisions.current(order.customer, date(2026, 4, 7)) is not None  # seven days past due
    live_through(date(2026, 4, 8), date(2026, 4, 20))
    assert decisions.current(order.customer, date(2026, 4, 20)) is None  # more than seven
    assert quota.available(order.customer) == 0
    assert reminders(bill(order, 3)) == {
        "T-7": date(2026, 3, 24), "T-3": date(2026, 3, 28), "T-1": date(2026, 3, 30), "T+0": date(2026, 3, 31),
        "T+1": date(2026, 4, 1), "T+3": date(2026, 4, 3), "T+7": date(2026, 4, 7),
    }  # fmt: skip
    sent = Message.objects.filter(step__startswith="bill:", channel=Message.Channel.SMS)
    assert list(sent.values_list("state", flat=True)) == [Message.State.SENT] * (4 + 7)
    late_fee_of_sixteen_days(order, date(2026, 4, 20))


def late_fee_of_sixteen_days(order: Order, paid_on: date) -> None:
    """Open on 4 to 19 April. Nothing is written for it until the money comes."""
    assert view(order, 3, date(2026, 4, 6)).fee_now == Decimal("0.26")  # 431 × 0.0003 × 2 = 0.2586
    assert view(order, 3, paid_on).owed_now == Decimal("433.07")  # 431 × 0.0003 × 16 = 2.0688
    assert bill(order, 3).fee == 0
    make.pay_bill(order, 3, noon(paid_on))
    third = bill(order, 3)
    assert (third.state, third.fee, third.paid) == (Bill.State.PAID, Decimal("2.07"), Decimal("433.07"))
    assert walks.broken() == {}


def returned_and_settled(order: Order) -> None:
    """Sent back on the last day, inspected: deposit and quota come back, the order is completed."""
    returns.open_return(order.pk, f"customer:{order.customer_id}", noon(LAST))
    returns.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), noon(LAST))
    live_through(date(2026, 4, 30), date(2026, 5, 2))
    inspections.arrive(order.pk, "merchant:1", noon(date(2026, 5, 1)))
    inspector = make.merchant_member("qinghe")
    inspections.pass_device(order.pk, inspector, serial_matches=True, wiped=True, note="", at=noon(date(2026, 5, 2)))
    live_through(date(2026, 5, 3), date(2026, 5, 4))
    order = walks.read(order)
    assert (order.state, order.reason, order.lease.state) == (State.COMPLETED, "returned", Lease.State.CLOSED)
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.RELEASED
    assert PretendedRelease.objects.get().amount == HELD
    assert Hold.objects.get(order_number=order.number).state == Hold.State.RELEASED
    assert walks.told(order, "order_completed") == 1
    assert [step.target for step in walks.history(order)] == [
        "PLACED", "APPROVED", "SIGNED", "PAID", "SHIPPED", "ACTIVE", "RETURNING", "INSPECTING", "SETTLING", "COMPLETED",
    ]  # fmt: skip
