"""换机: another device for the one on lease. The quota moves by the difference; the old one goes back."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill
from core import calendar
from core.money import ZERO
from credit.models import Hold, QuotaAccount
from credit.services import quota, quota_book
from orders.models import Ending, Order, State
from orders.services import (
    cancellations,
    checkout,
    day_rents,
    endings,
    inspections,
    losses,
    receipts,
    returns,
    steps,
    swaps,
    turned_back,
    waits,
)
from orders.services.checkout import Swap
from orders.services.cost_tables import Wanted
from orders.services.swaps import FormerNotSettled, NoOtherDevice, SwapOverdue
from tests import make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
ON = calendar.instant(date(2026, 3, 3), 12)  # bills of 31 Jan and 28 Feb are due
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        make.plan("q7", AT)
        make.plan("lan-x2", AT)
        made = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT)
        make.pay_bill(made, 2, ON - 3 * DAY)
        yield made.pk


@pytest.fixture
def old(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def swap(old: Order, slug: str = "q7", months: int = 12, at: datetime = ON, shown: str | None = None) -> Order:
    """The customer orders another device for the old one, at the figures of its page."""
    plan, on = make.plan(slug, at), calendar.business_date(at)
    cost = checkout.quote(old.customer, plan, months, on, replaced=old)
    asked = Swap(old.number, shown or swaps.quote(old, on, months).code)
    where = make.address(old.customer, at)
    wanted = [Wanted(plan.pk, months)]
    made = checkout.place_together(old.customer, wanted, where, cost.digest, f"k{slug}{at}", at, swap=asked)
    make.drain(at)
    return made.orders.get()


def walk(order: Order, state: str, at: datetime) -> Order:
    """On to `state`, a day for each step that takes one."""
    with quick_paper():
        for step in (make.sign, make.pay_first, make._ship):
            if walks.read(order).state == state:
                break
            step(walks.read(order), at)
    return walks.read(order)


def received(order: Order, at: datetime) -> None:
    receipts.confirm(walk(order, State.SHIPPED, at).pk, f"customer:{order.customer_id}", at + 2 * DAY)
    make.drain(at + 2 * DAY)


def held(order: Order) -> tuple[Decimal, Decimal]:
    """What the account holds, and how many devices count."""
    account = QuotaAccount.objects.get(customer=order.customer_id)
    return account.held, Decimal(quota.devices_held(order.customer))


def test_holds_move_by_the_difference_and_the_old_device_goes_back(old: Order) -> None:
    before, waived = held(old), Hold.objects.get(order_number=old.number).amount
    new = swap(old)
    hold = Hold.objects.get(order_number=new.number)
    # the new waiver is as large as if the old one were free; together they take the larger of both, one device
    assert hold.amount == new.lease.deposit.waived
    assert hold.counted_back == min(hold.amount, waived)
    assert held(old) == (max(waived, hold.amount), before[1])
    assert (walks.read(old).state, old.endings.get().successor_id) == (State.ACTIVE, new.pk)
    assert walks.broken() == {}
    received(new, ON)
    old = walks.read(old)
    ending = old.endings.get()
    assert (old.state, ending.state, ending.bill) == (State.RETURNING, Ending.State.OPEN, None)
    # received on 5 March: the running period stays, bills from 31 March on fall away, and from then on days cost
    assert list(old.lease.bills.order_by("number").values_list("state", flat=True)) == ["PAID"] * 2 + ["VOID"] * 10
    assert ending.valid_until == calendar.instant(date(2026, 3, 31))
    assert old.lease.deposit.to_hold == sum(freeze.held for freeze in old.lease.deposit.freezes.all())  # stays
    assert walks.told(old, "swap_received") == 1
    sent = ON + 5 * DAY
    returns.hand_over(old.pk, f"customer:{old.customer_id}", "sf", make.waybill(), sent)
    make.scan(old, sent)
    inspections.arrive(old.pk, "merchant:1", sent + DAY)
    inspections.pass_device(old.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=sent + DAY)
    old = walks.read(old)
    assert (old.state, old.reason, old.endings.get().state) == (State.COMPLETED, "returned", Ending.State.DONE)
    assert held(old) == (hold.amount, before[1])
    book = quota_book.of(old.customer)
    assert book[0].after.held == hold.amount
    assert walks.read(new).state == State.ACTIVE
    assert walks.broken() == {}


@pytest.mark.parametrize("how", ["called off", "expired", "defect"])
def test_a_new_order_that_fails_leaves_the_old_lease_and_its_hold_as_they_were(old: Order, how: str) -> None:
    account, bills = held(old), list(old.lease.bills.order_by("pk").values())
    new, me = swap(old), f"customer:{old.customer_id}"
    if how == "called off":
        cancellations.cancel(swaps.to_call_off(old), me, "by_customer", ON)
    elif how == "expired":
        waits.end_due(walks.read(new).waits_until or ON)
    else:
        new = walk(new, State.SHIPPED, ON)
        turned_back.report_defect(new.pk, me, ["power"], "", ON + DAY)
        returns.hand_over(new.pk, me, "sf", make.waybill(), ON + DAY)
        inspections.arrive(new.pk, "merchant:1", ON + 2 * DAY)
        inspections.pass_device(
            new.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=ON + 2 * DAY
        )
    make.drain(ON + 3 * DAY)
    old = walks.read(old)
    assert (old.state, old.endings.get().state) == (State.ACTIVE, Ending.State.LAPSED)
    assert (held(old), list(old.lease.bills.order_by("pk").values())) == (account, bills)
    assert walks.told(old, "swap_lapsed") == 1
    assert walks.broken() == {}
    swap(old, "pad-11", at=ON + 3 * DAY)  # and it may be swapped again


def test_a_shorter_term_than_what_is_left_costs_an_early_return_and_never_more_than_was_shown(old: Order) -> None:
    assert swaps.quote(old, ON.date(), 12).payoff.price == ZERO
    assert swaps.quote(old, ON.date(), 6).payoff.price == Decimal("309.00")  # 10 rents are left
    new = swap(old, months=6)
    received(new, ON)
    charge = old.lease.bills.get(kind=Bill.Kind.EARLY)
    assert (charge.rent, old.endings.get().bill) == (Decimal("309.00"), charge)
    assert walks.broken() == {}


def test_kept_after_the_swap_the_days_cost_and_then_its_value_is_owed(old: Order) -> None:
    """Received on 28 March: seven days to hand it over, of which three are in the paid month."""
    at = calendar.instant(date(2026, 3, 26), 12)
    received(swap(old, at=at), at)
    found = day_rents.agreed(walks.read(old))
    assert found is not None
    assert found.first == date(2026, 4, 5)
    assert day_rents.late(date(2026, 4, 12)) == [old.pk]
    day_rents.run_on(old.pk, date(2026, 4, 12), calendar.instant(date(2026, 4, 12)))
    assert old.lease.bills.get(kind=Bill.Kind.DAY_RENT).rent == Decimal("71.11")  # 309 × 12 / 365 × 7
    with pytest.raises(steps.StepNotPossible):
        returns.withdraw(old.pk, f"customer:{old.customer_id}", at)
    late = calendar.instant(date(2026, 5, 6))
    assert losses.end_late(old.pk, late.date(), late)
    assert walks.read(old).state == State.SETTLING
    assert walks.broken() == {}


def test_what_cannot_be_swapped_is_refused_and_nothing_is_kept(old: Order) -> None:
    with pytest.raises(NoOtherDevice):
        swap(old, "lan-x2")  # another merchant's
    with pytest.raises(NoOtherDevice):
        swap(old, "q7-pro")  # the same device
    with pytest.raises(endings.QuoteChanged):
        swap(old, months=6, shown=swaps.quote(old, ON.date(), 12).code)
    with pytest.raises(SwapOverdue):
        swaps.require(old, date(2026, 4, 1))  # bill 3 of 31 March
    assert (Order.objects.count(), Ending.objects.count()) == (1, 0)
    new = swap(old)
    with pytest.raises(endings.EndingOpen):
        swap(old, "pad-11")
    received(new, ON)
    with pytest.raises(FormerNotSettled):
        swaps.require(walks.read(new), ON.date() + 3 * DAY)
