"""Buying the device: the offer, its price, its payment, its end at midnight (domain.md §8)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Bill, Deposit, Lease, Payment, Refund
from billing.services import deductions, statements
from billing.services import payments as core_payments
from billing.services.payments import AttemptOpen
from catalog.models import DeviceUnit
from core import calendar
from credit.models import Hold
from orders.models import Ending, Order, State
from orders.services import buyouts, endings, payments, returns, steps, waits
from sandbox import visitors
from tests import make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
# 5,999.00; 12 × 309.00; total 1.05 × 5,999 = 6,298.95, premium 299.95
ON = calendar.instant(date(2026, 3, 3), 12)  # bills of 31 Jan and 28 Feb are due: k = 2
PRICE = Decimal("5430.99")  # 5,999 + 299.95 × 2 / 12 − 2 × 309 = 5,999 + 49.991… − 618 = 5,430.991…


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A phone on lease that may be bought, bill 1 paid."""
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT).pk


@pytest.fixture(autouse=True)
def _quick_title_papers() -> Iterator[None]:
    with quick_paper():
        yield


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def pay(order: Order, at: Any) -> Payment:
    """Just what the offer asks, on the sandbox's page."""
    with make.moment(at):
        payment = payments.pay_offer(order, at)
        visitors.pay(payments.page(payment, "http://testserver/"), make.phone_of(order.customer, at))
    make.deliver_notices(at)
    return payment


def test_the_offer_is_paid_like_a_bill_and_title_passes_with_it(order: Order) -> None:
    make.pay_bill(order, 2, ON - timedelta(days=2))
    shown = buyouts.quote(order, ON.date())
    assert (shown.period, shown.payoff.price, shown.payoff.to_pay) == (2, PRICE, PRICE)
    ending = buyouts.open(order.pk, me(order), ON, shown.code)
    assert ending.bill is not None
    assert (ending.bill.kind, ending.bill.rent, ending.quoted) == (Bill.Kind.BUYOUT, PRICE, shown)
    payment = pay(order, ON + timedelta(hours=1))
    assert payment.amount == PRICE  # what was shown is what is charged
    order = walks.read(order)
    assert (order.state, order.reason) == (State.COMPLETED, "bought")
    assert Ending.objects.get(pk=ending.pk).state == Ending.State.DONE
    states = Bill.objects.filter(lease=order.lease, kind="RENT").order_by("number").values_list("state", flat=True)
    assert list(states) == ["PAID"] * 2 + ["VOID"] * 10
    assert order.lease.state == Lease.State.CLOSED
    assert Hold.objects.get(order_number=order.number).state == Hold.State.RELEASED
    assert Deposit.objects.get(lease=order.lease).state == Deposit.State.RELEASED
    assert DeviceUnit.objects.get(orders=order).retired_at is not None
    assert walks.told(order, "title_passed") == 1
    assert walks.broken() == {}


def test_arrears_are_paid_with_it_and_what_was_paid_ahead_counts(order: Order) -> None:
    """Bill 2 is open and late, bill 3 paid ahead: price + 309.00 + fee − 309.00."""
    at = calendar.instant(date(2026, 3, 8), 12)
    make.pay_bill(order, 3, ON)
    shown = buyouts.quote(order, at.date())
    # open since 28 Feb, free until 3 Mar; charged 4 … 7 Mar, paid on the 8th: 4 × 309.00 × 0.0003 = 0.37
    assert (shown.payoff.owed, shown.payoff.fees, shown.payoff.prepaid) == (
        Decimal("309.00"),
        Decimal("0.37"),
        Decimal("309.00"),
    )
    buyouts.open(order.pk, me(order), at, shown.code)
    payment = pay(order, at + timedelta(minutes=5))
    assert payment.amount == shown.payoff.to_pay == PRICE + Decimal("0.37")
    order = walks.read(order)
    assert (order.state, order.reason) == (State.COMPLETED, "bought")
    rents = Bill.objects.filter(lease=order.lease, state=Bill.State.PAID)
    assert sum(bill.paid for bill in rents) == PRICE + 2 * Decimal("309.00") + Decimal("0.37")
    assert not Refund.objects.filter(payment__customer=order.customer, lease=None, deposit=None).exists()
    assert statements.credit_balance(order.customer) == 0
    assert walks.broken() == {}


def test_unpaid_at_midnight_it_lapses_and_nothing_has_changed(order: Order) -> None:
    make.pay_bill(order, 2, ON - timedelta(days=2))
    before = [(bill.number, bill.state) for bill in order.lease.bills.all()]
    ending = buyouts.open(order.pk, me(order), ON)
    assert Lease.objects.get(pk=order.lease_id).paused_from == ON.date()
    assert ending.valid_until is not None
    with walks.nothing_changes():
        waits.end_due(ending.valid_until - timedelta(seconds=1))
    waits.end_due(ending.valid_until)
    order = walks.read(order)
    assert (order.state, order.lease.paused_from) == (State.ACTIVE, None)
    assert Ending.objects.get(pk=ending.pk).state == Ending.State.LAPSED
    assert [(bill.number, bill.state) for bill in order.lease.bills.filter(kind="RENT")] == before
    assert walks.told(order, "buyout_lapsed") == 1
    assert walks.broken() == {}
    again = buyouts.open(order.pk, me(order), ON + timedelta(days=2))
    assert again.bill is not None
    assert again.bill.number == 902


