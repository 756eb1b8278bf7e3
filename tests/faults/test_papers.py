"""A renewal against everything else at the same moment, and a worker that dies over a title paper."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from contracts.models import Agreement, Document
from contracts.services import agreements
from core import calendar
from core.errors import DomainError
from core.faults import KILLED
from orders.models import Ending, Order, State
from orders.services import addenda, buyouts, payments, renewals, returns, steps
from sandbox import keys, visitors
from tests import make, walks
from tests.faults import together
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order() -> Order:
    """A phone in the last weeks of its six months, all paid."""
    found = make.order(State.ACTIVE, of=make.customer(726), slug="q7-pro", months=6)
    for number in range(2, 7):
        make.pay_bill(found, number, calendar.instant(calendar.add_months(make.AT.date(), 5), 12))
    return walks.read(found)


def before_the_end(order: Order, days: int) -> datetime:
    assert order.lease.last_day is not None
    return calendar.instant(order.lease.last_day - timedelta(days=days), 12)


def ways(order: Order) -> dict[str, Callable[[], Any]]:
    me = f"customer:{order.customer_id}"
    at = before_the_end(order, 10)
    return {
        "renew": lambda: renewals.open(order.pk, 3, me, at),
        "renew again": lambda: renewals.open(order.pk, 1, me, at),
        "return": lambda: returns.open_return(order.pk, me, at),
        "buy": lambda: buyouts.open(order.pk, me, at),
    }


@pytest.mark.parametrize("rivals", [("renew", "renew again"), ("renew", "return", "buy")], ids=str)
def test_of_ways_that_are_taken_at_once_one_is_open(order: Order, rivals: tuple[str, ...]) -> None:
    acts = ways(order)
    answers = together.at_once([acts[name] for name in rivals])
    assert sum(isinstance(answer, DomainError) for answer in answers) == len(rivals) - 1, answers
    assert Ending.objects.filter(order=order, state=Ending.State.OPEN).count() == 1
    assert Agreement.objects.filter(kind=Agreement.Kind.RENEWAL).count() <= 1
    assert walks.broken() == {}


def test_without_the_lock_two_ways_meet_at_the_index(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: nobody waits for the order's row, both see no other way, and the database refuses the second."""
    monkeypatch.setattr(steps, "lock", lambda order_id: Order.objects.get(pk=order_id))
    monkeypatch.setattr(addenda, "draft_renewal", together.meeting(2, addenda.draft_renewal))
    acts = ways(order)
    with pytest.raises(Exception, match=r"orders_ending_one_open|contracts_agreement_number"):
        together.at_once([acts["renew"], acts["renew again"]])


def test_a_renewal_begins_once_however_many_clocks_turn_it(order: Order) -> None:
    ending = ways(order)["renew"]()
    at = ending.opened_at
    with quick_paper():
        agreements.present(ending.paper_id, at)
    with transaction.atomic():
        agreements.intend(ending.paper_id, ["TERM"], {}, at)
        agreements.seal(ending.paper_id, b"%PDF- signed", at)
    first = before_the_end(order, -1)
    Ending.objects.filter(pk=ending.pk).update(valid_until=first)
    answers = together.at_once([lambda: renewals.turn(order.pk, first)] * 3)
    assert sorted(answers) == [False, False, True]
    assert order.lease.bills.filter(kind="RENT").count() == 9
    assert walks.broken() == {}


def test_a_worker_that_dies_over_a_title_paper_makes_it_once(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.make_all()
    at = before_the_end(order, 10)
    monkeypatch.setattr("orders.tasks.make_paper", lambda message_id, payload: None)
    buyouts.open(order.pk, f"customer:{order.customer_id}", at)
    with make.moment(at):
        payment = payments.pay_offer(order, at)
        visitors.pay(payments.page(payment, "http://testserver/"), make.phone_of(order.customer, at))
    make.deliver_notices(at)
    paper = Agreement.objects.get(kind=Agreement.Kind.TITLE)
    assert together.child("paper", paper.pk, at, "paper.signed") == KILLED
    assert Agreement.objects.get(pk=paper.pk).state == Agreement.State.SIGNING
    with make.moment(at):  # the time-stamping authority looks at the clock
        addenda.make(paper.pk, at)
        addenda.make(paper.pk, at)
    assert Agreement.objects.get(pk=paper.pk).state == Agreement.State.SIGNED
    assert Document.objects.filter(agreement=paper, kind=Document.Kind.SIGNED).count() == 1
    assert walks.told(order, "title_paper") == 1
    assert walks.broken() == {}
