"""Whether a device was ever switched on: a fact that a merchant reports, and that risk rules alone judge."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from orders.models import Order, State
from orders.services import activations, risks, rule_trials, steps
from tests import make, walks
from tests import risks as rules

pytestmark = pytest.mark.django_db
AT = make.AT
WEEK, DAY = timedelta(days=7), timedelta(days=1)


@pytest.fixture
def lease() -> Order:
    return make.order(State.ACTIVE, at=AT)


def tell(lease: Order, after: timedelta, *, activated: bool) -> None:
    assert lease.received_at is not None
    activations.report(lease.pk, "MERCHANT", "merchant:1", lease.received_at + after, activated=activated)


def test_the_last_word_after_the_days_counts_and_an_earlier_one_says_nothing(lease: Order) -> None:
    received = lease.received_at
    assert received is not None

    def count(at_days: int) -> int:
        return activations.never_activated(lease.customer_id, received + at_days * DAY, WEEK)

    tell(lease, WEEK - DAY, activated=False)
    assert count(20) == 0
    tell(lease, WEEK, activated=False)
    assert (count(6), count(7), count(20)) == (0, 1, 1)
    tell(lease, WEEK + DAY, activated=True)
    assert (count(7), count(8)) == (1, 0)
    with pytest.raises(activations.AlreadyActivated):
        tell(lease, WEEK + 2 * DAY, activated=False)


def test_a_device_that_came_back_is_no_silent_one_and_nothing_is_said_of_one_that_is_not_leased(lease: Order) -> None:
    tell(lease, WEEK, activated=False)
    received = lease.received_at
    assert received is not None
    Order.objects.filter(pk=lease.pk).update(closed_at=received + 10 * DAY)
    counts = [activations.never_activated(lease.customer_id, received + days * DAY, WEEK) for days in (9, 10)]
    assert counts == [1, 0]
    paid = make.order(State.PAID)
    with pytest.raises(steps.StepNotPossible):
        activations.report(paid.pk, "MAKER", "merchant:1", AT, activated=False)


def test_the_next_order_of_who_uses_nothing_waits_for_a_person_who_reads_why(lease: Order) -> None:
    rule = rules.in_force("NEVER_ACTIVATED", 1, 7)
    tell(lease, WEEK, activated=False)
    at = AT + timedelta(days=30)
    held = make.order(State.PLACED, of=lease.customer, slug="mini-4", months=3, at=at)
    make.drain(at)
    assert (walks.read(held).state, risks.is_held(held), walks.read(lease).state) == ("PLACED", True, "ACTIVE")
    told = risks.explain(held.risk_hits.get())
    assert "1" in told
    assert "7" in told
    asked = rule_trials.request(rule, "operator:1", at + DAY)
    rule_trials.run(asked.pk, at + DAY)
    assert list(asked.orders.exclude(new_action="").values_list("order", flat=True)) == [held.pk]


@pytest.mark.parametrize(
    "sql", ["UPDATE orders_activationreport SET activated = true", "DELETE FROM orders_activationreport"]
)
def test_a_report_stays_as_it_was_given(lease: Order, sql: str) -> None:
    tell(lease, WEEK, activated=False)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