def test_an_offer_that_is_being_paid_waits_for_the_outcome(order: Order) -> None:
    make.pay_bill(order, 2, ON - timedelta(days=2))
    late = calendar.instant(ON.date(), 23, 58)
    ending = buyouts.open(order.pk, me(order), late)
    with make.moment(late):
        payment = payments.pay_offer(order, late)
        visitors.pay(payments.page(payment, "http://testserver/"), make.phone_of(order.customer, late))
    assert ending.valid_until == payment.expires_at
    after = late + timedelta(minutes=5)
    waits.end_due(after)
    assert Ending.objects.get(pk=ending.pk).state == Ending.State.OPEN
    with pytest.raises(buyouts.BeingPaid):
        buyouts.withdraw(order.pk, me(order), after)
    make.deliver_notices(after)
    assert walks.read(order).state == State.COMPLETED
    assert walks.broken() == {}


def test_money_that_comes_after_the_lapse_goes_back_by_itself(order: Order) -> None:
    """The attempt was closed here before the provider's success was told."""
    make.pay_bill(order, 2, ON - timedelta(days=2))
    ending = buyouts.open(order.pk, me(order), ON)
    with make.moment(ON):
        payment = payments.pay_offer(order, ON)
        visitors.pay(payments.page(payment, "http://testserver/"), make.phone_of(order.customer, ON))
    endings.drop(buyouts.offer_of(order) or ending, "lapse", "platform", ON + timedelta(days=1))
    make.deliver_notices(ON + timedelta(days=1))
    back = Refund.objects.get(payment=payment)
    assert (back.amount, back.reason) == (PRICE, "late_payment")
    assert walks.read(order).state == State.ACTIVE
    assert walks.broken() == {}


def test_credit_is_used_at_once_and_is_there_again_after_a_lapse(order: Order) -> None:
    bill = order.lease.bills.get(number=2)
    payment = core_payments.open(
        order.customer, [bill.pk], "alipay", at=ON, expires_at=ON, amount=bill.rent + bill.cover + 100
    )
    from tests import things

    payments.receive("alipay", things.success(payment, ON), ON)
    assert statements.credit_balance(order.customer) == 100
    shown = buyouts.quote(order, ON.date())
    ending = buyouts.open(order.pk, me(order), ON, shown.code)
    assert buyouts.remaining(order, ending) == shown.payoff.to_pay == PRICE - 100
    assert statements.credit_balance(order.customer) == 0
    buyouts.withdraw(order.pk, me(order), ON)
    assert statements.credit_balance(order.customer) == 100
    assert Ending.objects.get(pk=ending.pk).state == Ending.State.WITHDRAWN
    assert walks.broken() == {}


def test_one_way_out_at_a_time_at_the_figures_that_were_shown(order: Order) -> None:
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        buyouts.open(order.pk, me(order), ON, "2026-03-02/2/0/1.00/0.00/0.00/0.00/0.00")
    buyouts.open(order.pk, me(order), ON)
    with walks.nothing_changes(), pytest.raises(endings.EndingOpen):
        buyouts.open(order.pk, me(order), ON)
    with walks.nothing_changes(), pytest.raises(endings.EndingOpen):
        returns.open_return(order.pk, me(order), calendar.instant(date(2027, 1, 20)))


def test_it_waits_while_a_payment_of_its_bills_is_under_way(order: Order) -> None:
    with make.moment(ON):
        payments.pay_bills(order, [order.lease.bills.get(number=2).pk], ON)
    with walks.nothing_changes(), pytest.raises(AttemptOpen):
        buyouts.open(order.pk, me(order), ON)


def test_naming_the_offers_bill_pays_the_offer_and_no_more(order: Order) -> None:
    make.pay_bill(order, 3, ON)
    ending = buyouts.open(order.pk, me(order), ON)
    assert ending.bill is not None
    with make.moment(ON):
        payment = payments.pay_bills(order, [ending.bill.pk], ON)
    assert payment.amount == buyouts.remaining(order, ending)


def test_what_has_no_right_to_buy_is_not_for_sale() -> None:
    drone = make.order(State.ACTIVE, of=make.customer(812, at=AT), slug="mini-4", months=3, at=AT)
    with walks.nothing_changes(), pytest.raises(buyouts.NotForSale):
        buyouts.open(drone.pk, me(drone), ON)
    paid = make.order(State.PAID, of=drone.customer, slug="mini-4", months=3, at=AT)
    with pytest.raises(steps.StepNotPossible):
        buyouts.open(paid.pk, me(paid), ON)


def test_a_bill_that_would_fall_away_is_not_deducted_meanwhile(order: Order) -> None:
    on = date(2026, 3, 3)
    buyouts.open(order.pk, me(order), ON)
    later = order.lease.bills.filter(due_date__gt=on, kind="RENT")
    assert not Bill.objects.filter(deductions._is_covered(), pk__in=later).exists()


def test_the_last_rent_of_a_lease_that_ends_in_owning_passes_title() -> None:
    owned = make.order(State.ACTIVE, of=make.customer(812, at=AT), slug=_to_own(), months=12, at=AT)
    for number in range(2, 13):
        make.pay_bill(owned, number, AT + timedelta(days=1, minutes=number))
    order = walks.read(owned)
    assert (order.state, order.reason) == (State.COMPLETED, "bought")
    ending = order.endings.get()
    assert (ending.kind, ending.state) == (Ending.Kind.BUYOUT, Ending.State.DONE)
    # all paid in the first month is bought at the first month's price: what is paid above it goes back
    figures = ending.quoted.payoff
    assert figures.prepaid == 11 * owned.lease.bills.get(number=1).rent
    back = Refund.objects.filter(payment__customer=owned.customer, deposit=None)
    assert sum(refund.amount for refund in back) == figures.given_back == figures.prepaid - figures.price > 0
    assert walks.broken() == {}


def _to_own() -> str:
    from rental.demo import cast

    return next(role.slug for role in cast.MODELS if role.lease_model == "RENT_TO_OWN")
