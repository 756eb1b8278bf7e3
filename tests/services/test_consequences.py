"""What a press will move, in amounts, before it: every step that moves money says how much, by the services' quotes."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import Bill
from core import calendar
from core.templatetags.xinzu import yuan
from orders import actions, consequences
from orders.actions import CUSTOMER, MERCHANT, OPERATOR
from orders.models import Order, State
from orders.services import day_rents, losses, retrievals, settlements
from storefront.pages import ways_out
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
DAY = timedelta(days=1)
LOST_AT = calendar.instant(date(2026, 3, 10), 12)
FOUND_AT = calendar.instant(date(2026, 4, 2), 12)
# of all that is run by a button: what moves no money itself
STILL = {
    CUSTOMER: {
        "confirm", "keep", "return", "do-not-buy", "do-not-swap", "refuse-extension", "do-not-renew", "hand-over",
        "withdraw", "send-found", "fault", "fault-over", "ask-a-person",
    },
    MERCHANT: {"activation", "locked", "fault-decline", "fault-arrived"},
    OPERATOR: {
        "demand", "waive", "release", "fault-decline", "estate-sent", "found-refuse", "allow", "uphold",
        "withdraw-extension",
    },
}  # fmt: skip
OF_ITS_PAGE = {"cancel"}  # storefront.pages.orders reads it off the bill and the deposit


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        order = make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="mini-4", months=3, at=AT)
        make.pay_bill(order, 2, LOST_AT - 10 * DAY)
        yield order.pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def amounts(face: str, name: str, order: Order, at: Any) -> list[Decimal]:
    action = actions.find(face, name)
    assert action is not None
    return [row.amount for row in consequences.of(action, walks.read(order), at) if row.amount is not None]


def lose(order: Order) -> None:
    losses.report(order.pk, f"customer:{order.customer_id}", losses.LOST, "in the underground", "", LOST_AT)


def test_every_step_that_moves_money_has_its_amounts() -> None:
    for action in actions.ACTIONS:
        if action.run is None or action.name in STILL[action.face]:
            continue
        is_told = (action.face, action.name) in consequences.FORESEEN
        if action.face == CUSTOMER:
            is_told = is_told or action.name in ways_out.FIGURES or action.name in OF_ITS_PAGE
        assert is_told, (action.face, action.name)


def test_a_loss_costs_what_the_press_says(order: Order) -> None:
    told = amounts(OPERATOR, "lost", order, LOST_AT)
    quote = losses.quote(order, LOST_AT.date()).payoff
    assert told == [quote.price, quote.owed + quote.fees, quote.to_pay]
    lose(order)
    assert order.lease.bills.get(kind=Bill.Kind.LOSS).rent == told[0]


def test_found_again_the_value_falls_and_a_day_costs_what_was_said(order: Order) -> None:
    lose(order)
    value = order.lease.bills.get(kind=Bill.Kind.LOSS).rent
    told = amounts(MERCHANT, "found", order, LOST_AT + DAY)
    assert told == amounts(OPERATOR, "found", order, LOST_AT + DAY) == amounts(CUSTOMER, "found", order, LOST_AT + DAY)
    client = Client()
    client.force_login(order.customer.user)
    with make.moment(LOST_AT + DAY):
        page = client.get(f"/orders/{order.number}/found/").content.decode()
    assert yuan(told[1]).removeprefix("¥") in page
    losses.find(order.pk, "merchant:1", LOST_AT + DAY)
    kept = day_rents.agreed(walks.read(order))
    assert kept is not None
    assert told == [value, kept.a_day, kept.cap]


def test_the_press_that_gives_back_says_how_much(order: Order) -> None:
    lose(order)
    make.pay_bill(order, order.lease.bills.get(kind=Bill.Kind.LOSS).number, LOST_AT + DAY)
    make.drain(LOST_AT + 2 * DAY)
    late = amounts(OPERATOR, "found-late", order, FOUND_AT)
    assert late[0] == retrievals.quote(walks.read(order), FOUND_AT.date()).payoff.given_back
    retrievals.open(order.pk, f"customer:{order.customer_id}", FOUND_AT)
    retrievals.hand_over(order.pk, f"customer:{order.customer_id}", "sf", make.waybill(), FOUND_AT)
    make.scan(walks.read(order), FOUND_AT + DAY)
    told = amounts(MERCHANT, "found-arrived", order, FOUND_AT + 4 * DAY)
    done = retrievals.arrive(order.pk, "merchant:1", FOUND_AT + 4 * DAY)
    assert done.refunded is not None
    assert done.day_rent is not None
    assert told == [done.refunded, done.refunded + done.day_rent, done.day_rent]


def test_money_received_and_a_reduction_say_what_is_open(order: Order) -> None:
    at = calendar.instant(date(2026, 4, 10), 12)
    owed = settlements.owed(order, at.date())
    assert amounts(OPERATOR, "received", order, at)[0] == owed > 0
    rent, fee, _alone = amounts(OPERATOR, "reduce", order, at)
    assert rent + fee == owed
