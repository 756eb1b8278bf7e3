"""A death before anything was shipped: the order ends with everything back; of a swap the old lease goes on."""

from datetime import date, datetime, timedelta

import pytest

from accounts.services.standstills import Event
from billing.models import DepositFreeze, Lease, Refund
from billing.services import autopay
from core import calendar
from core.models import Event as Happened
from credit.models import Hold
from orders.models import Ending, Order, State
from orders.models.orders import BEFORE_SHIPPING
from orders.services import checkout, standstills, swaps, waits
from orders.services.checkout import Swap
from orders.services.cost_tables import Wanted
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
DAY = timedelta(days=1)
ONE, OTHER = "operator:1", "operator:2"
PDF = b"%PDF-1.4 a certificate"


def record(order: Order, at: datetime, kind: str = "DEATH") -> None:
    on = calendar.business_date(at)
    standstills.record(order.customer, Event(kind, on, "shown by the son"), PDF, ONE, at)


def marks(order: Order) -> int:
    return Happened.objects.filter(kind="marked", facts__order=order.number).count()


@pytest.mark.parametrize("kind", ["DEATH", "INCAPACITY"])
def test_a_paid_order_is_cancelled_and_all_that_was_paid_goes_back(kind: str) -> None:
    order = make.order(State.PAID, of=make.customer(at=AT), slug="q7-pro", months=12, at=AT)
    first = order.lease.bills.get(number=1)
    assert first.paid == first.amount
    record(order, AT + DAY, kind)
    assert walks.read(order).state == State.PAID  # a worker cancels it, in its own transaction
    make.drain(AT + DAY)
    make.deliver_notices(AT + DAY)
    order = walks.read(order)
    assert (order.state, order.reason, order.lease.state) == (State.CANCELLED, "standstill", Lease.State.VOID)
    assert Refund.objects.get(deposit=None).amount == first.amount
    assert not DepositFreeze.objects.filter(deposit__lease=order.lease_id, held__gt=0).exists()
    assert Hold.objects.get(order_number=order.number).state == Hold.State.RELEASED
    assert marks(order) == 0  # nobody kept it
    assert walks.told(order, "order_cancelled") == 1
    assert walks.broken() == {}
    assert not standstills.cancel_unshipped(order.pk, AT + 2 * DAY)


@pytest.mark.parametrize("state", [State.PLACED, State.APPROVED, State.SIGNED])
def test_before_the_money_it_ends_as_well(state: State) -> None:
    order = make.order(state, of=make.customer(at=AT), slug="q7-pro", months=12, at=AT)
    record(order, AT)
    make.drain(AT)
    assert (walks.read(order).state, walks.read(order).reason) == (State.CANCELLED, "standstill")
    assert walks.broken() == {}


def test_withdrawn_before_the_worker_came_the_order_goes_on() -> None:
    order = make.order(State.PAID, of=make.customer(at=AT), slug="q7-pro", months=12, at=AT)
    record(order, AT)
    asked = standstills.propose_end(order.customer, "a namesake", ONE, AT)
    standstills.carry_out_end(asked.pk, OTHER, AT)
    make.drain(AT)
    assert walks.read(order).state == State.PAID


def test_one_that_the_clock_finds_first_is_nobodys_fault() -> None:
    order = make.order(State.PAID, of=make.customer(at=AT), slug="q7-pro", months=12, at=AT)
    record(order, AT)
    waits.end_due(AT + 6 * DAY)
    assert (walks.read(order).reason, marks(order)) == ("standstill", 0)


def test_of_a_swap_the_new_order_is_cancelled_and_the_old_lease_goes_on_as_the_estates() -> None:
    make.plan("q7", AT)
    old = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT)
    at = AT + 10 * DAY
    plan, on = make.plan("q7", at), calendar.business_date(at)
    cost = checkout.quote(old.customer, plan, 12, on, replaced=old)
    asked = Swap(old.number, swaps.quote(old, on, 12).code)
    where = make.address(old.customer, at)
    made = checkout.place_together(old.customer, [Wanted(plan.pk, 12)], where, cost.digest, "k1", at, swap=asked)
    new = made.orders.get()
    make.drain(at)
    assert walks.read(new).state in BEFORE_SHIPPING
    record(old, at + DAY)
    make.drain(at + DAY)
    old = walks.read(old)
    assert (walks.read(new).state, walks.read(new).reason) == (State.CANCELLED, "standstill")
    assert (old.state, old.lease.state) == (State.ACTIVE, Lease.State.LIVE)
    assert old.endings.get().state == Ending.State.LAPSED
    assert old.lease.still == [[calendar.business_date(at + DAY).isoformat(), None]]
    assert standstills.open_return(old.pk, ONE, at + 2 * DAY).basis == Ending.Basis.ESTATE
    assert walks.broken() == {}


def test_automatic_payment_is_not_turned_on_any_more() -> None:
    order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT)
    record(order, AT + DAY)
    with walks.nothing_changes(), pytest.raises(autopay.AutopayRests):
        autopay.open(order.lease_id, "alipay", on=calendar.business_date(AT + DAY), at=AT + DAY)
