"""A device that is kept past its return day, gone, given up or found: each day once, its value once (domain.md §8)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill
from billing.rules.terms import LeaseTerms
from core import calendar
from core.models import Approval
from orders.jobs import JOBS
from orders.models import Ending, Order, Parcel, State
from orders.rules import damage
from orders.services import endings, inspections, losses, reminders, returns, steps, waits
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
DAY = timedelta(days=1)
LATE = next(job for job in JOBS if job.name == "day-rents")


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="mini-4", months=3, at=AT)
        for bill in order.lease.bills.exclude(state="PAID").order_by("number"):
            make.pay_bill(order, bill.number, noon(bill.due_date))
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def noon(on: date | None) -> datetime:
    assert on is not None
    return calendar.instant(on, 12)


def last(order: Order) -> date:
    assert order.lease.last_day is not None
    return order.lease.last_day


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def run(on: date) -> dict[str, int]:
    return LATE.run(on, noon(on))


def days(order: Order) -> list[tuple[int, int, Decimal]]:
    """First and last day as numbers after the return window, and the amount, of what stands."""
    free = last(order) + 3 * DAY
    rows = order.lease.bills.filter(kind=Bill.Kind.DAY_RENT).exclude(state="VOID").order_by("period_start")
    spans = [(row.period_start or free, row.period_end or free, row.rent) for row in rows]
    return [((first - free).days, (until - free).days, amount) for first, until, amount in spans]


def scan(order: Order, when: datetime, at: datetime) -> None:
    make.scan(order, when, at)


def test_nothing_in_the_window_then_whole_weeks_each_once_and_the_scan_ends_it(order: Order) -> None:
    free = last(order) + 3 * DAY
    week = Order.objects.get(pk=order.pk).lease.terms["monthly_rent"]
    for n in range(-5, 8):
        run(free + n * DAY)
    assert (days(order), walks.told(order, "day_rent_began")) == ([], 1)
    for _twice in range(2):
        run(free + 8 * DAY)
    weekly = (Decimal(week) * 12 * 7 / 365).quantize(Decimal("0.01"))
    assert days(order) == [(1, 7, weekly)]
    returns.open_return(order.pk, me(order), noon(free + 8 * DAY))
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), noon(free + 9 * DAY))
    for n in range(10, 16):
        run(free + n * DAY)  # a waybill waits for its scan
    assert len(days(order)) == 1
    scan(order, noon(free + 9 * DAY), noon(free + 16 * DAY))
    scan(order, noon(free + 10 * DAY), noon(free + 16 * DAY))
    assert [(first, until) for first, until, _amount in days(order)] == [(1, 7), (8, 9)]
    inspections.arrive(order.pk, "merchant:1", noon(free + 17 * DAY))
    run(free + 60 * DAY)
    assert len(days(order)) == 2
    assert walks.broken() == {}


def test_days_billed_after_the_carrier_had_it_fall_away(order: Order) -> None:
    free = last(order) + 3 * DAY
    run(free + 8 * DAY)
    returns.open_return(order.pk, me(order), noon(free + 8 * DAY))
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), noon(free + 8 * DAY))
    parcel = order.parcels.get(way=Parcel.Way.BACK)
    Parcel.objects.filter(pk=parcel.pk).update(handed_over_at=noon(free + 2 * DAY))
    scan(order, noon(free + 2 * DAY), noon(free + 9 * DAY))
    assert [(first, until) for first, until, _amount in days(order)] == [(1, 2)]
    assert walks.broken() == {}


def test_in_time_by_the_scan_costs_nothing_whenever_it_is_heard(order: Order) -> None:
    free = last(order) + 3 * DAY
    returns.open_return(order.pk, me(order), noon(free))
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), noon(free))
    run(free + 8 * DAY)
    scan(order, noon(free), noon(free + 9 * DAY))
    assert days(order) == []


def test_a_waybill_that_nobody_scanned_does_not_count(order: Order) -> None:
    free = last(order) + 3 * DAY
    returns.open_return(order.pk, me(order), noon(free))
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), noon(free))
    run(free + 8 * DAY)
    with walks.nothing_changes():
        waits.end_due(noon(free + 15 * DAY) - timedelta(seconds=1))
    waits.end_due(noon(free + 15 * DAY))
    assert (walks.read(order).state, walks.told(order, "return_not_scanned")) == (State.RETURNING, 1)
    run(free + 15 * DAY)
    assert [(first, until) for first, until, _amount in days(order)] == [(1, 7), (8, 14)]
    scan(order, noon(free), noon(free + 16 * DAY))  # it was on its way after all
    assert (days(order), order.parcels.get(way=Parcel.Way.BACK).void_at) == ([], None)
    assert walks.broken() == {}


def test_after_thirty_days_and_a_warning_it_is_given_up_and_never_above_the_cap(order: Order) -> None:
    free, asked = last(order) + 3 * DAY, Approval.objects.count()
    for n in range(1, 31):
        run(free + n * DAY)
    assert (walks.read(order).state, walks.told(order, "default_ahead")) == (State.ACTIVE, 1)
    assert run(free + 31 * DAY) == {"billed": 0, "given up": 1}
    order = walks.read(order)
    assert (order.state, walks.told(order, "device_given_up")) == (State.SETTLING, 1)
    terms = LeaseTerms.from_json(order.lease.terms)
    on = free + 31 * DAY
    worth = damage.depreciated(terms.signed_value, date(2026, 1, 31), on)
    assert Approval.objects.count() == asked  # nobody chose the figure, and nobody is waited for (ADR 30)
    together = order.lease.bills.get(kind=Bill.Kind.LOSS).rent + sum(amount for _first, _last, amount in days(order))
    assert together == min(worth, *terms.curve[-1:], worth)
    with walks.nothing_changes():
        run(free + 32 * DAY)
    assert order.waits_until is not None
    waits.end_due(order.waits_until)  # what the deposit covers is taken first
    make.drain(order.waits_until)
    waits.end_due(order.waits_until + timedelta(hours=7))
    assert walks.read(order).state in {State.WRITTEN_OFF, State.COMPLETED}
    assert walks.read(order).closed_at is not None
    assert walks.broken() == {}


def test_lost_in_the_term_its_value_is_owed_once_and_found_again_it_falls_away(order: Order) -> None:
    at = noon(last(order) - 40 * DAY)
    shown = losses.quote(order, at.date())
    with walks.nothing_changes(), pytest.raises(losses.PoliceReportNeeded):
        losses.report(order.pk, me(order), losses.STOLEN, "地铁上", "", at)
    with walks.nothing_changes(), pytest.raises(losses.StoryNeeded):
        losses.report(order.pk, me(order), losses.LOST, " ", "", at)
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        losses.report(order.pk, me(order), losses.LOST, "地铁上", "", at, "other")
    ending = losses.report(order.pk, me(order), losses.STOLEN, "地铁上", "A-1", at, shown.code)
    assert (walks.read(order).state, ending.state) == (State.SETTLING, Ending.State.DONE)
    bill = order.lease.bills.get(kind=Bill.Kind.LOSS)
    assert bill.rent == shown.payoff.price
    with pytest.raises(steps.StepNotPossible):
        losses.report(order.pk, me(order), losses.LOST, "地铁上", "", at)
    losses.find(order.pk, me(order), at + 2 * DAY)
    assert walks.read(order).state == State.RETURNING
    assert order.lease.bills.get(kind=Bill.Kind.LOSS).state == Bill.State.VOID
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        returns.withdraw(order.pk, me(order), at + 2 * DAY)  # its later rents fell away: there is nothing to rent on
    with walks.nothing_changes(), pytest.raises(losses.NotGivenUp):
        losses.find(order.pk, me(order), at + 2 * DAY)
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), at + 3 * DAY)
    scan(order, at + 3 * DAY, at + 3 * DAY)
    inspections.arrive(order.pk, "merchant:1", at + 4 * DAY)
    inspections.end_wait(order.pk, at + 30 * DAY)
    order = walks.read(order)
    assert (order.state, order.reason) == (State.COMPLETED, "returned")
    assert walks.broken() == {}


def test_the_end_is_told_three_times_with_what_each_way_out_costs(order: Order) -> None:
    for ahead in range(40, -3, -1):
        on = last(order) - ahead * DAY
        for _twice in range(2):
            reminders.remind(on, noon(on))
    told = sum(walks.told(order, template) for template in ("lease_ends", "lease_ends_or_buy"))
    assert told == 3
