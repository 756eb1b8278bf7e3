"""What the clock's page says about the days to come, before they come."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core import calendar
from core.money import ZERO
from desk import ahead
from orders.models import State
from tests import make

pytestmark = pytest.mark.django_db


def test_the_days_to_come_are_counted_before_they_come() -> None:
    order = make.order(State.ACTIVE)
    second = order.lease.bills.get(number=2)
    assert second.due_date is not None
    start = calendar.instant(second.due_date - timedelta(days=1), 12)
    rents, reminders, fees, waits, deposits = ahead.between(start, start + timedelta(days=1))
    # tomorrow is the due day of bill 2: one rent, its reminder of the day itself, nothing past its grace yet
    assert (rents.count, rents.amount) == (1, second.rent)
    assert (reminders.count, fees.count, waits.count, deposits.count, deposits.amount) == (1, 0, 0, 0, ZERO)
    # until the fourth day after it: also T+1 and T+3; the days of grace end on the third, so a fee begins on the fourth
    _, reminders, fees, _, _ = ahead.between(start, start + timedelta(days=4))
    assert (reminders.count, fees.count) == (3, 0)
    _, reminders, fees, _, _ = ahead.between(start, start + timedelta(days=5))
    assert (reminders.count, fees.count) == (3, 1)


def test_a_wait_within_the_days_is_foreseen() -> None:
    order = make.order(State.APPROVED)
    assert order.waits_until is not None
    *_, waits, _ = ahead.between(make.AT, order.waits_until)
    assert waits.count == 1
    *_, waits, _ = ahead.between(make.AT, order.waits_until - timedelta(seconds=1))
    assert waits.count == 0


def test_the_page_says_both_wishes_and_what_they_bring() -> None:
    client = Client()
    with make.moment(make.AT):
        client.force_login(make.operator())
        wishes = client.get(reverse("desk:clock")).context["wishes"]
    assert [wish["by"] for wish in wishes] == ["day", "month"]
    assert all(len(wish["coming"]) == 5 for wish in wishes)
