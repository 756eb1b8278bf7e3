"""A device that was lost and paid for and is found within ninety days: paid back once, less day rent (domain.md §8)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import Bill, Refund
from billing.services import partial_refunds
from core import calendar
from orders import actions
from orders.models import Order, Parcel, Retrieval, State
from orders.services import endings, losses, retrievals, waits
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
DAY = timedelta(days=1)
LOST_AT = calendar.instant(date(2026, 3, 10), 12)  # in the second period, 28 Feb to 30 Mar
FOUND_AT = calendar.instant(date(2026, 4, 2), 12)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """Lost in March, its value paid on the next day: completed."""
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="mini-4", months=3, at=AT)
        make.pay_bill(order, 2, LOST_AT - 10 * DAY)
        losses.report(order.pk, me(order), losses.LOST, "地铁上", "", LOST_AT)
        make.pay_bill(order, order.lease.bills.get(kind=Bill.Kind.LOSS).number, LOST_AT + DAY)
        make.drain(LOST_AT + 2 * DAY)
        order = walks.read(order)
        assert (order.state, order.reason) == (State.COMPLETED, "lost")
        assert walks.broken() == {}
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def me(order: Order) -> str:
    return f"customer:{order.customer_id}"


def names(face: str, order: Order, at: datetime) -> set[str]:
    return {one.name for one in actions.offered(face, walks.read(order), at)}


def loss(order: Order) -> Bill:
    return order.lease.bills.get(kind=Bill.Kind.LOSS)


def refunds(order: Order) -> Decimal:
    return sum((one.amount for one in Refund.objects.filter(lease=order.lease, reduces=True)), Decimal("0.00"))


def test_sent_back_it_is_paid_back_less_the_days_after_the_last_rent_and_rented_out_again(order: Order) -> None:
    paid = loss(order).rent
    assert order.unit is not None
    assert order.unit.retired_at is not None
    shown = retrievals.quote(order, FOUND_AT.date())
    # period 2 is paid to 30 Mar: the days 31 Mar, 1 and 2 Apr cost rent × 12 / 365 each, summed exactly
    rent = Decimal(order.lease.terms["monthly_rent"])
    assert (shown.days, shown.payoff.price) == (3, (rent * 12 * 3 / 365).quantize(Decimal("0.01")))
    with walks.nothing_changes(), pytest.raises(endings.QuoteChanged):
        retrievals.open(order.pk, me(order), FOUND_AT, "other")
    retrievals.open(order.pk, me(order), FOUND_AT, shown.code)
    with walks.nothing_changes(), pytest.raises(retrievals.NothingToGiveBack):
        retrievals.open(order.pk, me(order), FOUND_AT)
    assert refunds(order) == 0
    retrievals.hand_over(order.pk, me(order), "sf", make.waybill(), FOUND_AT)
    make.scan(walks.read(order), FOUND_AT + DAY)
    found = retrievals.arrive(order.pk, "merchant:1", FOUND_AT + 4 * DAY)
    four = (rent * 12 * 4 / 365).quantize(Decimal("0.01"))
    assert (found.day_rent, found.refunded) == (four, paid - four)
    with walks.nothing_changes(), pytest.raises(retrievals.NotUnderWay):
        retrievals.arrive(order.pk, "merchant:1", FOUND_AT + 4 * DAY)
    make.drain(FOUND_AT + 4 * DAY)
    assert refunds(order) == paid - four
    order = walks.read(order)
    assert order.state == State.COMPLETED
    assert order.unit is not None
    assert order.unit.retired_at is None
    assert walks.told(order, "found_returned") == 1
    assert names(actions.CUSTOMER, order, FOUND_AT + 5 * DAY) & {"found-late", "send-found"} == set()
    assert walks.broken() == {}


def test_who_does_not_send_it_keeps_it_and_may_say_so_once_more_within_ninety_days(order: Order) -> None:
    retrievals.open(order.pk, "operator:1", FOUND_AT)
    waits.end_due(FOUND_AT + 7 * DAY)
    assert order.retrievals.get().state == Retrieval.State.LAPSED
    assert (refunds(order), walks.told(order, "found_lapsed")) == (Decimal(0), 1)
    paid_at = loss(order).paid_at
    assert paid_at is not None
    last = paid_at + 90 * DAY
    assert "found-late" in names(actions.CUSTOMER, order, last)
    with walks.nothing_changes(), pytest.raises(retrievals.NothingToGiveBack):
        retrievals.open(order.pk, me(order), last + DAY)
    assert walks.broken() == {}


@pytest.mark.parametrize("scanned", [False, True])
def test_a_waybill_alone_pays_nothing_back_and_a_parcel_that_a_carrier_lost_does(order: Order, scanned: bool) -> None:
    retrievals.open(order.pk, me(order), FOUND_AT)
    retrievals.hand_over(order.pk, me(order), "sf", make.waybill(), FOUND_AT)
    if scanned:
        make.scan(walks.read(order), FOUND_AT)
    with walks.nothing_changes():
        waits.end_due(FOUND_AT + 15 * DAY - timedelta(seconds=1))
    waits.end_due(FOUND_AT + 15 * DAY)
    waits.end_due(FOUND_AT + 16 * DAY)
    found = order.retrievals.get()
    assert found.state == (Retrieval.State.DONE if scanned else Retrieval.State.LAPSED)
    assert (refunds(order) > 0) is scanned
    assert (order.parcels.get(way=Parcel.Way.BACK).void_at is None) is scanned
    order = walks.read(order)
    assert order.unit is not None
    assert order.unit.retired_at is not None  # nobody has it
    make.drain(FOUND_AT + 16 * DAY)
    assert walks.broken() == {}


def test_an_operator_refuses_what_is_not_this_device_and_says_why(order: Order) -> None:
    retrievals.open(order.pk, me(order), FOUND_AT)
    retrievals.refuse(order.pk, "operator:1", "箱子是空的", FOUND_AT + DAY)
    assert (refunds(order), walks.told(order, "found_refused")) == (Decimal(0), 1)
    with pytest.raises(retrievals.NotUnderWay):
        retrievals.refuse(order.pk, "operator:1", "箱子是空的", FOUND_AT + DAY)
    assert walks.broken() == {}


@pytest.mark.parametrize("outcome", ["returned", "bought", "lost_inbound"])
def test_only_what_never_came_back_and_was_paid_for_is_paid_back(order: Order, outcome: str) -> None:
    assert retrievals.is_possible(order, FOUND_AT.date())
    order.reason = outcome
    assert not retrievals.is_possible(order, FOUND_AT.date())


def test_the_pages_say_what_goes_back_and_nobody_else_gets_in(order: Order) -> None:
    client, stranger, merchant, other = Client(), Client(), Client(), Client()
    client.force_login(order.customer.user)
    stranger.force_login(make.signed_up(at=AT).user)
    merchant.force_login(make.merchant_member("qinghe"))
    other.force_login(make.merchant_member("shiguang"))
    page, portal = f"/orders/{order.number}/found-late/", f"/portal/orders/{order.number}/found-arrived/"
    code = retrievals.quote(order, FOUND_AT.date()).code
    with make.moment(FOUND_AT):
        client.post("/language/", {"language": "en", "next": "/"})
        for outsider in (stranger, Client()):
            assert outsider.get(page).status_code in (302, 404)
            assert outsider.post(page, {"shown": code}).status_code in (302, 404)
        assert page in client.get(f"/leases/{order.number}/").content.decode()
        text = client.get(page).content.decode()
        assert code in text
        assert f"{retrievals.back(order, FOUND_AT.date()).amount:,}" in text
        assert client.post(page, {"shown": code}).status_code == 303
        lease = client.get(f"/leases/{order.number}/").content.decode()
        assert "Hand the found device over by" in lease
        assert f"/orders/{order.number}/send-found/" in lease
        for one in (merchant, other):
            make.gave_second_factor(one)
        assert other.post(portal).status_code == 404
        assert order.retrievals.get().state == Retrieval.State.OPEN
        assert merchant.post(portal).status_code == 303
        assert order.retrievals.get().state == Retrieval.State.DONE
        assert "The found device is back" in client.get(f"/leases/{order.number}/").content.decode()


def test_what_an_operator_gave_back_before_is_not_given_back_again(order: Order) -> None:
    payment = loss(order).allocations.get().payment
    before = payment.amount - payment.refunded
    partial_refunds.give(
        partial_refunds.Wish(payment.number, order.lease.number, Decimal("10.00"), "好意"), "operator:1", FOUND_AT
    )
    retrievals.open(order.pk, me(order), FOUND_AT)
    found = retrievals.arrive(order.pk, "merchant:1", FOUND_AT)
    assert found.refunded is not None
    assert found.refunded + (found.day_rent or 0) == before - 10
    payment = loss(order).allocations.get().payment
    assert payment.refunded <= payment.amount
    assert walks.broken() == {}
