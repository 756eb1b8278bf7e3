"""Sending it back before the end: its price by the day of the parcel, and everything else back (domain.md §8)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill, Lease, Refund
from billing.services import partial_refunds, statements
from core import calendar
from core.money import ZERO
from orders.models import Ending, Order, State
from orders.services import early_returns, endings, inspections, returns, waits
from tests import make, walks, worked

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
RENT = Decimal("309.00")
IN_MARCH = calendar.instant(date(2026, 3, 3), 12)  # bills of 31 Jan and 28 Feb are due


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def back_and_passed(order: Order, at: Any) -> Order:
    inspections.arrive(order.pk, "merchant:1", at + timedelta(days=1))
    inspections.pass_device(
        order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=at + timedelta(days=1, hours=1)
    )
    return walks.read(order)


def test_one_more_rent_is_charged_when_the_parcel_leaves_and_rents_paid_ahead_come_back(order: Order) -> None:
    for number in (2, 3, 4):
        make.pay_bill(order, number, IN_MARCH - timedelta(days=3))
    shown = early_returns.quote(order, IN_MARCH.date(), "EARLY")
    # k = 2: min(10 × 309, 1 × 309) = 309.00; bills 3 and 4 were paid ahead: 618.00 − 309.00 come back
    assert (shown.payoff.price, shown.payoff.to_pay, shown.payoff.given_back) == (RENT, ZERO, RENT)
    ending = early_returns.open(order.pk, me(order), IN_MARCH, shown.code)
    assert (ending.basis, walks.read(order).state) == (Ending.Basis.EARLY, State.RETURNING)
    assert not order.lease.bills.exclude(kind="RENT").exists()  # nothing is charged before the parcel leaves
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), IN_MARCH + timedelta(hours=2))
    assert not order.lease.bills.exclude(kind="RENT").exists()  # nor when the customer says that it did
    make.scan(order, IN_MARCH + timedelta(hours=3), IN_MARCH + timedelta(hours=9))
    make.scan(order, IN_MARCH + timedelta(hours=6), IN_MARCH + timedelta(hours=9))
    charge = order.lease.bills.get(kind=Bill.Kind.EARLY)
    assert (charge.rent, charge.state) == (RENT, Bill.State.PAID)  # from what was freed
    states = order.lease.bills.filter(kind="RENT").order_by("number").values_list("state", flat=True)
    assert list(states) == ["PAID"] * 2 + ["VOID"] * 10
    assert statements.credit_balance(order.customer) == RENT
    done = back_and_passed(order, IN_MARCH)
    assert (done.state, done.reason, done.lease.state) == (State.COMPLETED, "returned", Lease.State.CLOSED)
    back = Refund.objects.filter(payment__customer=order.customer, deposit=None)
    assert sum(refund.amount for refund in back) == RENT == shown.payoff.given_back
    assert walks.broken() == {}


def test_the_day_of_the_parcel_decides_and_a_bill_due_meanwhile_stays_owed(order: Order) -> None:
    at = calendar.instant(date(2026, 3, 29), 12)
    make.pay_bill(order, 2, IN_MARCH)
    early_returns.open(order.pk, me(order), at)
    sent = calendar.instant(date(2026, 4, 1), 12)  # bill 3 of 31 March is due by now
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), sent)
    make.scan(order, sent, sent + timedelta(days=1))
    assert order.endings.get().quoted.period == 3
    owed = [(bill.number, bill.kind) for bill in order.lease.bills.filter(state=Bill.State.OPEN).order_by("number")]
    assert owed == [(3, "RENT"), (901, "EARLY")]
    order = back_and_passed(order, sent)
    assert order.state == State.SETTLING
    for number in (3, 901):
        make.pay_bill(order, number, sent + timedelta(days=2))
    assert walks.read(order).state == State.COMPLETED
    assert walks.broken() == {}


def test_a_change_of_mind_costs_the_days_used_and_the_rest_comes_back(order: Order) -> None:
    """Received on 31 January, handed over on 3 February: four days, both counted."""
    at = calendar.instant(date(2026, 2, 2), 12)
    ending = early_returns.open(order.pk, me(order), at)
    assert (ending.basis, ending.quoted.days) == (Ending.Basis.COOLING_OFF, 3)
    sent = at + timedelta(days=1)
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), sent)
    make.scan(order, sent, sent + timedelta(days=1))
    # 309 × 12 / 365 × 4 = 40.635… → 40.64; of 309.00 paid 268.36 come back
    charge = order.lease.bills.get(kind=Bill.Kind.EARLY)
    assert (charge.rent, charge.state) == (Decimal("40.64"), Bill.State.PAID)
    assert not order.lease.bills.filter(kind="RENT").exclude(state=Bill.State.VOID).exists()
    order = back_and_passed(order, sent)
    assert order.state == State.COMPLETED
    assert Refund.objects.get(payment__customer=order.customer, deposit=None).amount == Decimal("268.36")
    assert walks.broken() == {}


@pytest.mark.parametrize("row", worked.table("end-of-lease", "A change of mind: what is paid"))
def test_the_documented_changes_of_mind(order: Order, row: dict[str, str]) -> None:
    on = date.fromisoformat(row["scanned"])
    assert early_returns.basis_on(order, on) == Ending.Basis.COOLING_OFF
    found = early_returns.quote(order, on, Ending.Basis.COOLING_OFF)
    assert (found.days, found.payoff.price, found.payoff.to_pay) == (int(row["days"]), Decimal(row["costs"]), ZERO)
    assert found.payoff.given_back == Decimal(row["back"])


def test_after_a_partial_refund_a_mind_may_still_be_changed_and_the_rest_beyond_the_days_comes_back(
    order: Order,
) -> None:
    """50.00 of the first rent went back on the second day: 309.00 − 50.00 − 40.64 = 218.36 follow."""
    at = calendar.instant(date(2026, 2, 2), 12)
    bill = order.lease.bills.get(number=1)
    payment = bill.payment_items.get().payment
    partial_refunds.give(
        partial_refunds.Wish(payment.number, order.lease.number, Decimal("50.00"), "送达晚了"),
        f"operator:{make.operator().pk}", at,
    )  # fmt: skip
    shown = early_returns.quote(order, at.date(), early_returns.basis_on(order, at.date()))
    assert (shown.payoff.price, shown.payoff.given_back) == (Decimal("30.48"), Decimal("228.52"))  # three days so far
    early_returns.open(order.pk, me(order), at, shown.code)
    sent = at + timedelta(days=1)
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), sent)
    make.scan(order, sent, sent + timedelta(days=1))
    assert not order.lease.bills.filter(kind=Bill.Kind.EARLY).exists()
    assert order.lease.bills.exclude(state=Bill.State.VOID).get().number == 1
    assert back_and_passed(order, sent).state == State.COMPLETED
    given = Refund.objects.filter(payment=payment).order_by("pk").values_list("amount", flat=True)
    assert list(given) == [Decimal("50.00"), Decimal("218.36")]
    assert walks.broken() == {}


def test_a_waybill_that_nobody_scanned_is_no_early_return(order: Order) -> None:
    early_returns.open(order.pk, me(order), IN_MARCH)
    returns.hand_over(order.pk, me(order), "sf", make.waybill(), IN_MARCH)
    waits.end_due(IN_MARCH + timedelta(days=15))
    read = walks.read(order)
    assert (read.state, read.lease.paused_from, order.endings.get().state) == (State.ACTIVE, None, "LAPSED")
    assert walks.told(order, "return_not_scanned") == 1
    assert not order.lease.bills.exclude(kind="RENT").exists()
    assert walks.broken() == {}


def test_within_seven_days_of_the_receipt_and_not_a_day_longer(order: Order) -> None:
    received = AT.date()
    assert early_returns.basis_on(order, received + timedelta(days=7)) == Ending.Basis.COOLING_OFF
    assert early_returns.basis_on(order, received + timedelta(days=8)) == Ending.Basis.EARLY
    with pytest.raises(early_returns.NotEarly):
        early_returns.basis_on(order, date(2026, 12, 31))  # the day of bill 12


def test_withdrawn_or_not_handed_over_in_seven_days_everything_is_as_before(order: Order) -> None:
    before = list(order.lease.bills.order_by("number").values_list("number", "state", "paid"))
    early_returns.open(order.pk, me(order), IN_MARCH)
    assert Lease.objects.get(pk=order.lease_id).paused_from == IN_MARCH.date()
    returns.withdraw(order.pk, me(order), IN_MARCH + timedelta(hours=1))
    early_returns.open(order.pk, me(order), IN_MARCH + timedelta(hours=2))
    until = walks.read(order).waits_until
    assert until is not None
    with walks.nothing_changes():
        waits.end_due(until - timedelta(seconds=1))
    waits.end_due(until)
    order = walks.read(order)
    assert (order.state, order.waits_until, order.lease.paused_from) == (State.ACTIVE, None, None)
    assert [ending.state for ending in order.endings.order_by("pk")] == ["WITHDRAWN", "LAPSED"]
    assert list(order.lease.bills.order_by("number").values_list("number", "state", "paid")) == before
    assert walks.told(order, "return_lapsed") == 1
    assert walks.broken() == {}


def test_other_figures_than_the_shown_ones_are_refused(order: Order) -> None:
    yesterday = early_returns.quote(order, IN_MARCH.date() - timedelta(days=1), "EARLY")
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        early_returns.open(order.pk, me(order), IN_MARCH, yesterday.code)
