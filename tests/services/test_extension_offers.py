"""An extension plan is offered, signed or refused, and ends by itself (domain.md §9)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arrears.models import CollectionCase
from arrears.services import cases, hardship
from billing.models import ExtensionPlan
from billing.rules.extension import Terms
from billing.services import extensions as plans
from billing.services import payments, statements
from contracts.models import Agreement
from contracts.services import agreements
from core import calendar
from core.invariants import all_invariants, violations
from notices.models import Message
from orders.models import ExtensionOffer, Order, State
from orders.services import extensions, waits
from sandbox.services import sms
from tests import make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 3, 2), 10)
ON = date(2026, 5, 20)
NOW = calendar.instant(ON, 12)
ME = "operator:1"
POINTS = ["SUM", "PARTS", "BROKEN", "SIGNATURE"]


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=6, at=AT).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def terms(order: Order, parts: int = 3, first: date = ON + timedelta(days=12)) -> Terms:
    return Terms(tuple(plans.choosable(order.lease_id, ON).values_list("number", flat=True)), parts, first)


def offered(order: Order) -> ExtensionOffer:
    with quick_paper():
        made = extensions.offer(order.pk, terms(order), ME, NOW)
        make.drain(NOW)
    return ExtensionOffer.objects.select_related("paper").get(pk=made.pk)


def sign(order: Order, at: Any = NOW) -> None:
    with make.moment(at), quick_paper():
        extensions.request_code(order, at)
        make.drain(at)
        code = sms.latest(make.phone_of(order.customer, at)).params["code"]
        extensions.intend(order.pk, POINTS, code, {"address": "127.0.0.1"}, at)
        make.drain(at)


def owed(order: Order, on: date) -> Decimal:
    due = [view for view in statements.statement(order.lease, on) if view.bill.due_date and view.bill.due_date <= on]
    return sum((view.owed_now for view in due), Decimal(0))


def broken_rules() -> list[str]:
    return [one.number for one in all_invariants() if violations(one)]


def test_signed_it_begins_counted_from_the_day_of_the_offer(order: Order) -> None:
    cases.open_due(ON, NOW)
    asked = hardship.ask(order.lease_id, "-", None, "customer:1", NOW)
    before = owed(order, ON)
    made = offered(order)
    asked = type(asked).objects.get(pk=asked.pk)
    assert (asked.state, made.total, made.paper.state) == ("ANSWERED", before, "READY")
    with pytest.raises(extensions.OfferOpen):
        extensions.offer(order.pk, terms(order), ME, NOW)
    with pytest.raises(agreements.NotAllConfirmed):
        extensions.intend(order.pk, POINTS[:3], "000000", {}, NOW)
    sign(order, NOW + timedelta(days=2))
    plan = ExtensionPlan.objects.get()
    assert (plan.owed, plan.started_on) == (before, ON)  # two days to think cost nothing
    made = ExtensionOffer.objects.select_related("paper").get()
    assert (made.state, made.paper.state, made.plan) == ("SIGNED", "SIGNED", plan)
    told = Message.objects.filter(user=order.customer.user, template__startswith="extension").order_by("id")
    assert [row.template for row in told if row.channel == told[0].channel] == ["extension_ready", "extension_begun"]
    notes = CollectionCase.objects.get().notes.filter(kind="EXTENSION")
    assert notes.count() == 2
    assert broken_rules() == []


def test_refused_withdrawn_or_left_alone_the_bills_stand_as_before(order: Order) -> None:
    before = owed(order, ON)
    for end in (
        lambda: extensions.refuse(order.pk, "customer:1", NOW),
        lambda: extensions.withdraw(order.pk, ME, NOW),
        lambda: waits.end_due(NOW + extensions.SIGN_WITHIN),
    ):
        offered(order)
        end()
        assert owed(order, ON) == before
        with pytest.raises(extensions.NoOffer):
            extensions.request_code(order, NOW)
    states = ExtensionOffer.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["REFUSED", "WITHDRAWN", "LAPSED"]
    assert set(Agreement.objects.filter(kind="EXTENSION").values_list("state", flat=True)) == {"VOID"}
    assert not ExtensionPlan.objects.exists()


def test_what_is_paid_meanwhile_ends_the_offer(order: Order) -> None:
    offered(order)
    make.pay_bill(order, 2, NOW)
    with pytest.raises(plans.FiguresChanged):
        extensions.intend(order.pk, POINTS, "000000", {}, NOW)


def test_a_bill_that_is_being_paid_is_not_signed_away(order: Order) -> None:
    offered(order)
    bill = order.lease.bills.get(number=3)
    payments.open(order.customer, [bill.pk], "alipay", at=NOW, expires_at=NOW + timedelta(minutes=30))
    with pytest.raises(payments.AttemptOpen):
        extensions.intend(order.pk, POINTS, "000000", {}, NOW)


def test_the_first_part_leaves_time_to_think(order: Order) -> None:
    with pytest.raises(extensions.FirstPartTooSoon):
        extensions.offer(order.pk, terms(order, first=ON + timedelta(days=2)), ME, NOW)
    assert not ExtensionOffer.objects.exists()


def test_a_killed_worker_begins_it_once(order: Order) -> None:
    offered(order)
    sign(order)
    paper = Agreement.objects.get(kind="EXTENSION")
    for _ in range(2):
        extensions.complete(paper.pk, NOW)
    assert ExtensionPlan.objects.count() == 1
